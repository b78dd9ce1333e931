from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.labeling.conftest import add_photos
from tests.live import run_command, serving
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound

ROOT = "/projects/parts/labeling"
ApiAs = Callable[..., Client]


@pytest.fixture
def photos(application: Application) -> list[str]:
    return add_photos(application.database, application.blobs, 3)


def test_an_image_goes_from_queue_to_accepted_over_rest(api_as: ApiAs, photos: list[str]) -> None:
    scientist = api_as("data_scientist", name="dora")
    lena, rita = api_as("labeler", name="lena"), api_as("reviewer", name="rita")
    made = scientist.post(
        f"{ROOT}/tasks", json={"annotation_status": "unlabeled", "assignee": "lena"}
    )
    assert (made["num_created"], made["num_existing"]) == (3, 0)
    found = lena.post(f"{ROOT}/tasks/next", json={})
    detail = found["detail"]
    path = f"{ROOT}/tasks/{detail['task']['id']}"
    assert (found["remaining"], len(found["upcoming"])) == (2, 2)
    assert detail["lock"]["holder"] == "lena"
    assert len(detail["image"]["statistics"]) == 14
    saved = lena.put(
        f"{path}/labels",
        json={
            "annotations": [{"category": "washer", "kind": "class"}],
            "expected_revision": detail["annotations"]["revision"],
        },
    )
    assert saved["annotations"]["revision"] == 1
    assert lena.post(f"{path}/submit")["state"] == "submitted"
    review = rita.post(f"{ROOT}/reviews/next", json={"queue": "labeling"})
    assert review["detail"]["task"]["labeler"] == "lena"
    rejected = rita.post(f"{path}/reject", json={"comment": "look again"})
    assert (rejected["state"], rejected["assignee"]) == ("rejected", "lena")
    assert lena.post(f"{path}/open")["comments"][0]["text"] == "look again"
    assert lena.post(f"{path}/submit")["state"] == "submitted"
    accepted = rita.post(f"{path}/accept", json={"expected_revision": 3})
    assert accepted["state"] == "accepted"
    assert rita.post(f"{path}/reopen")["state"] == "open"
    progress = rita.get(f"{ROOT}/progress", params={"queue": "labeling"})
    assert progress["by_state"]["open"] == 3
    queues = rita.get(f"{ROOT}/queues")["items"]
    assert [(queue["name"], queue["total"]) for queue in queues] == [("labeling", 3)]


def test_problems_have_codes_and_kinds(api_as: ApiAs, photos: list[str]) -> None:
    admin = api_as(name="root", is_admin=True)
    lena, lars = api_as("labeler", name="lena"), api_as("labeler", name="lars")
    admin.post(f"{ROOT}/tasks", json={"image_ids": photos})
    task_id = lena.post(f"{ROOT}/tasks/next", json={})["detail"]["task"]["id"]
    path = f"{ROOT}/tasks/{task_id}"
    with pytest.raises(Conflict, match="lena has the image") as locked:
        lars.post(f"{path}/open")
    assert locked.value.details["holder"] == "lena"
    with pytest.raises(Invalid, match="exactly one class"):
        lena.post(f"{path}/submit")
    with pytest.raises(Invalid, match="say why"):
        lena.post(f"{path}/skip", json={"reason": " "})
    with pytest.raises(Forbidden):
        lena.post(f"{path}/accept", json={})
    with pytest.raises(NotFound, match="has no labeling task"):
        lena.get(f"{ROOT}/tasks/task_unknown")
    with pytest.raises(Invalid, match="no model that could suggest"):
        lena.post(f"{path}/suggest")
    with pytest.raises(Invalid):
        admin.post(f"{ROOT}/tasks", json={"image_ids": photos, "queue": "no/slash"})


def test_tasks_are_filtered_and_paged(api_as: ApiAs, photos: list[str]) -> None:
    admin = api_as(name="root", is_admin=True)
    admin.post(f"{ROOT}/tasks", json={"image_ids": photos, "queue": "first"})
    admin.post(f"{ROOT}/tasks", json={"image_ids": photos[:1], "queue": "second", "priority": 3})
    page = admin.get(f"{ROOT}/tasks", params={"limit": 2})
    assert (page["total"], len(page["items"]), page["items"][0]["queue"]) == (4, 2, "second")
    assert admin.get(f"{ROOT}/tasks", params={"image_id": photos[0]})["total"] == 2
    assert admin.get(f"{ROOT}/tasks", params={"queue": "first", "state": "open"})["total"] == 3
    task_id = page["items"][0]["id"]
    commented = admin.post(f"{ROOT}/tasks/{task_id}/comments", json={"text": "urgent"})
    assert commented["author"] == "root"
    assert admin.post(f"{ROOT}/tasks/{task_id}/skip", json={"reason": "test"})["state"] == "skipped"
    assert admin.post(f"{ROOT}/tasks/{task_id}/reopen")["state"] == "open"
    admin.post(f"{ROOT}/tasks/{task_id}/open")
    assert admin.post(f"{ROOT}/tasks/{task_id}/release")["state"] == "open"
    assigned = admin.post(f"{ROOT}/tasks/{task_id}/assign", json={"assignee": "root"})
    assert assigned["assignee"] == "root"


@pytest.mark.slow
def test_commands_label_and_review(
    application: Application, api_as: ApiAs, photos: list[str], tmp_path: Path
) -> None:
    lena, rita = api_as("labeler", name="lena"), api_as("reviewer", name="rita")
    admin = api_as(name="root", is_admin=True)
    shapes = tmp_path / "labels.json"
    shapes.write_text(json.dumps([{"category": "gear", "kind": "class"}]))
    with serving(application) as url:

        def call(who: Client, *arguments: str) -> str:
            return run_command(url, str(who.token), "labeling", *arguments, "-p", "parts")

        assert "created" in call(admin, "create", "--status", "unlabeled")
        task_id = json.loads(call(lena, "next", "--json"))["detail"]["task"]["id"]
        assert "submitted" in call(lena, "label", task_id, "nut")
        assert "1 more after this one" in call(lena, "next")
        assert "rejected" in call(rita, "reject", task_id, "count the corners")
        assert "count the corners" in call(lena, "show", task_id)
        call(lena, "label", task_id, "--file", str(shapes))
        assert "accepted" in call(rita, "accept", task_id, "--comment", "thanks")
        assert "lena" in call(rita, "progress")
