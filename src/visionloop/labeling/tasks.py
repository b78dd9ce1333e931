"""Make, find, assign and reopen labeling tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.admin.rules import is_allowed
from visionloop.data.annotations import get_annotations
from visionloop.data.images import get_image
from visionloop.data.store import images as image_store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.labeling import rules
from visionloop.labeling.answers import find_answer_set
from visionloop.labeling.entities import (
    CommentKind,
    LabelTask,
    Pin,
    QueueSummary,
    TaskComment,
    TaskDetail,
    TaskKind,
    TaskOrder,
    TaskQuery,
    TasksCreated,
    TaskState,
)
from visionloop.labeling.errors import ImagesMissing, TaskNotFound
from visionloop.labeling.projects import store as project_store
from visionloop.labeling.projects.settings import check_may_label
from visionloop.labeling.store import comments as comment_store
from visionloop.labeling.store import figures as figure_store
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database, Transaction

_MAX_IDS_IN_EVENT = 100


def create_tasks(
    database: Database,
    actor: Actor,
    project: str,
    image_ids: Sequence[str],
    order: TaskOrder | None = None,
) -> TasksCreated:
    """Queue images for labeling; one that has an unfinished task in the queue keeps that one.

    Raises:
        ImagesMissing: The project lacks some of them; no task was made.
        QueueNameBad, AssigneeUnfit: The order cannot be followed.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        return write_tasks(tx, actor, project, image_ids, order or TaskOrder())


def write_tasks(
    tx: Transaction, actor: Actor, project: str, image_ids: Sequence[str], order: TaskOrder
) -> TasksCreated:
    """Do what ``create_tasks`` does, inside the caller's transaction and authorisation."""
    rules.check_queue_name(order.queue)
    if order.assignee is not None:
        check_may_label(tx, project, order.assignee)
    wanted = list(dict.fromkeys(image_ids))
    known = image_store.find_images(tx, project, wanted)
    if missing := [image_id for image_id in wanted if image_id not in known]:
        raise ImagesMissing(project, missing)
    existing = task_store.find_unfinished(tx, project, order.queue, wanted)
    queued = {task.image_id for task in existing}
    owner = project_store.find_labeling_project(tx, project, order.queue)
    num_annotators = 1 if owner is None else owner.num_annotators
    made = [
        _new_task(actor, project, image_id, order, slot=slot, is_alone=num_annotators == 1)
        for image_id in wanted
        if image_id not in queued
        for slot in range(num_annotators)
    ]
    task_store.insert_tasks(tx, made)
    if made:
        publish(
            tx,
            type="visionloop.label_tasks.created",
            project=project,
            subject=f"label_queue/{order.queue}",
            actor=actor,
            data={
                "queue": order.queue,
                "num_tasks": len(made),
                "assignee": order.assignee,
                "task_ids": [task.id for task in made[:_MAX_IDS_IN_EVENT]],
            },
        )
    return TasksCreated(created=tuple(made), existing=tuple(existing))


def list_tasks(
    database: Database,
    actor: Actor,
    project: str,
    query: TaskQuery | None = None,
    *,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[LabelTask], int]:
    """Return a page of tasks in the order of work, and how many there are in all."""
    require(actor, Permission.READ, project)
    # Gold tasks look like any other to those who might be tested by them.
    with_gold = is_allowed(actor, Permission.REVIEW, project, "dev")
    with database.read() as tx:
        return task_store.list_tasks(
            tx,
            project,
            query or TaskQuery(),
            limit=limit,
            offset=offset,
            with_gold=with_gold,
        )


