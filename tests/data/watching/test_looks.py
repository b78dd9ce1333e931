"""Watches on real folders and a real object store, with the job that takes new images in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.data.pictures import encoded, picture
from visionloop.admin.entities import SYSTEM
from visionloop.admin.events import list_events
from visionloop.bootstrap import Application
from visionloop.compute import store as job_store
from visionloop.compute.context import JobContext
from visionloop.compute.entities import JobState
from visionloop.compute.jobs import get_job
from visionloop.compute.worker import run_job
from visionloop.data.datastores import register_datastore, remove_datastore
from visionloop.data.entities import ImageQuery, Watch
from visionloop.data.images import list_images
from visionloop.data.store import watches as store
from visionloop.data.watching.looks import look_at_due
from visionloop.data.watching.rules import needs_sweep, next_look
from visionloop.data.watching.watches import (
    WatchRequest,
    create_watch,
    get_watch,
    hasten_watch,
    pause_watch,
)
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Conflict
from visionloop.labeling.tasks import list_queues
from visionloop.labeling.watching import ENTRY_POINT

NEW_QUEUE = "incoming"


class Place:
    """A watched folder."""

    def __init__(self, application: Application, folder: Path) -> None:
        self.application = application
        self.database = application.database
        self.folder = folder
        self.seed = 0

    def put(self, name: str) -> None:
        self.seed += 1
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(encoded(picture(self.seed)))

    def look(self) -> Watch:
        """Look now, and do the job that follows."""
        hasten_watch(self.database, SYSTEM, "parts", "line")
        look_at_due(self.database, entry_point=ENTRY_POINT)
        watch = self.watch()
        if watch.job_id is not None:
            self.work(watch.job_id)
        return watch

    def work(self, job_id: str) -> None:
        """Do a job here, as its process would."""
        job = get_job(self.database, SYSTEM, job_id)
        if job.state.is_final:
            return
        with self.database.begin() as tx:
            running = (JobState.QUEUED,)
            job_store.update_job(tx, job.id, expected=running, state="running", attempt=1)
        job = get_job(self.database, SYSTEM, job_id)
        run_job(
            job,
            JobContext(
                job,
                actor=SYSTEM,
                database=self.database,
                blobs=self.application.blobs,
                home=self.application.home,
            ),
        )

    def watch(self) -> Watch:
        return get_watch(self.database, SYSTEM, "parts", "line")

    def statuses(self) -> dict[str, str]:
        found, _ = list_images(self.database, SYSTEM, "parts", ImageQuery(), limit=100)
        return {record.image.name: record.image.status for record in found}

    def num_queued(self) -> int:
        queues = list_queues(self.database, SYSTEM, "parts")
        return sum(queue.total for queue in queues if queue.name == NEW_QUEUE)

    def events(self) -> list[str]:
        found = list_events(self.database, SYSTEM, project="parts", limit=500)
        return [event.type.removeprefix("visionloop.") for event in found]


@pytest.fixture
def place(application: Application, tmp_path: Path) -> Place:
    folder = tmp_path / "line"
    folder.mkdir()
    made = Place(application, folder)
    made.put("a.jpg")
    register_datastore(application.database, SYSTEM, "parts", name="line", url=str(folder))
    request = WatchRequest("line", "line", ingest={"format": "images"}, queue=NEW_QUEUE)
    create_watch(application.database, SYSTEM, "parts", request)
    return made


def test_new_images_are_taken_in_and_queued_once(place: Place) -> None:
    assert place.look().found["new"] == 1
    assert place.statuses() == {"a.jpg": "active"}
    assert place.num_queued() == 1
    place.put("deep/b.jpg")
    place.put("deep/.hidden.jpg")
    (place.folder / "notes.txt").write_text("no image")
    place.look()
    assert place.num_queued() == 2
    job = place.watch().job_id
    assert place.look().job_id == job  # nothing new, nothing started
    assert place.watch().found == {"files": 2, "new": 0, "changed": 0, "missing": 0, "failures": 0}


def test_a_deleted_and_a_changed_source_are_named(place: Place) -> None:
    place.put("b.jpg")
    place.put("c.jpg")
    place.look()
    (place.folder / "a.jpg").unlink()
    place.put("b.jpg")
    found = place.look().found
    assert (found["missing"], found["changed"]) == (1, 1)
    images, _ = list_images(place.database, SYSTEM, "parts", ImageQuery(status="missing"))
    assert sorted(record.image.name for record in images) == ["a.jpg", "b.jpg"]
    assert {"images.missing", "images.source_changed"} <= set(place.events())
    told = list_events(place.database, SYSTEM, project="parts", type_prefix="visionloop.images.m")
    assert told[0].data["paths"] == ["a.jpg"]
    assert place.look().found["missing"] == 0


def test_a_file_that_comes_back_or_moves_is_found_again(place: Place, tmp_path: Path) -> None:
    place.put("b.jpg")
    place.look()
    shutil.move(place.folder / "a.jpg", tmp_path / "kept.jpg")
    (place.folder / "b.jpg").rename(place.folder / "renamed.jpg")
    place.look()
    assert place.statuses() == {"a.jpg": "missing", "renamed.jpg": "active"}
    shutil.move(tmp_path / "kept.jpg", place.folder / "a.jpg")
    place.look()
    assert set(place.statuses().values()) == {"active"}
    shutil.copy(place.folder / "a.jpg", place.folder / "copy.jpg")
    place.look()
    (place.folder / "a.jpg").unlink()
    place.look()
    assert place.statuses() == {"copy.jpg": "active", "renamed.jpg": "active"}


def test_a_refused_file_is_tried_again_once_it_changed(place: Place) -> None:
    (place.folder / "torn.jpg").write_bytes(b"no image")
    first = place.look().job_id
    assert place.look().job_id == first
    place.put("torn.jpg")
    assert place.look().job_id != first
    assert place.statuses()["torn.jpg"] == "active"


def test_an_unreadable_place_is_noted_and_never_taken_for_cleared(place: Place) -> None:
    for number in range(12):
        place.put(f"{number}.jpg")
    place.look()
    moved = place.folder.with_name("unmounted")
    place.folder.rename(moved)
    assert "no such folder" in (place.look().problem or "")
    place.folder.mkdir()
    assert "although 13 files were there" in (place.look().problem or "")
    place.look()
    assert place.events().count("watch.failed") == 2
    assert set(place.statuses().values()) == {"active"}
    assert place.watch().due_at > utc_now() + timedelta(seconds=60)
    place.folder.rmdir()
    moved.rename(place.folder)
    assert place.look().problem is None


def test_a_look_waits_for_the_ingest_before_but_not_for_long(place: Place) -> None:
    with place.database.begin() as tx:
        store.update_watch(tx, "parts", "line", every_s=3600)
    look_at_due(place.database, entry_point=ENTRY_POINT)
    job = place.watch().job_id
    place.put("b.jpg")
    hasten_watch(place.database, SYSTEM, "parts", "line")
    assert look_at_due(place.database, entry_point=ENTRY_POINT) == []
    assert place.watch().due_at < utc_now() + timedelta(seconds=60)
    place.work(job or "")
    assert place.look().problem is None
    assert set(place.statuses()) == {"a.jpg", "b.jpg"}


def test_a_paused_watch_looks_away(place: Place) -> None:
    pause_watch(place.database, SYSTEM, "parts", "line", is_paused=True)
    assert place.look().checked_at is None
    pause_watch(place.database, SYSTEM, "parts", "line", is_paused=False)
    assert place.look().checked_at is not None


def test_one_bad_watch_keeps_no_other_waiting(place: Place, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    register_datastore(place.database, SYSTEM, "parts", name="gone", url=str(tmp_path / "gone"))
    create_watch(place.database, SYSTEM, "parts", WatchRequest("gone", "gone"))
    (tmp_path / "gone").rmdir()
    assert len(look_at_due(place.database, entry_point=ENTRY_POINT)) == 1
    assert get_watch(place.database, SYSTEM, "parts", "gone").problem is not None


def test_a_watched_datastore_stays(place: Place) -> None:
    with pytest.raises(Conflict, match="1 watches"):
        remove_datastore(place.database, SYSTEM, "parts", "line")


def test_ascending_names_are_listed_from_the_cursor(place: Place) -> None:
    with place.database.begin() as tx:
        store.update_watch(tx, "parts", "line", ascending=True)
    place.put("2026-01/x.jpg")
    place.look()
    assert place.watch().cursor == "a.jpg"
    place.put("b.jpg")
    (place.folder / "a.jpg").unlink()
    with place.database.begin() as tx:
        store.update_watch(tx, "parts", "line", due_at=utc_now())
    looks = look_at_due(place.database, entry_point=ENTRY_POINT)
    assert [(look.new, look.missing, look.is_sweep) for look in looks] == [(("b.jpg",), (), False)]
    place.work(place.watch().job_id or "")
    assert place.look().found["missing"] == 1  # a sweep sees what is gone


def test_failures_wait_longer_each_time(place: Place) -> None:
    watch, now = place.watch(), utc_now()
    waits = [(next_look(watch, now, num_failures=n) - now).total_seconds() for n in range(9)]
    assert waits[:3] == [60, 120, 240]
    assert waits[-1] == 3600
    late = replace(watch, ascending=True, cursor="x", swept_at=now - timedelta(hours=2))
    assert needs_sweep(late, now)
    assert not needs_sweep(replace(late, swept_at=now), now)
