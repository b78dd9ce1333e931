from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.data.pictures import CLASSES, encoded, picture, write_class_folders
from visionloop.admin.entities import SYSTEM, Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.imaging import decode_image
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable

ROOT = "/projects/parts"


@pytest.fixture
def photos(application: Application, tmp_path: Path) -> Path:
    """Sixteen labeled images in the project."""
    folder = write_class_folders(tmp_path / "photos", per_class=8)
    request = IngestRequest(folder=str(folder))
    ingest_folder(application.database, application.blobs, SYSTEM, "parts", request)
    return folder


def upload(client: Client, data: bytes, **form: Any) -> Any:
    return client.post(f"{ROOT}/images", files={"file": ("cam 1.jpg", io.BytesIO(data))}, data=form)


def test_datastores_are_registered_tested_and_listed(api_client: Client, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "photos")
    made = api_client.post(f"{ROOT}/datastores", json={"name": "line-1", "url": str(folder)})
    assert made["url"] == str(folder)
    check = api_client.post(f"{ROOT}/datastores/line-1/test")
    assert (check["reachable"], check["num_files_seen"]) == (True, 16)
    assert api_client.get(f"{ROOT}/datastores")["items"] == [made]
    with pytest.raises(Invalid, match="no such folder"):
        api_client.post(f"{ROOT}/datastores", json={"name": "line-2", "url": "/no/where"})
    with pytest.raises(NotFound):
        api_client.post(f"{ROOT}/datastores/line-9/test")


def test_an_ingest_is_checked_at_once_and_queued(api_client: Client, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "photos")
    for wrong in ({}, {"folder": str(folder), "datastore": "x"}, {"folder": "/no/where"}):
        with pytest.raises(Invalid):
            api_client.post(f"{ROOT}/ingests", json=wrong)
    with pytest.raises(Invalid, match="exif-session"):
        api_client.post(f"{ROOT}/ingests", json={"folder": str(folder), "group_by": "person"})
    started = api_client.post(f"{ROOT}/ingests", json={"folder": str(folder)})
    job = api_client.get(f"/jobs/{started['job_id']}")
    assert (job["kind"], job["state"]) == ("ingest", "queued")
    assert job["inputs"]["datastore"] == "photos"


def test_images_are_listed_with_their_labels(api_client: Client, photos: Path) -> None:
    page = api_client.get(f"{ROOT}/images", params={"label": "bolt", "limit": 3, "sort": "name"})
    assert (page["total"], page["limit"], len(page["items"])) == (8, 3, 3)
    first = page["items"][0]
    assert (first["name"], first["labels"]) == ("bolt/bolt_0.jpg", ["bolt"])
    assert first["annotation_status"] == "accepted"
    where = {"where": ["name~_[01]\\.jpg$", "name!~gear"]}
    assert api_client.get(f"{ROOT}/images", params=where)["total"] == 6
    with pytest.raises(Invalid, match="colour"):
        api_client.get(f"{ROOT}/images", params={"where": "colour=red"})
    detail = api_client.get(f"{ROOT}/images/{first['id']}")
    assert detail["annotations"]["annotations"][0]["category"] == "bolt"
    assert set(detail["image"]["statistics"]) >= {"luminance_mean", "aspect"}
    with pytest.raises(NotFound):
        api_client.get(f"{ROOT}/images/{'f' * 64}")


