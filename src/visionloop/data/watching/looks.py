"""Look at watched places: name what is gone or changed, and start taking in what is new."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from visionloop.admin.entities import SYSTEM, Permission
from visionloop.admin.events import publish
from visionloop.compute.entities import Job, JobState
from visionloop.compute.jobs import get_job, submit
from visionloop.data.connections.opening import open_datastore
from visionloop.data.datastores import get_datastore
from visionloop.data.entities import Watch
from visionloop.data.formats.images import is_image_name
from visionloop.data.ingest import is_hidden
from visionloop.data.sources import UNREADABLE, datastore_uri, why_unreadable
from visionloop.data.store import images as image_store
from visionloop.data.store import refusals as refusal_store
from visionloop.data.store import watches as store
from visionloop.data.watching import rules
from visionloop.data.watching.entities import Look
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction

_NAMED: Final = 100
"""So many paths stand in an event; the count is always whole."""

_log = logging.getLogger(__name__)


def look_at_due(database: Database, *, entry_point: str) -> list[Look]:
    """Look at every watch that is due; one that fails keeps no other waiting.

    Args:
        database: where the watches are.
        entry_point: the job that takes new images in.
    """
    with database.read() as tx:
        due = store.list_due(tx, utc_now())
    looks = []
    for watch in due:
        try:
            look = look_at(database, watch, entry_point=entry_point)
        except Exception:
            _log.exception("watch %s/%s failed", watch.project, watch.name)
            _fail(database, watch, "an unexpected error; see the log of the control plane")
        else:
            looks.extend([look] if look is not None else [])
    return looks


def look_at(database: Database, watch: Watch, *, entry_point: str) -> Look | None:
    """Look once; None when the place cannot be read, which is noted on the watch."""
    now = utc_now()
    running = _newest_job(database, watch)
    if running is not None and not running.state.is_final:
        with database.begin() as tx:  # what is being taken in now would count as new once more
            _settle(tx, watch, due_at=now + rules.WAIT_FOR_JOB)
        return None
    try:
        look = _list(database, watch, now)
    except UNREADABLE as error:
        _fail(database, watch, why_unreadable(error))
        return None
    if rules.is_suspicious(look, len(look.missing)):
        number = len(look.missing)
        _fail(database, watch, f"the place is empty although {number} files were there before")
        return None
    failed = running is not None and running.state is JobState.FAILED
    problem = f"taking in failed: {running.message}" if failed and running else None
    job = None
    if look.new or look.changed:
        job = _take_in(database, watch, entry_point)
    with database.begin() as tx:
        _name_missing(tx, watch, look.missing)
        _name_changed(tx, watch, look.changed)
        failures = int(watch.found.get("failures", 0)) + 1 if failed else 0
        _settle(
            tx,
            watch,
            due_at=rules.next_look(watch, now, num_failures=failures),
            checked_at=now,
            swept_at=now if look.is_sweep else watch.swept_at,
            cursor=max(filter(None, (watch.cursor, look.last)), default=None),
            job_id=watch.job_id if job is None else job.id,
            problem=problem,
            found={**_counts(look), "failures": failures},
        )
    return look


def _list(database: Database, watch: Watch, now: datetime) -> Look:
    datastore = get_datastore(database, SYSTEM, watch.project, watch.datastore)
    opened = open_datastore(database, datastore)
    is_sweep = rules.needs_sweep(watch, now)
    files = opened.list_files(watch.path, after=None if is_sweep else watch.cursor)
    with database.read() as tx:
        known = {
            path: facts
            for path, facts in image_store.list_files(tx, watch.project, datastore.name).items()
            if rules.lies_below(path, watch.path)
        }
        refused = refusal_store.list_marks(tx, watch.job_id) if watch.job_id else {}
    images = (file for file in files if is_image_name(file.path) and not is_hidden(file.path))
    return rules.compare(images, known, refused, is_sweep=is_sweep)


def _take_in(database: Database, watch: Watch, entry_point: str) -> Job:
    place = {"datastore": watch.datastore, "path": watch.path, "watch": watch.name}
    return submit(
        database,
        SYSTEM,
        project=watch.project,
        kind="ingest",
        entry_point=entry_point,
        inputs={**watch.ingest, **place},
        permission=Permission.MANAGE_DATA,
    )


def _name_missing(tx: Transaction, watch: Watch, paths: Sequence[str]) -> None:
    """Mark the images of deleted files, unless the same bytes lie elsewhere as well."""
    if not paths:
        return
    known = image_store.list_files(tx, watch.project, watch.datastore)
    gone = {path: known[path][2] for path in paths if path in known}
    marked = store.mark_missing(tx, watch.project, watch.datastore, gone)
    copies = store.find_copies(tx, watch.project, marked)
    for image_id, (datastore, path) in copies.items():
        place: dict[str, Any] = {"uri": datastore_uri(datastore, path), "name": path}
        image_store.update_image(
            tx, watch.project, image_id, status="active", datastore=datastore, **place
        )
    facts = {"num_images": len(marked) - len(copies), "num_copies_elsewhere": len(copies)}
    _tell(tx, watch, "missing", paths, **facts)


def _name_changed(tx: Transaction, watch: Watch, paths: Sequence[str]) -> None:
    if paths:
        _tell(tx, watch, "source_changed", paths)


def _tell(tx: Transaction, watch: Watch, verb: str, paths: Sequence[str], **facts: int) -> None:
    publish(
        tx,
        type=f"visionloop.images.{verb}",
        project=watch.project,
        subject=f"watch/{watch.name}",
        actor=SYSTEM,
        data={
            "datastore": watch.datastore,
            "num_files": len(paths),
            "paths": list(paths[:_NAMED]),
            **facts,
        },
    )


def _fail(database: Database, watch: Watch, problem: str) -> None:
    """Note why a look failed; an event tells of it once, not at every look."""
    now = utc_now()
    failures = int(watch.found.get("failures", 0)) + 1
    with database.begin() as tx:
        _settle(
            tx,
            watch,
            due_at=rules.next_look(watch, now, num_failures=failures),
            checked_at=now,
            problem=problem,
            found={**watch.found, "failures": failures},
        )
        if problem != watch.problem:
            publish(
                tx,
                type="visionloop.watch.failed",
                project=watch.project,
                subject=f"watch/{watch.name}",
                actor=SYSTEM,
                data={"datastore": watch.datastore, "problem": problem},
            )


def _settle(tx: Transaction, watch: Watch, *, due_at: datetime, **values: Any) -> None:
    """Write what a look found; a notification that came meanwhile keeps its earlier look."""
    current = store.find_watch(tx, watch.project, watch.name)
    if current is None:
        return
    hastened = current.due_at != watch.due_at
    if hastened and current.swept_at is None:
        values.pop("swept_at", None)
    due = current.due_at if hastened else due_at
    store.update_watch(tx, watch.project, watch.name, due_at=due, **values)


def _newest_job(database: Database, watch: Watch) -> Job | None:
    return get_job(database, SYSTEM, watch.job_id) if watch.job_id else None


def _counts(look: Look) -> dict[str, int]:
    return {
        "files": look.num_files,
        "new": len(look.new),
        "changed": len(look.changed),
        "missing": len(look.missing),
    }
