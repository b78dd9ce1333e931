"""An ingest in several processes: same result, killed and taken up again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.conftest import make_project
from tests.data.pictures import encoded, picture, write_class_folders
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.bootstrap import Application
from visionloop.compute.entities import Job, JobState
from visionloop.compute.jobs import get_job
from visionloop.data.entities import ImageQuery
from visionloop.data.errors import IngestInvalid
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder, start_ingest
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

NUM_FILES = 3000
_DEADLINE_S = 120.0


def write_many(folder: Path, count: int) -> Path:
    """Write many small files that all differ, without encoding each of them."""
    folder.mkdir(parents=True)
    whole = encoded(picture(1))
    for number in range(count):
        remark = f"{number:06d}".encode()
        segment = b"\xff\xfe" + (len(remark) + 2).to_bytes(2, "big") + remark
        (folder / f"{number:06d}.jpg").write_bytes(whole[:2] + segment + whole[2:])
    return folder


@pytest.mark.parametrize("managed", [False, True])
def test_processes_give_what_one_gives(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
    tmp_path: Path,
    managed: bool,
) -> None:
    make_project(sqlite_database, "other")
    folder = write_class_folders(tmp_path / "photos", per_class=20)
    (folder / "bolt" / "empty.jpg").write_bytes(b"")
    (folder / "nut" / "torn.jpg").write_bytes(encoded(picture(1))[:300])
    (folder / "nut" / "twin.jpg").write_bytes((folder / "gear" / "gear_1.jpg").read_bytes())
    request = IngestRequest(folder=str(folder), managed=managed, metadata={"line": 3})

    def ingest(project: str, processes: int) -> object:
        wanted = replace(request, processes=processes)
        report = ingest_folder(sqlite_database, blobs, admin_actor, project, wanted)
        found, _ = list_images(sqlite_database, admin_actor, project, ImageQuery(), limit=500)
        images = {r.image.name: replace(r.image, project="", created_at=None) for r in found}
        return replace(report, seconds=0), images, {r.image.name: r.labels for r in found}

    assert ingest("parts", 1) == ingest("other", 3)


def test_a_number_of_processes_makes_sense(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, tmp_path: Path
) -> None:
    with pytest.raises(IngestInvalid, match="processes"):
        start_ingest(
            sqlite_database,
            admin_actor,
            "parts",
            inputs={"folder": str(tmp_path), "processes": -1},
        )


@pytest.mark.slow
def test_a_killed_ingest_is_taken_up_where_it_was(application: Application, tmp_path: Path) -> None:
    database, target = application.database, application.local_target
    folder = write_many(tmp_path / "photos", NUM_FILES)
    inputs = {"folder": str(folder), "format": "images", "processes": 2}
    job = start_ingest(database, SYSTEM, "parts", inputs=inputs)

    def count() -> int:
        return list_images(database, SYSTEM, "parts", limit=1)[1]

    def now() -> Job:
        return get_job(database, SYSTEM, job.id)

    target.supervise_once()
    _wait(lambda: count() > 0)
    crew = psutil.Process(now().pid).children(recursive=True)
    os.kill(now().pid or 0, signal.SIGKILL)
    assert 0 < count() < NUM_FILES
    _wait(lambda: not any(_is_alive(process) for process in crew))
    _wait(lambda: target.supervise_once() or now().attempt == 2)
    _wait(lambda: target.supervise_once() or now().state.is_final)
    done = now()
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 2)
    outputs = done.outputs
    assert outputs["added"] + outputs["already_present"] == count() == NUM_FILES
    assert outputs["already_present"] > 0
    assert outputs["num_duplicates"] == outputs["num_refused"] == 0


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
