"""Who works on which image: taking the next one, opening one, giving it back.

An image is held by a lock that expires, so that two people never work on one, and a closed
browser never keeps one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.kernel.clock import utc_now
from visionloop.labeling import rules
from visionloop.labeling.entities import LabelTask, Lock, NextTask, Pull, TaskDetail, TaskState
from visionloop.labeling.errors import TaskLocked
from visionloop.labeling.projects import rules as project_rules
from visionloop.labeling.projects import store as project_store
from visionloop.labeling.quality.gold import slip_in_gold
from visionloop.labeling.store import answers as answer_store
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
    with database.begin() as tx:
        pull = _find_pull(tx, project, actor, queue)
        _test_if_due(tx, pull)
        task = _claim_first(tx, actor, pull, policy, except_ids=except_ids)
        remaining = candidate_store.count_candidates(tx, pull)
        following = candidate_store.list_candidates(tx, pull, limit=_NUM_UPCOMING + 1)
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
        NotMember: Its labeling project is other people's.
    """
    require(actor, Permission.LABEL, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name, "open")
        owner = project_store.find_labeling_project(tx, project, task.queue)
        project_rules.check_member(owner, actor.name)
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
            task.id, lock_store.find_lock(tx, project, task.lock_key), actor.name, utc_now()
        )
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        released = rules.release(task)
        if released != task:
            write_change(tx, actor, released, "released")
    return released


def keep_task(database: Database, actor: Actor, project: str, task_id: str) -> Lock:
    """Tell that this person is still at work: prolong the lock, and count the time.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: The lock ran out and somebody else took the image.
        TaskNotYours, WrongTaskState: It cannot be labeled by this person now.
    """
    require(actor, Permission.LABEL, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        if task.state is TaskState.SUBMITTED:
            require(actor, Permission.REVIEW, project)
            now = hold_image(tx, task, actor, policy)
        else:
            rules.check_labelable(task, actor.name, "keep")
            now = hold_image(tx, task, actor, policy)
            task_store.update_task(tx, rules.touch(task, actor.name, now))
    return Lock(holder=actor.name, expires_at=now + policy.lease)


def hold_image(
    tx: Transaction, task: LabelTask, actor: Actor, policy: rules.LabelingPolicy
) -> datetime:
    """Take or prolong the lock on a task's image, or on a blind answer; return the present time.

    Raises:
        TaskLocked: Somebody else has it.
    """
    now = utc_now()
    wanted = Lock(holder=actor.name, expires_at=now + policy.lease)
    if not lock_store.acquire_lock(tx, task.project, task.lock_key, lock=wanted, now=now):
        held = lock_store.find_lock(tx, task.project, task.lock_key)
        by, until = (held.holder, held.expires_at) if held else ("somebody", now)
        raise TaskLocked(task.id, by, until)
    return now


def _find_pull(tx: Transaction, project: str, actor: Actor, queue: str | None) -> Pull:
    found = project_store.list_labeling_projects(tx, project)
    closed = project_rules.list_closed_queues(found, actor.name)
    return Pull(project, actor.name, utc_now(), queue=queue, except_queues=closed)


def _test_if_due(tx: Transaction, pull: Pull) -> None:
    """Slip a hidden test in before the next task of a labeling project that has them."""
    following = candidate_store.list_candidates(tx, pull, limit=1)
    if not following or following[0].state is not TaskState.OPEN:
        return
    owner = project_store.find_labeling_project(tx, pull.project, following[0].queue)
    if owner is None or not owner.gold_share:
        return
    test = slip_in_gold(tx, owner, pull.worker, priority=following[0].priority)
    if test is not None:
        lock = Lock(pull.worker, pull.now + timedelta(seconds=1))
        lock_store.acquire_lock(tx, pull.project, test.lock_key, lock=lock, now=pull.now)


def _claim_first(
    tx: Transaction,
    actor: Actor,
    pull: Pull,
    policy: rules.LabelingPolicy,
    *,
    except_ids: Collection[str],
) -> LabelTask | None:
    candidates = candidate_store.list_candidates(tx, pull, limit=_PAGE + len(except_ids))
    for candidate in candidates:
        if candidate.id in except_ids:
            continue
        try:
            hold_image(tx, candidate, actor, policy)
        except TaskLocked:
            continue
        # Between reading and locking somebody may have finished it (PostgreSQL).
        task = find_for_update(tx, pull.project, candidate.id)
        if task.state in (TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.REJECTED):
            return _start(tx, actor, task)
        lock_store.release_lock(tx, pull.project, task.lock_key, actor.name)
    return None


def _start(tx: Transaction, actor: Actor, task: LabelTask) -> LabelTask:
    if task.is_blind and task.labeler not in (None, actor.name):
        # What somebody else began to say must not sway the next.
        answer_store.delete_answer(tx, task.id)
        task = replace(task, active_s=0.0, worked_at=None, started_at=None)
    started = rules.touch(task, actor.name, utc_now())
    if task.state is TaskState.IN_PROGRESS and task.labeler == actor.name:
        task_store.update_task(tx, started)
    else:
        write_change(tx, actor, started, "opened")
    return started
