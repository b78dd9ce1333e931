"""SQL for the next task: what a person could label or review now, in the order of work.

A queue of fifty thousand tasks is walked along an index, never sorted: one partial index holds
the tasks that nobody has finished labeling, in the order of work, divided by who may take them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from visionloop.labeling.entities import LabelTask
from visionloop.labeling.store.locks import locked_images
from visionloop.labeling.store.tables import LABELABLE, PULLABLE, label_locks, label_tasks
from visionloop.labeling.store.tasks import CHUNK, WORK_ORDER, task_of
from visionloop.storage.database import Transaction

_IS_PULLABLE = sa.text(PULLABLE)
_IS_LABELABLE = sa.text(LABELABLE)


def list_candidates(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime, limit: int
) -> list[LabelTask]:
    """Return tasks that this person could label now: first what they hold, then what came back."""
    found = {task.id: task for task in _held(tx, project, worker, queue=queue, now=now)}
    returned = _returned(project, worker, queue=queue, now=now)
    for row in tx.execute(returned.order_by(*WORK_ORDER).limit(limit)).mappings():
        found.setdefault(row["id"], task_of(row))
    if len(found) < limit:
        for task in _pull(tx, project, worker, queue=queue, now=now, limit=limit):
            found.setdefault(task.id, task)
    return list(found.values())[:limit]


def _pull(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime, limit: int
) -> Iterator[LabelTask]:
    """Merge what is everybody's and what is this person's: two walks along one index."""
    walks = []
    for assignee in (None, worker):
        query = _pullable(project, worker, assignee, queue=queue, now=now)
        rows = tx.execute(query.order_by(*WORK_ORDER).limit(limit)).mappings()
        walks.append([task_of(row) for row in rows])
    return heapq.merge(*walks, key=_work_order)


def _pullable(
    project: str, worker: str, assignee: str | None, *, queue: str | None, now: datetime
) -> sa.Select[tuple[object, ...]]:
    """Select the tasks of one assignee, or of nobody, that no other person has open."""
    return sa.select(label_tasks).where(
        *_in_queue(project, queue),
        label_tasks.c.assignee == assignee,
        _IS_PULLABLE,
        label_tasks.c.image_id.not_in(locked_images(project, label_locks.c.holder != worker, now)),
    )


def _held(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime
) -> list[LabelTask]:
    """Return the tasks whose image this person has open, in the order of work."""
    own = _locked_tasks(tx, project, label_locks.c.holder == worker, worker, queue=queue, now=now)
    return sorted(own, key=_work_order)


def _locked_tasks(
    tx: Transaction,
    project: str,
    condition: sa.ColumnElement[bool],
    worker: str,
    *,
    queue: str | None,
    now: datetime,
) -> list[LabelTask]:
    # Locks are few, so they come first: a planner that began with the queue would walk all of it.
    images = list(tx.execute(locked_images(project, condition, now)).scalars())
    query = label_tasks.select().where(
        label_tasks.c.project == project, label_tasks.c.image_id.in_(images), _IS_LABELABLE
    )
    found = [task_of(row) for row in tx.execute(query).mappings()] if images else []
    return [
        task for task in found if task.assignee in (None, worker) and queue in (None, task.queue)
    ]


def _work_order(task: LabelTask) -> tuple[int, datetime, str]:
    return (-task.priority, task.created_at, task.id)


def _returned(
    project: str, worker: str, *, queue: str | None, now: datetime
) -> sa.Select[tuple[object, ...]]:
    """Select the tasks that a reviewer gave back, and that this person may mend."""
    return sa.select(label_tasks).where(
        *_in_queue(project, queue),
        sa.text("state = 'rejected'"),
        label_tasks.c.assignee.is_(None) | (label_tasks.c.assignee == worker),
        label_tasks.c.image_id.not_in(locked_images(project, label_locks.c.holder != worker, now)),
    )


def count_candidates(
    tx: Transaction, project: str, worker: str, *, queue: str | None, now: datetime
) -> int:
    """Count the tasks that this person could label now."""
    counted = sa.select(sa.func.count()).select_from(label_tasks)
    # Those that others have open are few: they are counted alone, so that the many are counted
    # within the index.
    own = _in_queue(project, queue)
    pullable = [
        counted.where(*own, label_tasks.c.assignee == assignee, _IS_PULLABLE)
        for assignee in (None, worker)
    ]
    mine = label_tasks.c.assignee.is_(None) | (label_tasks.c.assignee == worker)
    returned = counted.where(*own, mine, sa.text("state = 'rejected'"))
    total = sum(tx.execute(query).scalar_one() for query in (*pullable, returned))
    others = label_locks.c.holder != worker
    return total - len(_locked_tasks(tx, project, others, worker, queue=queue, now=now))


def list_reviewable(
    tx: Transaction,
    project: str,
    reviewer: str,
    *,
    queue: str | None,
    now: datetime,
    own_work: bool,
) -> list[LabelTask]:
    """Return up to 500 submitted tasks that this person could review now, oldest first."""
    conditions = [
        *_in_queue(project, queue),
        label_tasks.c.state == "submitted",
        label_tasks.c.image_id.not_in(
            locked_images(project, label_locks.c.holder != reviewer, now)
        ),
    ]
    if not own_work:
        conditions.append(label_tasks.c.labeler != reviewer)
    own = locked_images(project, label_locks.c.holder == reviewer, now)
    held = sa.case((label_tasks.c.image_id.in_(own), 0), else_=1)
    query = (
        label_tasks.select()
        .where(*conditions)
        .order_by(held, label_tasks.c.priority.desc(), label_tasks.c.submitted_at)
        .limit(CHUNK)
    )
    return [task_of(row) for row in tx.execute(query).mappings()]


def _in_queue(project: str, queue: str | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [label_tasks.c.project == project]
    if queue is not None:
        conditions.append(label_tasks.c.queue == queue)
    return conditions
