"""Watches over REST and on the command line, and stores that tell of new files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from fastapi.testclient import TestClient
from obstore.store import S3Store

from tests.data.pictures import encoded, picture, write_class_folders
from tests.live import run_command, serving
from tests.servers.s3 import BUCKET, S3Server
from visionloop.admin.entities import SYSTEM, Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.datastores import register_folder
from visionloop.data.images import list_images
from visionloop.data.watching.looks import look_at_due
from visionloop.data.watching.watches import WatchRequest, create_watch
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from visionloop.kernel.ids import new_id
from visionloop.labeling.watching import ENTRY_POINT

ROOT = "/projects/parts/watches"
_DEADLINE_S = 90.0


@pytest.fixture
def prefix(s3_server: S3Server, api_client: Client) -> str:
    """A watched prefix of an S3 bucket, registered as datastore ``line``."""
    prefix = new_id("w")
    body = {
        "name": "line",
        "url": f"s3://{BUCKET}/{prefix}",
        "auth": "access_key",
        "options": s3_server.options(),
        "credentials": s3_server.keys["owner"],
        "allow_private": True,
    }
    api_client.post("/projects/parts/datastores", json=body)
    return prefix


def put_object(server: S3Server, key: str, data: bytes) -> None:
    config = {**server.keys["owner"], "endpoint": server.endpoint, "region": "us-east-1"}
    store = S3Store(BUCKET, config=config, client_options={"allow_http": True})
    obstore.put(store, key, data)


def created(key: str) -> dict[str, Any]:
    place = {"bucket": {"name": BUCKET}, "object": {"key": key}}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}


def test_a_watch_from_cradle_to_grave(api_as: Callable[..., Client], tmp_path: Path) -> None:
    engineer, viewer = api_as(Role.DATA_ENGINEER), api_as(Role.VIEWER)
    url = str(write_class_folders(tmp_path / "photos"))
    engineer.post("/projects/parts/datastores", json={"name": "line", "url": url})
    body = {"name": "line", "datastore": "line", "path": "bolt/", "queue": "incoming"}
    made = engineer.post(ROOT, json=body)
    assert made["watch"]["path"] == "bolt"
    assert viewer.get(f"{ROOT}/line") == made["watch"] == viewer.get(ROOT)["items"][0]
    assert made["token"] not in json.dumps([viewer.get(ROOT), viewer.get("/projects/parts/events")])
    with pytest.raises(Conflict):
        engineer.post(ROOT, json=body)
    for wrong in ({"every_s": 1}, {"ingest": {"colour": 3}}, {"ingest": {"group_by": "x"}}):
        with pytest.raises(Invalid):
            engineer.post(ROOT, json=body | {"name": "other"} | wrong)
    with pytest.raises(NotFound):
        engineer.post(ROOT, json=body | {"name": "other", "datastore": "none"})
    with pytest.raises(Forbidden):
        viewer.patch(f"{ROOT}/line", json={"is_paused": True})
    assert engineer.patch(f"{ROOT}/line", json={"is_paused": True})["is_paused"]
    assert engineer.post(f"{ROOT}/line/token")["token"] != made["token"]
    engineer.delete(f"{ROOT}/line")
    with pytest.raises(NotFound):
        viewer.get(f"{ROOT}/line")


def test_a_store_tells_of_a_new_file(
    application: Application,
    api_client: Client,
    test_client: TestClient,
    s3_server: S3Server,
    prefix: str,
) -> None:
    body = {"name": "line", "datastore": "line", "every_s": 3600, "ingest": {"format": "images"}}
    token = api_client.post(ROOT, json=body)["token"]
    look_at_due(application.database, entry_point=ENTRY_POINT)
    assert api_client.get(f"{ROOT}/line")["found"]["files"] == 0
    put_object(s3_server, f"{prefix}/a.jpg", encoded(picture(1)))
    assert look_at_due(application.database, entry_point=ENTRY_POINT) == []
    address = f"/api/v1{ROOT}/line/events"
    elsewhere = test_client.post(address, params={"token": token}, json=created("other/a.jpg"))
    assert elsewhere.json() == {"changes": 0}
    assert look_at_due(application.database, entry_point=ENTRY_POINT) == []
    for _ in range(2):  # the same twice changes nothing
        bearer = {"Authorization": f"Bearer {token}"}
        heard = test_client.post(address, headers=bearer, json=created(f"{prefix}/a.jpg"))
        assert heard.json() == {"changes": 1}
    looks = look_at_due(application.database, entry_point=ENTRY_POINT)
    assert [look.new for look in looks] == [("a.jpg",)]
    jobs = api_client.get("/projects/parts/ingests")["items"]
    assert [job["datastore"] for job in jobs] == ["line"]


def test_handshakes_and_refusals(
    api_client: Client, test_client: TestClient, tmp_path: Path
) -> None:
    folder = {"name": "line", "url": str(tmp_path)}
    api_client.post("/projects/parts/datastores", json=folder)
    token = api_client.post(ROOT, json={"name": "line", "datastore": "line"})["token"]
    address = f"/api/v1{ROOT}/line/events"
    kind = "Microsoft.EventGrid.SubscriptionValidationEvent"
    asked = [{"eventType": kind, "data": {"validationCode": "512d38b6"}}]
    answer = test_client.post(address, params={"token": token}, json=asked)
    assert answer.json() == {"validationResponse": "512d38b6", "changes": 0}
    origin = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    options = test_client.options(address, headers=origin)
    assert options.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    for wrong in ({}, {"token": ""}, {"token": "guess"}):
        assert test_client.post(address, params=wrong, json=asked).status_code == 401
    nowhere = f"/api/v1{ROOT}/other/events"
    assert test_client.post(nowhere, params={"token": token}, json=asked).status_code == 401
    for body in (b"no json", b"{}", b"x" * (1024 * 1024 + 1)):
        answer = test_client.post(address, params={"token": token}, content=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "notification_invalid")


@pytest.mark.slow
def test_the_schedule_takes_new_images_in(application: Application, tmp_path: Path) -> None:
    database = application.database
    (tmp_path / "line").mkdir()
    datastore = register_folder(database, SYSTEM, "parts", str(tmp_path / "line"))
    request = WatchRequest("line", datastore.name, every_s=10, ingest={"format": "images"})
    create_watch(database, SYSTEM, "parts", request)
    (tmp_path / "line" / "a.jpg").write_bytes(encoded(picture(1)))
    application.start()
    try:
        deadline = time.monotonic() + _DEADLINE_S
        while list_images(database, SYSTEM, "parts")[1] == 0:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        application.stop()


@pytest.mark.slow
def test_the_command_line_can_do_all_of_it(
    application: Application, api_client: Client, tmp_path: Path
) -> None:
    photos = write_class_folders(tmp_path / "photos")
    folder = {"name": "line", "url": str(photos)}
    api_client.post("/projects/parts/datastores", json=folder)
    with serving(application) as url:

        def run(*arguments: str) -> str:
            return run_command(url, str(api_client.token), "watches", *arguments)

        printed = run("add", "line", "line", "--queue", "incoming", "--set", "line=3")
        assert f"{url}/api/v1/projects/parts/watches/line/events?token=" in printed
        look_at_due(application.database, entry_point=ENTRY_POINT)
        assert '"new": 16' in run("list")
        run("pause", "line")
        assert "yes" in run("show", "line")
        run("remove", "line")
