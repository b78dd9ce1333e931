from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.labeling.conftest import add_photos
from tests.live import run_command, serving
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict

ROOT = "/projects/parts/labeling"
ApiAs = Callable[..., Client]


@pytest.fixture
def photos(application: Application) -> list[str]:
    return add_photos(application.database, application.blobs, 4)


def test_a_labeling_project_is_set_up_and_worked_on_over_rest(
    api_as: ApiAs, photos: list[str]
) -> None:
    dora, lena = api_as("data_scientist", name="dora"), api_as("labeler", name="lena")
    rita = api_as("reviewer", name="rita")
    body = {"title": "Nuts", "instructions": "# How", "members": ["lena"]}
    assert dora.put(f"{ROOT}/projects/nuts", json=body)["created_by"] == "dora"
    assert lena.get(f"{ROOT}/projects")["items"][0]["instructions"] == "# How"
    batch = dora.post(f"{ROOT}/projects/nuts/batches", json={"size": 3, "strategy": "random"})
    assert batch["num_tasks"] == 3
    assert rita.post(f"{ROOT}/batches/{batch['id']}/assign", json={"assignee": "lena"}) == {
        "num_tasks": 3
    }
    task = lena.post(f"{ROOT}/tasks/next", json={"queue": "nuts"})["detail"]["task"]
    path = f"{ROOT}/tasks/{task['id']}"
    assert lena.post(f"{path}/keep")["holder"] == "lena"
    nut = [{"category": "nut", "kind": "class"}]
    lena.put(f"{path}/labels", json={"annotations": nut, "expected_revision": 0})
    said = lena.post(f"{path}/comments", json={"text": "sure?", "x": 3, "y": 4})
    assert (said["x"], said["resolved_by"]) == (3, None)
    assert rita.post(f"{path}/comments/{said['id']}/resolve")["resolved_by"] == "rita"
    assert rita.post(f"{path}/comments/{said['id']}/reopen")["resolved_by"] is None
    with pytest.raises(Conflict, match="Your version is kept") as caught:
        lena.put(f"{path}/labels", json={"annotations": [], "expected_revision": 0})
    assert caught.value.details["current"]["annotations"][0]["category"] == "nut"
    conflict = lena.get(f"{ROOT}/conflicts", params={"task_id": task["id"]})["items"][0]
    lena.post(f"{ROOT}/conflicts/{conflict['id']}/resolve", json={"resolution": "discarded"})
    lena.post(f"{path}/submit")
    bolt = [{"category": "bolt", "kind": "class"}]
    fixed = rita.post(f"{path}/fix", json={"annotations": bolt, "expected_revision": 1})
    assert (fixed["state"], fixed["is_fixed"]) == ("accepted", True)
    listed = dora.get(f"{ROOT}/batches", params={"queue": "nuts"})["items"][0]
    assert listed["by_state"]["accepted"] == 1


def test_the_command_line_manages_projects_and_batches(
    application: Application, api_as: ApiAs, photos: list[str], tmp_path: Path
) -> None:
    admin, lena = api_as("admin", name="anna"), api_as("labeler", name="lena")
    guide = tmp_path / "guide.md"
    guide.write_text("# Count the corners")
    bolt = tmp_path / "bolt.json"
    bolt.write_text(json.dumps([{"category": "bolt", "kind": "class"}]))
    with serving(application) as url:

        def call(who: Client, *arguments: str) -> str:
            return run_command(url, str(who.token), "labeling", *arguments, "-p", "parts")

        call(admin, "project", "save", "nuts", "--instructions", str(guide))
        call(admin, "project", "save", "nuts", "--title", "All nuts")
        shown = call(admin, "project", "show", "nuts")
        assert "Count the corners" in shown
        assert "All nuts" in shown
        assert "nuts" in call(admin, "project", "list")
        batch = json.loads(call(admin, "batch", "create", "nuts", "--size", "2", "--json"))
        assert "2" in call(admin, "batch", "assign", batch["id"], "lena")
        task = json.loads(call(lena, "next", "--json"))["detail"]["task"]["id"]
        said = json.loads(call(lena, "comment", task, "rust?", "--at", "3,4", "--json"))
        assert "lena" in call(lena, "resolve", task, said["id"])
        call(lena, "label", task, "nut")
        assert "accepted" in call(admin, "fix", task, str(bolt))
        assert "nuts" in call(admin, "batch", "list")
        assert "No save was refused" in call(lena, "conflicts")
