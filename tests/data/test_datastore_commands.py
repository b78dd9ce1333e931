"""Datastores over REST and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.data.pictures import write_class_folders
from tests.live import run_command, serving
from tests.servers.s3 import BUCKET, S3Server
from visionloop.admin.entities import Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Forbidden, Invalid, NotFound

ROOT = "/projects/parts/datastores"
KEYS = {"access_key_id": "AKIAHUSH", "secret_access_key": "hush-hush"}


def test_a_datastore_from_cradle_to_grave(api_as: Callable[..., Client]) -> None:
    engineer, viewer = api_as(Role.DATA_ENGINEER), api_as(Role.VIEWER)
    body = {"name": "line", "url": "s3://bucket/x", "auth": "access_key"}
    made = engineer.post(ROOT, json=body | {"options": {"region": "eu-west-1"}})
    assert (made["kind"], made["has_credentials"]) == ("s3", False)
    changed = engineer.put(f"{ROOT}/line/credentials", json={"credentials": KEYS})
    assert changed["rotated_by"] == "data-engineer"
    shown = viewer.get(f"{ROOT}/line")
    assert shown == viewer.get(ROOT)["items"][0] == changed
    assert "hush" not in json.dumps([shown, viewer.get("/projects/parts/events")]).lower()
    with pytest.raises(Forbidden):
        viewer.put(f"{ROOT}/line/credentials", json={"credentials": KEYS})
    engineer.delete(f"{ROOT}/line")
    with pytest.raises(NotFound, match="registered are none"):
        viewer.get(f"{ROOT}/line")


def test_a_refused_request_does_not_repeat_secrets(
    api_client: Client, test_client: TestClient
) -> None:
    body = {"name": "line", "url": "s3://bucket/x", "auth": "access_key", "credentials": KEYS}
    wrongs: list[dict[str, object]] = [
        {"auth": "account_key"},
        {"credentials": {"secret": "hush"}},
        {"options": 3},
        {"credentials": "hush"},
        {"credentials": {"secret_access_key": ["hush"]}},
    ]
    for wrong in wrongs:
        answer = test_client.post(
            f"/api/v1{ROOT}",
            json=body | wrong,
            headers={"Authorization": f"Bearer {api_client.token}"},
        )
        assert answer.status_code == 422, answer.text
        assert "hush" not in answer.text.lower()


def test_forms_can_ask_what_each_kind_needs(api_client: Client) -> None:
    found = api_client.get("/projects/parts/datastore-methods")["items"]
    by_name = {(item["kind"], item["auth"]): item for item in found}
    assert by_name["azure", "account_key"]["secrets"] == ["account_key"]
    assert "path_style" in by_name["s3", "instance_role"]["options"]


@pytest.mark.slow
def test_the_command_line_can_do_all_of_it(
    application: Application, api_client: Client, s3_server: S3Server, tmp_path: Path
) -> None:
    assert api_client.token is not None
    photos = write_class_folders(tmp_path / "photos")
    key_file = tmp_path / "key"
    key_file.write_text(s3_server.keys["lister"]["secret_access_key"] + "\n")
    with serving(application) as url:

        def run(*arguments: str) -> str:
            return run_command(url, str(api_client.token), "datastores", *arguments)

        assert "16 files seen" in run("add", "photos", str(photos))
        options = [f"--option={name}={value}" for name, value in s3_server.options().items()]
        user = s3_server.keys["lister"]["access_key_id"]
        id_file = tmp_path / "id"
        id_file.write_text(user)
        credentials = [
            f"--credential=access_key_id=@{id_file}",
            f"--credential=secret_access_key=@{key_file}",
        ]
        place = f"s3://{BUCKET}/nothing"
        printed = run(
            "add", "line", place, "--auth=access_key", "--allow-private", *options, *credentials
        )
        assert "no file below this address" in printed
        assert user not in printed + run("show", "line") + run("list")
        assert "no file below" in run("rotate", "line", *credentials)
        run("remove", "line")
        assert "line" not in run("list").split()
        assert "16 files seen" in run("test", "photos")
        assert "service_account_key" in run("methods")


def test_secrets_are_not_taken_from_the_command_line() -> None:
    from visionloop.cli.datastores import _read_credential

    with pytest.raises(Invalid, match="command line") as caught:
        _read_credential("account_key=hush")
    assert "hush" not in caught.value.message
