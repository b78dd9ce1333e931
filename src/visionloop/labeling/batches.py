"""Batches: images of a labeling project, chosen and queued together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import AnnotationStatus, ImageQuery
from visionloop.data.images import list_images
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.labeling.entities import TaskOrder
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import NothingToBatch
from visionloop.labeling.projects.settings import check_may_label, get_labeling_project
from visionloop.labeling.records import LabelBatch
from visionloop.labeling.store import batches as batch_store
from visionloop.labeling.store import tasks as task_store
from visionloop.labeling.tasks import write_tasks
from visionloop.storage.database import Database

Strategy = Literal["oldest", "random"]
_PAGE = 2000


def create_batch(
    database: Database,
    actor: Actor,
    project: str,
    name: str,
    *,
    size: int,
    strategy: Strategy = "oldest",
    assignee: str | None = None,
    seed: int = 0,
) -> LabelBatch:
    """Queue up to ``size`` images of a labeling project that were never queued there.

    Args:
        database: Where images and tasks are.
        actor: Who queues them.
        project: Name of the project.
        name: Name of the labeling project.
        size: Images at most.
        strategy: The oldest first, or a uniform draw.
        assignee: Who gets them; None leaves them to all members.
        seed: Of the draw.

    Raises:
        LabelingProjectNotFound: There is none of this name.
        NothingToBatch: Every image that fulfils its filter was queued.
        AssigneeUnfit: The assignee may not label.
    """
    require(actor, Permission.MANAGE_DATA, project)
    owner = get_labeling_project(database, actor, project, name)
    waiting = list_waiting_images(database, actor, owner)
    if strategy == "random":
        waiting = random.Random(seed).sample(waiting, len(waiting))
    order = TaskOrder(queue=name, assignee=assignee)
    return queue_batch(database, actor, owner, waiting[:size], order=order, strategy=strategy)


def queue_batch(
    database: Database,
    actor: Actor,
    owner: LabelingProject,
    image_ids: Sequence[str],
    *,
    order: TaskOrder,
    strategy: str,
    facts: dict[str, object] | None = None,
    reasons: Mapping[str, Mapping[str, Any]] | None = None,
) -> LabelBatch:
    """Queue chosen images as one batch; the caller has authorised it.

    Args:
        database: Where the tasks are.
        actor: Who queues them.
        owner: Labeling project.
        image_ids: Images, most urgent first.
        order: Assignee and priority.
        strategy: How the images were chosen.
        facts: What the choice rested on.
        reasons: Image to why it is there; one with ``p_error`` comes first where it is high.

    Raises:
        NothingToBatch: There are none.
    """
    if not image_ids:
        raise NothingToBatch(owner.name)
    with database.begin() as tx:
        batch = LabelBatch(
            id=new_id("batch"),
            project=owner.project,
            queue=owner.name,
            name=f"{strategy} {utc_now():%Y-%m-%d %H:%M}",
            strategy=strategy,
            num_tasks=0,
            created_by=actor.name,
            created_at=utc_now(),
            facts=facts or {},
        )
        order = replace(order, batch_id=batch.id)
        made = write_tasks(tx, actor, owner.project, image_ids, order)
        for task in made.created if reasons else ():
            reason = dict((reasons or {})[task.image_id])
            priority = round(1000 * float(reason.get("p_error", 0)))
            task_store.update_task(tx, replace(task, reason=reason, priority=priority))
        batch = replace(batch, num_tasks=len(made.created))
        batch_store.insert_batch(tx, batch)
        publish(
            tx,
            type="visionloop.label_batch.created",
            project=owner.project,
            subject=f"label_batch/{batch.id}",
            actor=actor,
            data={"queue": batch.queue, "strategy": strategy, "num_tasks": batch.num_tasks},
        )
    return batch


def list_waiting_images(database: Database, actor: Actor, owner: LabelingProject) -> list[str]:
    """Return the images that fulfil a labeling project's filter and were never queued there."""
    with database.read() as tx:
        seen = task_store.list_seen_images(tx, owner.project, owner.name)
    status = cast(AnnotationStatus | None, owner.annotation_status)
    query = ImageQuery(where=owner.where, annotation_status=status, status="active")
    found: list[str] = []
    offset, total = 0, 1
    while offset < total:
        page, total = list_images(database, actor, owner.project, query, limit=_PAGE, offset=offset)
        found += [record.image.id for record in page if record.image.id not in seen]
        offset += _PAGE
    return found


def list_batches(
    database: Database, actor: Actor, project: str, *, queue: str | None = None
) -> list[LabelBatch]:
    """Return batches, newest first, with the states of their tasks."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return batch_store.list_batches(tx, project, queue)


def assign_batch(
    database: Database, actor: Actor, project: str, batch_id: str, *, assignee: str | None
) -> int:
    """Give the tasks of a batch that nobody has started to one person, or to everybody.

    Returns:
        The number of tasks.

    Raises:
        AssigneeUnfit: The person may not label.
    """
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        if assignee is not None:
            check_may_label(tx, project, assignee)
        count = task_store.assign_batch(tx, project, batch_id, assignee)
        publish(
            tx,
            type="visionloop.label_batch.assigned",
            project=project,
            subject=f"label_batch/{batch_id}",
            actor=actor,
            data={"assignee": assignee, "num_tasks": count},
        )
    return count
