"""SQL for the next task: what a person could label or review now, in the order of work.

A queue of fifty thousand tasks is walked along an index, never sorted: one partial index holds
the tasks that nobody has finished labeling, in the order of work, divided by who may take them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from visionloop.labeling.entities import LabelTask, Pull, TaskKind
from visionloop.labeling.store.locks import locked_subjects
from visionloop.labeling.store.tables import LABELABLE, PULLABLE, label_locks, label_tasks
from visionloop.labeling.store.tasks import CHUNK, WORK_ORDER, task_of
from visionloop.storage.database import Transaction

_IS_PULLABLE = sa.text(PULLABLE)
_IS_LABELABLE = sa.text(LABELABLE)
_CONSENSUS: sa.ColumnElement[str] = sa.literal_column("'consensus'")
_IS_RETURNED = sa.text("state = 'rejected'")


def list_candidates(tx: Transaction, pull: Pull, *, limit: int) -> list[LabelTask]:
    """Return tasks that this person could label now: first what they hold, then what came back."""
    found = {task.id: task for task in _held(tx, pull)}
    returned = sa.select(label_tasks).where(
        *_in_queue(pull), *_free(pull), _IS_RETURNED, _for(pull)
    )
    for row in tx.execute(returned.order_by(*WORK_ORDER).limit(limit)).mappings():
        found.setdefault(row["id"], task_of(row))
    if len(found) < limit:
        for task in _walk(tx, pull, limit):
            found.setdefault(task.id, task)
    return list(found.values())[:limit]


def _walk(tx: Transaction, pull: Pull, limit: int) -> Iterator[LabelTask]:
    """Merge what is everybody's and what is this person's: two walks along one index."""
    walks = []
    for assignee in (None, pull.worker):
        query = sa.select(label_tasks).where(
            *_in_queue(pull),
            label_tasks.c.assignee == assignee,
            _IS_PULLABLE,
            *_free(pull),
            _is_fresh(pull),
        )
        rows = tx.execute(query.order_by(*WORK_ORDER).limit(limit)).mappings()
        walks.append([task_of(row) for row in rows])
    return heapq.merge(*walks, key=_work_order)


def _is_fresh(pull: Pull) -> sa.ColumnElement[bool]:
    """Nobody answers twice about one image, and a gold task is only its own person's."""
    other = label_tasks.alias()
    answered = sa.exists().where(
        other.c.project == label_tasks.c.project,
        other.c.image_id == label_tasks.c.image_id,
        other.c.queue == label_tasks.c.queue,
        other.c.labeler == pull.worker,
        other.c.kind == _CONSENSUS,
        other.c.id != label_tasks.c.id,
    )
    kind = label_tasks.c.kind
    return sa.or_(
        kind == TaskKind.LABEL.value,
        sa.and_(kind == TaskKind.CONSENSUS.value, sa.not_(answered)),
        sa.and_(kind == TaskKind.GOLD.value, label_tasks.c.labeler == pull.worker),
    )


def _held(tx: Transaction, pull: Pull) -> list[LabelTask]:
    """Return the tasks that this person has open, in the order of work."""
    own = _locked_tasks(tx, pull, label_locks.c.holder == pull.worker)
    return sorted(own, key=_work_order)


def _locked_tasks(
    tx: Transaction, pull: Pull, condition: sa.ColumnElement[bool]
) -> list[LabelTask]:
    # Locks are few, so they come first: a planner that began with the queue would walk all of it.
    subjects = list(tx.execute(locked_subjects(pull.project, condition, pull.now)).scalars())
    query = label_tasks.select().where(
        label_tasks.c.project == pull.project, label_tasks.c.lock_key.in_(subjects), _IS_LABELABLE
    )
    found = [task_of(row) for row in tx.execute(query).mappings()] if subjects else []
    return [
        task
        for task in found
        if task.assignee in (None, pull.worker)
        and pull.queue in (None, task.queue)
        and task.queue not in pull.except_queues
    ]


def _work_order(task: LabelTask) -> tuple[int, datetime, str]:
    return (-task.priority, task.created_at, task.id)


def count_candidates(tx: Transaction, pull: Pull) -> int:
    """Count the tasks that this person could label now."""
    counted = sa.select(sa.func.count()).select_from(label_tasks)
    # Those that others have open, or that this person answered in another slot, are few: they are
    # counted alone, so that the many are counted within the index.
    own = _in_queue(pull)
    pullable = [
        counted.where(*own, label_tasks.c.assignee == assignee, _IS_PULLABLE)
        for assignee in (None, pull.worker)
    ]
    returned = counted.where(*own, _IS_RETURNED, _for(pull))
    total = sum(tx.execute(query).scalar_one() for query in (*pullable, returned))
    taken = _locked_tasks(tx, pull, label_locks.c.holder != pull.worker)
    return max(0, total - len(taken) - _count_answered(tx, pull))


def _count_answered(tx: Transaction, pull: Pull) -> int:
    """Count the open slots of images that this person has answered already."""
    answered = sa.select(label_tasks.c.image_id).where(
        *_in_queue(pull), label_tasks.c.labeler == pull.worker, label_tasks.c.kind == _CONSENSUS
    )
    images = list(tx.execute(answered).scalars())
    count = 0
    for start in range(0, len(images), CHUNK):
        query = (
            sa.select(sa.func.count())
            .select_from(label_tasks)
            .where(
                label_tasks.c.project == pull.project,
                label_tasks.c.image_id.in_(images[start : start + CHUNK]),
                label_tasks.c.kind == _CONSENSUS,
                _IS_PULLABLE,
                _for(pull),
                label_tasks.c.labeler.is_(None) | (label_tasks.c.labeler != pull.worker),
            )
        )
        query = query if pull.queue is None else query.where(label_tasks.c.queue == pull.queue)
        count += int(tx.execute(query).scalar_one())
    return count


def list_reviewable(tx: Transaction, pull: Pull) -> list[LabelTask]:
    """Return up to 500 submitted tasks that this person could review now, oldest first."""
    conditions = [
        *_in_queue(pull),
        *_free(pull),
        label_tasks.c.state == "submitted",
        label_tasks.c.kind == TaskKind.LABEL.value,
    ]
    if not pull.own_review:
        conditions.append(label_tasks.c.labeler != pull.worker)
    own = locked_subjects(pull.project, label_locks.c.holder == pull.worker, pull.now)
    held = sa.case((label_tasks.c.lock_key.in_(own), 0), else_=1)
    query = (
        label_tasks.select()
        .where(*conditions)
        .order_by(held, label_tasks.c.precedence, label_tasks.c.submitted_at)
        .limit(CHUNK)
    )
    return [task_of(row) for row in tx.execute(query).mappings()]


def _in_queue(pull: Pull) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [label_tasks.c.project == pull.project]
    if pull.queue is not None:
        conditions.append(label_tasks.c.queue == pull.queue)
    if pull.except_queues:
        conditions.append(label_tasks.c.queue.not_in(pull.except_queues))
    return conditions


def _for(pull: Pull) -> sa.ColumnElement[bool]:
    return label_tasks.c.assignee.is_(None) | (label_tasks.c.assignee == pull.worker)


def _free(pull: Pull) -> list[sa.ColumnElement[bool]]:
    others = locked_subjects(pull.project, label_locks.c.holder != pull.worker, pull.now)
    return [label_tasks.c.lock_key.not_in(others)]
