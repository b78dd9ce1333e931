"""Who works on which image: taking the next one, opening one, giving it back.

An image is held by a lock that expires, so that two people never work on one, and a closed
browser never keeps one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.kernel.clock import utc_now
from visionloop.labeling import rules
from visionloop.labeling.entities import LabelTask, Lock, NextTask, TaskDetail, TaskState
from visionloop.labeling.errors import TaskLocked
from visionloop.labeling.store import candidates as candidate_store
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.store import tasks as task_store
from visionloop.labeling.tasks import (
    find_for_update,
    get_task,
    load_project_policy,
    write_change,
)
from visionloop.storage.database import Database, Transaction

_NUM_UPCOMING = 3
_PAGE = 50


def next_task(
    database: Database,
    actor: Actor,
    project: str,
    *,
    queue: str | None = None,
    except_ids: Collection[str] = (),
) -> NextTask:
    """Open the next image for this person: the one they hold, then rejected work, then the rest.

    Args:
        database: Where the tasks are.
        actor: Who labels; holds the image afterwards.
        project: Name of the project.
        queue: Only from this queue.
        except_ids: Tasks that the person wants to leave for later.
    """
    require(actor, Permission.LABEL, project)
    policy = load_project_policy(database, project)
    now = utc_now()
    with database.begin() as tx:
        task = _claim_first(tx, actor, project, policy, queue=queue, except_ids=except_ids)
        remaining = candidate_store.count_candidates(tx, project, actor.name, queue=queue, now=now)
        following = candidate_store.list_candidates(
            tx, project, actor.name, queue=queue, now=now, limit=_NUM_UPCOMING + 1
        )
    if task is None:
        return NextTask(detail=None, remaining=0)
    upcoming = [item.image_id for item in following if item.id != task.id]
    return NextTask(
        detail=get_task(database, actor, project, task.id),
        remaining=max(remaining - 1, 0),
        upcoming=tuple(upcoming[:_NUM_UPCOMING]),
    )


def open_task(database: Database, actor: Actor, project: str, task_id: str) -> TaskDetail:
    """Open one task for work, for example the previous one.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: Somebody else has its image open.
        TaskNotYours: It is assigned to somebody else.
        WrongTaskState: It is submitted or finished.
    """
    require(actor, Permission.LABEL, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name, "open")
        hold_image(tx, task, actor, policy)
        _start(tx, actor, task)
    return get_task(database, actor, project, task_id)


def release_task(database: Database, actor: Actor, project: str, task_id: str) -> LabelTask:
    """Give an opened task back; what was saved stays.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: Somebody else has it open.
    """
    require(actor, Permission.LABEL, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_lock(
            task.id, lock_store.find_lock(tx, project, task.image_id), actor.name, utc_now()
        )
        lock_store.release_lock(tx, project, task.image_id, actor.name)
        released = rules.release(task)
        if released != task:
            write_change(tx, actor, released, "released")
    return released


def hold_image(
    tx: Transaction, task: LabelTask, actor: Actor, policy: rules.LabelingPolicy
) -> datetime:
    """Take or prolong the lock on a task's image and return the present time.

    Raises:
        TaskLocked: Somebody else has it.
    """
    now = utc_now()
    wanted = Lock(holder=actor.name, expires_at=now + policy.lease)
    if not lock_store.acquire_lock(tx, task.project, task.image_id, lock=wanted, now=now):
        held = lock_store.find_lock(tx, task.project, task.image_id)
        by, until = (held.holder, held.expires_at) if held else ("somebody", now)
        raise TaskLocked(task.id, by, until)
    return now


def _claim_first(
    tx: Transaction,
    actor: Actor,
    project: str,
    policy: rules.LabelingPolicy,
    *,
    queue: str | None,
    except_ids: Collection[str],
) -> LabelTask | None:
    candidates = candidate_store.list_candidates(
        tx, project, actor.name, queue=queue, now=utc_now(), limit=_PAGE + len(except_ids)
    )
    for candidate in candidates:
        if candidate.id in except_ids:
            continue
        try:
            hold_image(tx, candidate, actor, policy)
        except TaskLocked:
            continue
        # Between reading and locking somebody may have finished it (PostgreSQL).
        task = find_for_update(tx, project, candidate.id)
        if task.state in (TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.REJECTED):
            return _start(tx, actor, task)
        lock_store.release_lock(tx, project, task.image_id, actor.name)
    return None


def _start(tx: Transaction, actor: Actor, task: LabelTask) -> LabelTask:
    started = rules.touch(task, actor.name, utc_now())
    if task.state is TaskState.IN_PROGRESS and task.labeler == actor.name:
        task_store.update_task(tx, started)
    else:
        write_change(tx, actor, started, "opened")
    return started
