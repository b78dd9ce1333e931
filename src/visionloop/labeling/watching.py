"""Take in what a watch found, and queue it for labeling when the watch says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from visionloop.admin.entities import Actor
from visionloop.compute.context import JobContext
from visionloop.data.ingest import check_request, ingest_folder, summarise
from visionloop.data.store import watches as store
from visionloop.labeling.entities import TaskOrder
from visionloop.labeling.store.arrivals import list_unqueued
from visionloop.labeling.tasks import write_tasks
from visionloop.storage.database import Database

ENTRY_POINT: Final = "visionloop.labeling.watching:take_in"
_AT_ONCE: Final = 500


def take_in(context: JobContext) -> dict[str, Any]:
    """Ingest the place of a watch as a job, then queue new images without labels."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    inputs = dict(context.inputs)
    name = str(inputs.pop("watch"))
    request = replace(check_request(inputs), ingest_id=context.job_id)
    report = ingest_folder(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        request,
        progress=tell,
    )
    queued = queue_new(context.database, context.actor, context.project, name)
    return summarise(context, report) | {"watch": name, "num_queued": queued}


def queue_new(database: Database, actor: Actor, project: str, name: str) -> int:
    """Queue the unlabeled images that came in since a watch was made, each of them once."""
    with database.read() as tx:
        watch = store.find_watch(tx, project, name)
    if watch is None or watch.queue is None:
        return 0
    order = TaskOrder(queue=watch.queue, reason={"watch": name})
    total = 0
    while True:
        with database.begin() as tx:
            found = list_unqueued(tx, watch, queue=watch.queue, limit=_AT_ONCE)
            if not found:
                return total
            total += len(write_tasks(tx, actor, project, found, order).created)