def get_task(database: Database, actor: Actor, project: str, task_id: str) -> TaskDetail:
    """Return a task with its image, labels and comments, without opening it for work.

    Raises:
        TaskNotFound: The project has no such task.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        task = task_store.find_task(tx, project, task_id)
        if task is None:
            raise TaskNotFound(project, task_id)
        comments = comment_store.list_comments(tx, task_id)
        lock = lock_store.find_lock(tx, project, task.lock_key)
        answer = find_answer_set(tx, task) if task.is_blind else None
    is_held = lock is not None and lock.expires_at > utc_now()
    return TaskDetail(
        task=task,
        image=get_image(database, actor, project, task.image_id),
        annotations=answer or get_annotations(database, actor, project, task.image_id),
        comments=comments,
        lock=lock if is_held else None,
    )


def list_queues(database: Database, actor: Actor, project: str) -> list[QueueSummary]:
    """Return every queue that has tasks, with counts by state."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return figure_store.summarise_queues(tx, project)


def assign_task(
    database: Database, actor: Actor, project: str, task_id: str, *, assignee: str | None
) -> LabelTask:
    """Give a task to one person, or with None to everybody.

    Raises:
        TaskNotFound: The project has no such task.
        AssigneeUnfit: The person may not label there.
    """
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        if assignee is not None:
            check_may_label(tx, project, assignee)
        changed = replace(task, assignee=assignee)
        write_change(tx, actor, changed, "assigned", assignee=assignee)
    return changed


def reopen_task(database: Database, actor: Actor, project: str, task_id: str) -> LabelTask:
    """Put an accepted or skipped task back into its queue.

    Raises:
        TaskNotFound: The project has no such task.
        WrongTaskState: It is not finished.
    """
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        changed = rules.reopen(task)
        # A later task of the same image may have taken its place in the queue.
        if taken := task_store.find_unfinished(tx, project, task.queue, [task.image_id]):
            return taken[0]
        write_change(tx, actor, changed, "reopened")
    return changed


def find_for_update(tx: Transaction, project: str, task_id: str) -> LabelTask:
    """Return a task that nobody else changes before the transaction ends.

    Raises:
        TaskNotFound: The project has no such task.
    """
    task = task_store.find_task(tx, project, task_id, for_update=True)
    if task is None:
        raise TaskNotFound(project, task_id)
    return task


def write_comment(
    tx: Transaction,
    actor: Actor,
    task: LabelTask,
    kind: CommentKind,
    text: str,
    *,
    pin: Pin | None = None,
) -> TaskComment:
    """Store a comment inside the caller's transaction."""
    comment = TaskComment(
        id=new_id("comment"),
        task_id=task.id,
        kind=kind,
        author=actor.name,
        text=text,
        created_at=utc_now(),
        **vars(pin or Pin()),
    )
    comment_store.insert_comment(tx, comment)
    return comment


def write_change(
    tx: Transaction, actor: Actor, task: LabelTask, verb: str, **facts: object
) -> None:
    """Store a changed task and tell of it, inside the caller's transaction.

    Args:
        tx: The transaction.
        actor: Who changed it.
        task: The task as it is now.
        verb: Last part of the event's type, in the past: "submitted".
        **facts: Further data of the event.
    """
    task_store.update_task(tx, task)
    publish(
        tx,
        type=f"visionloop.label_task.{verb}",
        project=task.project,
        subject=f"label_task/{task.id}",
        actor=actor,
        data={"image_id": task.image_id, "queue": task.queue, "state": task.state.value} | facts,
    )


def find_owner(database: Database, project: str) -> Project:
    """Return the project that tasks belong to."""
    return get_project(database, project)


def load_project_policy(database: Database, project: str) -> rules.LabelingPolicy:
    """Return how the project labels."""
    return rules.read_policy(get_project(database, project).settings)


def _new_task(
    actor: Actor, project: str, image_id: str, order: TaskOrder, *, slot: int, is_alone: bool
) -> LabelTask:
    return LabelTask(
        id=new_id("task"),
        project=project,
        image_id=image_id,
        queue=order.queue,
        state=TaskState.OPEN,
        priority=order.priority,
        created_by=actor.name,
        created_at=utc_now(),
        assignee=order.assignee,
        reason=dict(order.reason),
        kind=TaskKind.LABEL if is_alone else TaskKind.CONSENSUS,
        slot=slot,
        batch_id=order.batch_id,
    )
