"""Dataset versions through the API, and what their jobs leave behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.pictures import write_class_folders
from tests.jobs import carry_out
from visionloop.admin.entities import SYSTEM, Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.errors import Conflict, Forbidden, NotFound

ROOT = "/projects/parts"
VERSIONS = f"{ROOT}/dataset-versions"


@pytest.fixture
def photos(application: Application, tmp_path: Path) -> Path:
    """Sixty labeled images and their first version."""
    folder = write_class_folders(tmp_path / "photos", per_class=15)
    request = IngestRequest(folder=str(folder))
    ingest_folder(application.database, application.blobs, SYSTEM, "parts", request)
    return folder


def relabel(client: Client, text: str, category: str) -> str:
    image = client.get(f"{ROOT}/images", params={"text": text})["items"][0]
    path = f"{ROOT}/images/{image['id']}/annotations"
    body = {"annotations": [{"category": category, "kind": "class"}]}
    client.put(path, json=body | {"expected_revision": image["revision"]})
    return str(image["id"])


def test_changes_come_in_pages_with_labels(api_client: Client, photos: Path) -> None:
    api_client.post(VERSIONS, json={"name": "base"})
    image_id = relabel(api_client, "bolt_3.jpg", "nut")
    api_client.post(VERSIONS, json={"name": "base"})
    page = api_client.get(f"{VERSIONS}/base/changes", params={"against": "base:1"})
    assert page["total"] == 1
    (change,) = page["items"]
    assert (change["image_id"], change["kinds"]) == (image_id, ["relabeled"])
    assert (change["label_before"], change["label_after"]) == ("bolt", "nut")
    assert change["labels_added"][0]["category"] == "nut"
    diff = api_client.get(f"{VERSIONS}/base/diff", params={"against": "base:1"})
    assert (diff["num_relabeled"], diff["num_edited"], diff["num_unchanged"]) == (1, 0, 59)


def test_tags_and_lineage(api_client: Client, photos: Path) -> None:
    first = api_client.post(VERSIONS, json={"name": "base"})
    assert first["tags"] == []
    api_client.put(f"{VERSIONS}/base:1/tags/golden")
    assert api_client.get(f"{VERSIONS}/base@golden")["tags"] == ["golden"]
    assert api_client.get(VERSIONS)["items"][0]["tags"] == ["golden"]
    assert api_client.get(f"{ROOT}/dataset-tags")["items"][0]["version_id"] == first["id"]
    with pytest.raises(Conflict, match="tag golden"):
        api_client.delete(f"{VERSIONS}/base:1")
    lineage = api_client.get(f"{VERSIONS}/base/lineage")
    assert (lineage["version"]["id"], lineage["parents"], lineage["uses"]) == (first["id"], [], [])
    api_client.delete(f"{ROOT}/dataset-tags/base/golden")
    with pytest.raises(NotFound):
        api_client.delete(f"{ROOT}/dataset-tags/base/golden")


def test_a_verification_is_a_job_that_names_files(
    api_client: Client, application: Application, photos: Path
) -> None:
    api_client.post(VERSIONS, json={"name": "base"})
    path = photos / "bolt" / "bolt_3.jpg"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    started = api_client.post(f"{VERSIONS}/base/verifications")
    assert api_client.get(f"{VERSIONS}/base/verifications")["items"][0]["report"] is None
    report = carry_out(application, started["job_id"])
    assert (report["intact"], report["num_checked"], report["num_broken"]) == (False, 60, 1)
    assert report["broken"][0]["name"] == "bolt/bolt_3.jpg"
    listed = api_client.get(f"{VERSIONS}/base/verifications")["items"][0]
    assert listed["report"]["manifest_problem"] is None
    assert listed["report"]["num_broken"] == 1
    events = api_client.get(f"{ROOT}/events")["items"]
    told = [event for event in events if event["type"] == "visionloop.dataset_version.verified"]
    assert told[0]["data"]["intact"] is False


def test_labels_are_restored_with_a_way_back(
    api_client: Client, application: Application, photos: Path
) -> None:
    api_client.post(VERSIONS, json={"name": "base"})
    image_id = relabel(api_client, "bolt_3.jpg", "nut")
    preview = api_client.get(f"{VERSIONS}/base/restoration")
    assert (preview["num_changed"], preview["items"][0]["image_id"]) == (1, image_id)
    assert (preview["items"][0]["label_before"], preview["items"][0]["label_after"]) == (
        "nut",
        "bolt",
    )
    started = api_client.post(f"{VERSIONS}/base/restorations")
    report = carry_out(application, started["job_id"])
    assert (report["num_restored"], report["undo"]) == (1, "undo-base:1")
    detail = api_client.get(f"{ROOT}/images/{image_id}")
    assert detail["annotations"]["annotations"][0]["category"] == "bolt"


def test_a_policy_is_shown_before_it_deletes(api_client: Client, photos: Path) -> None:
    for name in ("one", "two"):
        api_client.post(VERSIONS, json={"name": name})
        relabel(api_client, "bolt_3.jpg", "nut" if name == "one" else "gear")
        api_client.post(VERSIONS, json={"name": name})
    api_client.delete(f"{VERSIONS}/two:2")
    shown = api_client.post(f"{ROOT}/dataset-retention", json={"keep_newest": 1})
    assert (shown["applied"], shown["deleted"]) == (False, [])
    reasons = {item["version"]["reference"]: item["reasons"] for item in shown["kept"]}
    assert reasons["one:1"] == ["dataset version one:2"]
    done = api_client.post(
        f"{ROOT}/dataset-retention", json={"keep_newest": 1, "name": "two", "dry_run": False}
    )
    assert done["applied"] is True


def test_leaks_between_versions_are_listed(api_client: Client, photos: Path) -> None:
    api_client.post(VERSIONS, json={"name": "one", "group_by": ["near-duplicate"]})
    other = api_client.post(VERSIONS, json={"name": "two", "seed": 4, "keep_test": False})
    assert other["group_by"] == []
    own = api_client.get(f"{VERSIONS}/two/leakage")
    assert own["num_pairs"] == {"exact": 0, "group": 0, "near-duplicate": 0}
    report = api_client.get(
        f"{VERSIONS}/two/leakage", params={"against": "one", "kind": "exact", "limit": 2}
    )
    assert report["num_pairs"]["exact"] > 2
    assert len(report["items"]) == 2
    assert report["items"][0]["first"]["split"] == "train"


def test_viewers_read_and_change_nothing(
    api_client: Client, api_as: Callable[..., Client], photos: Path
) -> None:
    api_client.post(VERSIONS, json={"name": "base"})
    viewer = api_as(Role.VIEWER)
    assert viewer.get(f"{VERSIONS}/base/lineage")["children"] == []
    with pytest.raises(Forbidden):
        viewer.put(f"{VERSIONS}/base:1/tags/golden")
