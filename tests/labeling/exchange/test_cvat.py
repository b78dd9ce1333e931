from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.labeling.conftest import add_photos
from tests.labeling.exchange.cvat_server import TOKEN, CvatTask, running_cvat
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats import masks
from visionloop.kernel.errors import Forbidden, Invalid, Unavailable
from visionloop.labeling.exchange.cvat import open_cvat
from visionloop.labeling.exchange.entities import OutgoingImage
from visionloop.labeling.exchange.errors import ExchangeFailed
from visionloop.labeling.exchange.ports import ExchangeOptions
from visionloop.labeling.exchange.rules import Direction, decide_direction

CLASSES = ("washer", "bolt", "nut", "gear")


@pytest.fixture
def task() -> CvatTask:
    return CvatTask(list(CLASSES))


@pytest.fixture
def url(task: CvatTask) -> Iterator[str]:
    with running_cvat(task) as address:
        yield address


def _body(url: str, **values: object) -> dict[str, object]:
    base = {"exchange": "cvat", "url": url, "token": TOKEN, "remote_project": "7"}
    return base | {"queue": "labeling"} | values


def test_labels_travel_both_ways_and_settle(
    application: Application, api_as: Callable[..., Client], url: str, task: CvatTask
) -> None:
    admin = api_as("admin", name="anna")
    images = sorted(add_photos(application.database, application.blobs, 3))
    admin.post("/projects/parts/labeling/tasks", json={"image_ids": images})
    nut = {"annotations": [{"category": "nut", "kind": "class"}], "expected_revision": 0}
    admin.put(f"/projects/parts/images/{images[0]}/annotations", json=nut)
    path = "/projects/parts/labeling/exchanges/sync"
    first = admin.post(path, json=_body(url))
    assert (first["num_sent"], first["num_pushed"], first["num_pulled"]) == (3, 1, 0)
    assert [frame["name"][:64] for frame in task.frames] == images
    assert [(tag["frame"], tag["label_id"]) for tag in task.tags] == [(0, 3)]
    assert admin.post(path, json=_body(url))["num_unchanged"] == 3
    task.create("tags", [{"frame": 1, "label_id": 4, "attributes": []}])
    assert admin.post(path, json=_body(url))["num_pulled"] == 1
    labels = admin.get(f"/projects/parts/images/{images[1]}/annotations")
    assert [item["category"] for item in labels["annotations"]] == ["gear"]
    bolt = {"annotations": [{"category": "bolt", "kind": "class"}], "expected_revision": 1}
    admin.put(f"/projects/parts/images/{images[0]}/annotations", json=bolt)
    task.tags[0]["label_id"] = 1
    report = admin.post(path, json=_body(url))
    assert report["conflicts"] == [images[0]]
    labels = admin.get(f"/projects/parts/images/{images[0]}/annotations")
    assert [item["category"] for item in labels["annotations"]] == ["bolt"]


def test_what_does_not_fit_is_said(api_as: Callable[..., Client], url: str) -> None:
    admin, dora = api_as("admin", name="anna"), api_as("data_scientist", name="dora")
    path = "/projects/parts/labeling/exchanges/sync"
    with pytest.raises(Forbidden):
        dora.post(path, json=_body(url))
    with pytest.raises(Invalid, match="known are cvat, label-studio"):
        admin.post(path, json=_body(url, exchange="paper"))
    with pytest.raises(Unavailable, match="Invalid token"):
        admin.post(path, json=_body(url, token="wrong"))
    with pytest.raises(Unavailable, match="no task number"):
        admin.post(path, json=_body(url, remote_project="x"))
    assert admin.get("/projects/parts/labeling/exchanges")["items"] == ["cvat", "label-studio"]


def test_every_kind_of_shape_comes_back_as_it_went(url: str, task: CvatTask) -> None:
    pixels = np.zeros((32, 32), dtype=bool)
    pixels[4:9, 6:20] = True
    pixels[6, 8:10] = False
    drafts = (
        AnnotationDraft("nut", "box", bbox=(1, 2, 10, 12)),
        AnnotationDraft("nut", "rotated_box", segmentation=[[10, 5, 15, 10, 10, 15, 5, 10]]),
        AnnotationDraft("gear", "polygon", segmentation=[[1, 1, 9, 1, 5, 8]]),
        AnnotationDraft("gear", "polyline", segmentation=[[1, 1, 9, 1, 5, 8]]),
        AnnotationDraft("bolt", "mask", segmentation=masks.encode(pixels)),
        AnnotationDraft("bolt", "keypoints", keypoints=[[3, 4, 2], [5, 6, 2]]),
        AnnotationDraft("washer", "class"),
    )
    name = "a" * 64
    task.frames.append({"name": f"{name}.png", "width": 32, "height": 32})
    exchange = open_cvat(ExchangeOptions(url, TOKEN, "7", CLASSES))
    (remote,) = exchange.list_images()
    assert (remote.image_id, remote.stamp) == (name, "")
    image = OutgoingImage(name, f"{name}.png", 32, 32, drafts, is_labeled=True)
    exchange.write_labels(remote, image)
    exchange.write_labels(remote, image)  # replaces, never doubles
    (back,) = exchange.list_images()
    exchange.close()
    found = {(d.category, d.kind): d for d in back.annotations}
    assert len(back.annotations) == len(drafts)
    for draft in drafts:
        same = found[draft.category, draft.kind]
        if draft.kind == "rotated_box":
            assert same.segmentation[0] == pytest.approx(draft.segmentation[0])  # type: ignore[index]
        else:
            assert (same.segmentation, same.keypoints) == (draft.segmentation, draft.keypoints)
        if draft.kind == "box":
            assert same.bbox == draft.bbox


def test_a_server_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(ExchangeFailed, match="cannot be used"):
        open_cvat(ExchangeOptions("http://127.0.0.1:9", "t", "7", CLASSES)).list_images()


@pytest.mark.parametrize(
    ("known", "revision", "stamp", "expected"),
    [
        (False, 0, "", Direction.NONE),
        (False, 2, "", Direction.PUSH),
        (False, 0, "s", Direction.PULL),
        (False, 2, "s", Direction.CONFLICT),
    ],
)
def test_strangers_meet(known: bool, revision: int, stamp: str, expected: Direction) -> None:
    assert not known
    found = decide_direction(None, revision=revision, is_labeled=revision > 0, stamp=stamp)
    assert found is expected
