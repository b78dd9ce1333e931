"""The files that an ingest refused, over REST and on the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.pictures import encoded, picture, write_class_folders
from tests.live import run_command, serving
from visionloop.admin.entities import SYSTEM, Role
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.compute.context import JobContext
from visionloop.compute.jobs import get_job
from visionloop.data.ingest import ingest, start_ingest
from visionloop.kernel.errors import Forbidden, NotFound

ROOT = "/projects/parts/ingests"


@pytest.fixture
def ingest_id(application: Application, tmp_path: Path) -> str:
    """An ingest that refused four files, run here as its job would."""
    folder = write_class_folders(tmp_path / "photos")
    (folder / "bolt" / "empty.jpg").write_bytes(b"")
    (folder / "bolt" / "=cmd.jpg").write_bytes(b"no image")
    (folder / "nut" / "torn, in two.jpg").write_bytes(encoded(picture(7))[:200])
    (folder / "notes.md").write_text("notes")
    database = application.database
    job = start_ingest(database, SYSTEM, "parts", inputs={"folder": str(folder)})
    for _ in range(2):  # as after a crash: the same again leaves the same behind
        context = JobContext(
            get_job(database, SYSTEM, job.id),
            actor=SYSTEM,
            database=database,
            blobs=application.blobs,
            home=application.home,
        )
        ingest(context)
    return job.id


def test_refused_files_are_listed_and_exported(api_client: Client, ingest_id: str) -> None:
    page = api_client.get(f"{ROOT}/{ingest_id}/refused", params={"limit": 2})
    assert (page["total"], len(page["items"])) == (4, 2)
    rest = api_client.get(f"{ROOT}/{ingest_id}/refused", params={"offset": 2})["items"]
    found = {item["path"]: item["reason"] for item in page["items"] + rest}
    assert list(found) == sorted(found)
    assert found["bolt/empty.jpg"] == "the file is empty"
    text = api_client.get(f"{ROOT}/{ingest_id}/refused.csv").decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["path", "reason"]
    assert sorted(row[0] for row in rows[1:]) == sorted(found)
    assert all(not row[0].startswith("=") for row in rows)


def test_ingests_are_listed_with_their_state(
    api_client: Client, api_as: Callable[..., Client], ingest_id: str
) -> None:
    shown = api_client.get(f"{ROOT}/{ingest_id}")
    assert shown == api_client.get(ROOT)["items"][0]
    assert (shown["state"], shown["datastore"]) == ("queued", "photos")
    with pytest.raises(NotFound, match="ingest"):
        api_client.get(f"{ROOT}/job_none/refused")
    with pytest.raises(Forbidden):
        api_as(name="stranger").get(f"{ROOT}/{ingest_id}/refused.csv")
    assert api_as(Role.VIEWER).get(f"{ROOT}/{ingest_id}/refused")["total"] == 4


@pytest.mark.slow
def test_the_command_line_lists_and_writes_them(
    application: Application, api_client: Client, ingest_id: str, tmp_path: Path
) -> None:
    target = tmp_path / "refused.csv"
    with serving(application) as url:
        token = str(api_client.token)
        assert ingest_id in run_command(url, token, "ingests", "list")
        assert "the file is empty" in run_command(url, token, "ingests", "refused", ingest_id)
        run_command(url, token, "ingests", "refused", ingest_id, "--csv", str(target))
    assert len(target.read_text().splitlines()) == 5
