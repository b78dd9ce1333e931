"""Quality findings through the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.pictures import encoded, write_class_folders
from tests.jobs import carry_out
from visionloop.admin.entities import SYSTEM, Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound

ROOT = "/projects/parts/quality"


@pytest.fixture
def scanned(api_client: Client, application: Application, tmp_path: Path) -> Client:
    """A project with one flat picture, scanned."""
    folder = write_class_folders(tmp_path / "photos", per_class=6)
    grey = np.full((40, 40, 3), 120, np.uint8)
    (folder / "nut" / "flat.jpg").write_bytes(encoded(grey))
    ingest_folder(
        application.database, application.blobs, SYSTEM, "parts", IngestRequest(folder=str(folder))
    )
    started = api_client.post(f"{ROOT}/scans", json={"with_files": True})
    assert carry_out(application, started["job_id"])["findings"]["low-information"] == 1
    return api_client


def test_findings_are_listed_counted_and_acted_on(scanned: Client) -> None:
    page = scanned.get(f"{ROOT}/findings", params={"kind": "low-information"})
    (finding,) = page["items"]
    assert (finding["severity"], finding["is_fixable"]) == ("warning", False)
    image = scanned.get(f"/projects/parts/images/{finding['image_id']}")["image"]
    assert image["name"] == "nut/flat.jpg"
    assert scanned.get(f"{ROOT}/findings/{finding['id']}") == finding
    counts = scanned.get(f"{ROOT}/counts")["items"]
    assert {
        "kind": "low-information",
        "severity": "warning",
        "status": "open",
        "count": 1,
    } in counts
    body = {"name": "exclude", "finding_ids": [finding["id"], "find_other"]}
    done = scanned.post(f"{ROOT}/actions", json=body)
    assert (done["num_findings"], len(done["skipped"])) == (1, 1)
    assert scanned.get(f"{ROOT}/findings", params={"kind": "low-information"})["total"] == 0
    image = scanned.get(f"/projects/parts/images/{finding['image_id']}")["image"]
    assert image["status"] == "excluded"
    assert scanned.get(f"{ROOT}/actions")["items"][0]["id"] == done["id"]
    undone = scanned.post(f"{ROOT}/actions/{done['id']}/undo")
    assert undone["undone_by"] == "root"
    image = scanned.get(f"/projects/parts/images/{finding['image_id']}")["image"]
    assert image["status"] == "active"
    with pytest.raises(Conflict):
        scanned.post(f"{ROOT}/actions/{done['id']}/undo")


def test_findings_go_to_labeling(scanned: Client) -> None:
    (finding,) = scanned.get(f"{ROOT}/findings", params={"kind": "low-information"})["items"]
    body = {"name": "label", "finding_ids": [finding["id"]], "queue": "doubts"}
    assert scanned.post(f"{ROOT}/actions", json=body)["num_findings"] == 1
    tasks = scanned.get("/projects/parts/labeling/tasks", params={"queue": "doubts"})["items"]
    assert [task["image_id"] for task in tasks] == [finding["image_id"]]


def test_what_is_wrong_is_refused(scanned: Client, api_as: Callable[..., Client]) -> None:
    with pytest.raises(NotFound):
        scanned.get(f"{ROOT}/findings/find_nothing")
    with pytest.raises(NotFound):
        scanned.post(f"{ROOT}/actions/qact_nothing/undo")
    with pytest.raises(Invalid):
        scanned.post(f"{ROOT}/actions", json={"name": "delete", "finding_ids": ["x"]})
    with pytest.raises(NotFound):
        scanned.post(f"{ROOT}/label-checks", json={"run_id": "run_nothing"})
    viewer = api_as(Role.VIEWER)
    assert viewer.get(f"{ROOT}/findings")["total"] > 0
    with pytest.raises(Forbidden):
        viewer.post(f"{ROOT}/scans", json={})
