from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live import run_command, serving
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict, Forbidden, Invalid

PATH = "/projects/parts/labeling/schema"


def test_the_schema_is_shown_previewed_and_changed(api_as: Callable[..., Client]) -> None:
    admin, viewer = api_as("admin", name="anna"), api_as("viewer")
    schema = viewer.get(PATH)
    assert [item["name"] for item in schema["classes"]] == ["washer", "bolt", "nut", "gear"]
    classes = [item for item in schema["classes"] if item["name"] != "gear"]
    classes[0]["skeleton"] = {"points": ["a", "b"], "edges": [[0, 1]]}
    change = {"expected_version": 1, "classes": classes}
    with pytest.raises(Invalid, match="'gear'"):
        viewer.post(f"{PATH}/preview", json=change)
    change["class_moves"] = {"gear": "nut"}
    assert viewer.post(f"{PATH}/preview", json=change)["class_moves"][0]["kind"] == "merged"
    with pytest.raises(Forbidden):
        viewer.put(PATH, json=change)
    changed = admin.put(PATH, json=change)
    assert changed["label_schema"]["version"] == 2
    assert viewer.get(PATH)["classes"][0]["skeleton"]["edges"] == [[0, 1]]
    assert viewer.get(f"{PATH}/versions")["total"] == 1
    with pytest.raises(Conflict, match="at version 2"):
        admin.put(PATH, json=change)


def test_the_command_line_edits_the_schema_as_a_file(
    application: Application, api_as: Callable[..., Client], tmp_path: Path
) -> None:
    admin = api_as("admin", name="anna")
    with serving(application) as url:

        def call(*arguments: str) -> str:
            return run_command(
                url, str(admin.token), "labeling", "schema", *arguments, "-p", "parts"
            )

        schema = json.loads(call("show", "--json"))
        schema["classes"][3]["name"] = "cog"
        schema["class_moves"] = {"gear": "cog"}
        file = tmp_path / "schema.json"
        file.write_text(json.dumps(schema))
        assert "renamed" in call("preview", str(file))
        assert "version 2" in call("apply", str(file))
        assert "cog" in call("show")
        assert "2" in call("versions")
