from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from visionloop.admin.entities import SYSTEM, Actor, Permission, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.compute import jobs
from visionloop.compute.entities import Job, JobState
from visionloop.compute.errors import JobAlreadyEnded, JobFailed, JobNotFound
from visionloop.compute.local import LocalTarget
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

Submit = Callable[..., Job]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite is enough here; the workflow tests run the engine on both."""
    return sqlite_database


@pytest.fixture
def target(
    database: Database, blobs: BlobStore, home: Home, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalTarget]:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    target = LocalTarget(database, blobs, home, slots=2, threads=1)
    target.start()
    yield target
    target.stop()


@pytest.fixture
def submit(database: Database, sqlite_project: Project) -> Submit:
    def submit_job(name: str, **inputs: Any) -> Job:
        return jobs.submit(
            database,
            SYSTEM,
            project=sqlite_project.name,
            kind=name,
            entry_point=f"tests.compute.entry_points:{name}",
            inputs=inputs,
        )

    return submit_job


def _wait_until(database: Database, job: Job, condition: Callable[[Job], bool]) -> Job:
    for _ in range(400):
        found = jobs.get_job(database, SYSTEM, job.id)
        if condition(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came: {found}")


def test_a_job_returns_outputs_and_leaves_a_log(
    database: Database, home: Home, target: LocalTarget, submit: Submit
) -> None:
    job = submit("add", a=2, b=3)
    done = jobs.wait_for(database, SYSTEM, job.id, timeout_s=30)
    assert done.outputs == {"sum": 5}
    assert done.progress == 1.0
    text, offset = jobs.read_log(database, home, SYSTEM, job.id)
    assert "adding" in text
    assert jobs.read_log(database, home, SYSTEM, job.id, offset=offset) == ("", offset)
    events = [event.type for event in list_events(database, SYSTEM, "parts")]
    assert events[-2:] == ["visionloop.job.submitted", "visionloop.job.succeeded"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("refuse", "invalid", "Label at least one"), ("crash", "internal", "ZeroDivisionError")],
)
def test_a_failed_job_says_why(
    database: Database, target: LocalTarget, submit: Submit, name: str, code: str, words: str
) -> None:
    job = submit(name)
    with pytest.raises(JobFailed, match=words):
        jobs.wait_for(database, SYSTEM, job.id, timeout_s=30)
    assert jobs.get_job(database, SYSTEM, job.id).error_code == code


def test_a_killed_worker_is_started_again(
    database: Database, target: LocalTarget, submit: Submit
) -> None:
    done = jobs.wait_for(database, SYSTEM, submit("die_once").id, timeout_s=30)
    assert done.outputs == {"attempt": 2}


def test_a_running_job_is_cancelled_within_seconds(
    database: Database, target: LocalTarget, submit: Submit
) -> None:
    job = submit("wait_until_cancelled")
    _wait_until(database, job, lambda found: found.pid is not None)
    jobs.cancel(database, SYSTEM, job.id)
    ended = _wait_until(database, job, lambda found: found.state.is_final)
    assert ended.state is JobState.CANCELLED
    with pytest.raises(JobAlreadyEnded):
        jobs.cancel(database, SYSTEM, job.id)


def test_a_job_survives_its_control_plane_and_is_adopted(
    database: Database,
    blobs: BlobStore,
    home: Home,
    target: LocalTarget,
    submit: Submit,
    tmp_path: Path,
) -> None:
    job = submit("wait_for_file", file=str(tmp_path / "go"))
    running = _wait_until(database, job, lambda found: found.pid is not None)
    target.stop()
    successor = LocalTarget(database, blobs, home, slots=2)
    successor.supervise_once()
    assert jobs.get_job(database, SYSTEM, job.id).pid == running.pid
    (tmp_path / "go").touch()
    assert jobs.wait_for(database, SYSTEM, job.id, timeout_s=30).attempt == 1


def test_a_waiting_job_is_cancelled_at_once(database: Database, submit: Submit) -> None:
    job = submit("add", a=1, b=1)
    assert jobs.cancel(database, SYSTEM, job.id).state is JobState.CANCELLED


def test_rights_and_unknown_jobs(
    database: Database, submit: Submit, make_actor: Callable[..., Actor]
) -> None:
    with pytest.raises(JobNotFound, match="job_unknown"):
        jobs.get_job(database, SYSTEM, "job_unknown")
    with pytest.raises(PermissionDenied):
        jobs.submit(
            database,
            make_actor("labeler"),
            project="parts",
            kind="train",
            entry_point="tests.compute.entry_points:add",
            inputs={},
            permission=Permission.TRAIN,
        )