def test_files_come_with_headers_that_let_a_browser_keep_them(
    api_client: Client, test_client: TestClient, photos: Path
) -> None:
    first = api_client.get(f"{ROOT}/images", params={"sort": "name"})["items"][0]
    headers = {"Authorization": f"Bearer {api_client.token}"}
    base = f"/api/v1{ROOT}/images/{first['id']}"
    whole = test_client.get(f"{base}/content", headers=headers)
    assert whole.content == (photos / first["name"]).read_bytes()
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert whole.headers["x-content-type-options"] == "nosniff"
    again = test_client.get(
        f"{base}/content", headers=headers | {"If-None-Match": whole.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    small = test_client.get(f"{base}/thumbnail", params={"size": 64}, headers=headers)
    assert decode_image(small.content).shape == (36, 48, 3)
    assert test_client.get(f"{base}/content").status_code == 401


def test_a_lost_file_is_said_to_be_lost(api_client: Client, photos: Path) -> None:
    first = api_client.get(f"{ROOT}/images", params={"sort": "name"})["items"][0]
    (photos / first["name"]).unlink()
    with pytest.raises(Unavailable, match="the file is gone") as caught:
        api_client.get(f"{ROOT}/images/{first['id']}/content")
    assert caught.value.details["server_code"] == "image_unreadable"


def test_an_upload_is_stored_once(api_client: Client) -> None:
    data = encoded(picture(1))
    first = upload(api_client, data, origin="production", metadata='{"line": 3}')
    assert first["added"]
    assert (first["image"]["name"], first["image"]["metadata"]) == ("cam 1.jpg", {"line": 3})
    assert not upload(api_client, data)["added"]
    for wrong in ("[1]", "{", '{"a": {"b": 1}}'):
        with pytest.raises(Invalid, match="metadata"):
            upload(api_client, encoded(picture(2)), metadata=wrong)
    with pytest.raises(Invalid, match="Not a readable image"):
        upload(api_client, b"no image")


def test_annotations_are_saved_against_a_revision(api_client: Client) -> None:
    image = upload(api_client, encoded(picture(1)))["image"]
    path = f"{ROOT}/images/{image['id']}/annotations"
    body = {"annotations": [{"category": "bolt", "kind": "class"}], "expected_revision": 0}
    saved = api_client.put(path, json=body)
    assert (saved["revision"], saved["status"]) == (1, "labeled")
    assert saved == api_client.get(path)
    with pytest.raises(Conflict) as caught:
        api_client.put(path, json=body)
    assert caught.value.details["current_revision"] == 1
    body["annotations"] = [{"category": "screw", "kind": "class"}]
    with pytest.raises(Invalid, match="'washer', 'bolt'"):
        api_client.put(path, json=body | {"expected_revision": 1})


def test_annotations_of_a_screen_of_images_come_in_one_answer(
    api_client: Client, photos: Path
) -> None:
    ids = [item["id"] for item in api_client.get(f"{ROOT}/images")["items"]]
    asked = [ids[3], "f" * 64, ids[0], ids[3]]
    found = api_client.get(f"{ROOT}/annotations", params={"image_id": asked})["items"]
    assert [item["image_id"] for item in found] == [ids[3], ids[0]]
    assert found[0] == api_client.get(f"{ROOT}/images/{ids[3]}/annotations")
    with pytest.raises(Invalid, match="100"):
        api_client.get(f"{ROOT}/annotations", params={"image_id": ["f" * 64] * 101})


def test_versions_from_freeze_to_delete(api_client: Client, photos: Path) -> None:
    versions = f"{ROOT}/dataset-versions"
    first = api_client.post(versions, json={"name": "base", "notes": "start"})
    assert (first["reference"], first["classes"]) == ("base:1", list(CLASSES))
    assert api_client.get(f"{versions}/base:1") == api_client.get(f"{versions}/base") == first
    rows = api_client.get(f"{versions}/base:1/images", params={"split": "test", "limit": 2})
    assert rows["total"] == first["splits"]["test"]
    assert rows["items"][0]["label"] in CLASSES
    image_id = rows["items"][0]["image_id"]
    api_client.post(f"{ROOT}/images/{image_id}/exclude", json={"reason": "blurred"})
    api_client.post(versions, json={"name": "base"})
    diff = api_client.get(f"{versions}/base:2/diff", params={"against": "base:1"})
    assert (diff["removed"], diff["num_unchanged"]) == ([image_id], 31)
    assert api_client.post(f"{versions}/base:1/verify")["intact"]
    assert [v["reference"] for v in api_client.get(versions)["items"]] == ["base:2", "base:1"]
    with pytest.raises(Conflict, match="base:2"):
        api_client.delete(f"{versions}/base:1")
    api_client.delete(f"{versions}/base:2")
    with pytest.raises(NotFound):
        api_client.get(f"{versions}/base:2")
    assert api_client.post(f"{ROOT}/images/{image_id}/restore")["status"] == "active"


@pytest.mark.parametrize(
    "body", [{"name": "x" * 99}, {"name": "base", "fractions": {"train": 0.5}},
             {"name": "base", "filters": ["name=nothing"]}],
)  # fmt: skip
def test_a_wrong_freeze_is_refused(api_client: Client, photos: Path, body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        api_client.post(f"{ROOT}/dataset-versions", json=body)


def test_the_summary_counts(api_client: Client, photos: Path) -> None:
    summary = api_client.get(f"{ROOT}/data/summary")
    assert summary["num_images"] == summary["num_accepted"] == 32
    assert summary["by_class"] == dict.fromkeys(sorted(CLASSES), 8)
    assert summary["by_camera"] == {"unknown": 32}


def test_roles_decide(api_as: Callable[..., Client], photos: Path) -> None:
    viewer, labeler = api_as(Role.VIEWER), api_as(Role.LABELER)
    image = viewer.get(f"{ROOT}/images")["items"][0]
    body = {"annotations": [], "expected_revision": 1}
    with pytest.raises(Forbidden):
        viewer.put(f"{ROOT}/images/{image['id']}/annotations", json=body)
    labeler.put(f"{ROOT}/images/{image['id']}/annotations", json=body)
    for refused in (
        lambda: labeler.post(f"{ROOT}/dataset-versions", json={"name": "base"}),
        lambda: upload(labeler, encoded(picture(900))),
        lambda: labeler.post(f"{ROOT}/ingests", json={"folder": str(photos)}),
        lambda: api_as(name="stranger").get(f"{ROOT}/images"),
    ):
        with pytest.raises(Forbidden):
            refused()
