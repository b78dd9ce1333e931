"""Review submitted work: accept it, or give it back with a comment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations, write_review
from visionloop.data.entities import AnnotationDraft
from visionloop.data.errors import StaleAnnotations
from visionloop.kernel.clock import utc_now
from visionloop.labeling import rules
from visionloop.labeling.claims import hold_image
from visionloop.labeling.entities import CommentKind, LabelTask, NextTask, Pull
from visionloop.labeling.errors import TaskLocked
from visionloop.labeling.schema.changes import find_schema
from visionloop.labeling.schema.checks import check_required, check_values
from visionloop.labeling.sets import find_annotations
from visionloop.labeling.store import candidates as candidate_store
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.tasks import (
    find_for_update,
    get_task,
    load_project_policy,
    write_change,
    write_comment,
)
from visionloop.storage.database import Database, Transaction

_NUM_UPCOMING = 3


def next_review(
    database: Database,
    actor: Actor,
    project: str,
    *,
    queue: str | None = None,
    except_ids: Collection[str] = (),
) -> NextTask:
    """Hold the next submitted task for this reviewer; two reviewers never get one image."""
    require(actor, Permission.REVIEW, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        pull = Pull(project, actor.name, utc_now(), queue, own_review=policy.allow_self_review)
        waiting = candidate_store.list_reviewable(tx, pull)
        wanted = [task for task in waiting if task.id not in except_ids]
        held = _hold_first(tx, wanted, actor, policy)
    if held is None:
        return NextTask(detail=None, remaining=0)
    others = [task for task in wanted if task.id != held.id]
    return NextTask(
        detail=get_task(database, actor, project, held.id),
        remaining=len(others),
        upcoming=tuple(task.image_id for task in others[:_NUM_UPCOMING]),
    )


def accept_task(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    *,
    expected_revision: int | None = None,
    comment: str = "",
) -> LabelTask:
    """Accept the labels: they count as true from now on.

    Args:
        database: Where the tasks are.
        actor: The reviewer.
        project: Name of the project.
        task_id: The task.
        expected_revision: Of the labels that the reviewer looked at; None trusts the present.
        comment: Anything to tell the labeler.

    Raises:
        TaskNotFound: The project has no such task.
        WrongTaskState: Nothing was submitted.
        OwnWork: The reviewer labeled it.
        TaskLocked: Another reviewer has it open.
        StaleAnnotations: The labels changed since the reviewer looked.
    """
    require(actor, Permission.REVIEW, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_reviewable(task, actor.name, policy, "accept")
        now = hold_image(tx, task, actor, policy)
        revision = _decide(tx, actor, task, accepted=True, expected_revision=expected_revision)
        accepted = rules.accept(task, actor.name, now, revision=revision)
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        if comment.strip():
            write_comment(tx, actor, task, CommentKind.NOTE, comment.strip())
        write_change(tx, actor, accepted, "accepted", labeler=task.labeler)
    return accepted


def fix_task(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    drafts: Sequence[AnnotationDraft],
    *,
    expected_revision: int,
    attributes: Mapping[str, Any] | None = None,
    comment: str = "",
) -> LabelTask:
    """Mend submitted labels and accept them; the task notes that the reviewer had to.

    Args:
        database: Where the tasks are.
        actor: The reviewer.
        project: Name of the project.
        task_id: The task.
        drafts: The labels as they should be, all of them.
        expected_revision: Of the labels that the reviewer looked at.
        attributes: Of the image; None leaves them.
        comment: Anything to tell the labeler.

    Raises:
        TaskNotFound: The project has no such task.
        WrongTaskState: Nothing was submitted.
        OwnWork: The reviewer labeled it.
        TaskLocked: Another reviewer has it open.
        StaleAnnotations: The labels changed since the reviewer looked.
        UnknownClasses, AnnotationInvalid, AttributeInvalid, AttributesMissing: Still not right.
    """
    require(actor, Permission.REVIEW, project)
    owner = get_project(database, project)
    policy = rules.read_policy(owner.settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_reviewable(task, actor.name, policy, "fix")
        now = hold_image(tx, task, actor, policy)
        schema = find_schema(tx, owner)
        check_values(schema, drafts, attributes or {})
        fixed = write_annotations(
            tx,
            actor,
            owner,
            task.image_id,
            drafts,
            expected_revision=expected_revision,
            attributes=attributes,
        )
        rules.check_complete(task, owner.task, fixed.annotations)
        check_required(schema, fixed.annotations, fixed.attributes)
        revision = _decide(tx, actor, task, accepted=True, expected_revision=fixed.revision)
        accepted = rules.accept(task, actor.name, now, revision=revision)
        accepted = replace(accepted, is_fixed=True)
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        if comment.strip():
            write_comment(tx, actor, task, CommentKind.NOTE, comment.strip())
        write_change(tx, actor, accepted, "fixed", labeler=task.labeler)
    return accepted


def reject_task(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    *,
    comment: str,
    expected_revision: int | None = None,
) -> LabelTask:
    """Give the work back to its labeler, saying what is wrong.

    Raises:
        TaskNotFound: The project has no such task.
        WrongTaskState: Nothing was submitted.
        OwnWork: The reviewer labeled it.
        ReasonMissing: The comment is empty.
        TaskLocked: Another reviewer has it open.
        StaleAnnotations: The labels changed since the reviewer looked.
    """
    require(actor, Permission.REVIEW, project)
    policy = load_project_policy(database, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_reviewable(task, actor.name, policy, "reject")
        said = rules.check_reason(task, "reject", comment)
        hold_image(tx, task, actor, policy)
        _decide(tx, actor, task, accepted=False, expected_revision=expected_revision)
        rejected = rules.reject(task, actor.name)
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        write_comment(tx, actor, task, CommentKind.REJECTION, said)
        write_change(tx, actor, rejected, "rejected", labeler=task.labeler, comment=said)
    return rejected


def _decide(
    tx: Transaction,
    actor: Actor,
    task: LabelTask,
    *,
    accepted: bool,
    expected_revision: int | None,
) -> int:
    labels = find_annotations(tx, task.project, task.image_id)
    if expected_revision is not None and expected_revision != labels.revision:
        raise StaleAnnotations(task.image_id, expected_revision, labels.revision)
    reviewed = write_review(
        tx,
        actor,
        task.project,
        task.image_id,
        accepted=accepted,
        expected_revision=labels.revision,
    )
    return reviewed.revision


def _hold_first(
    tx: Transaction, tasks: list[LabelTask], actor: Actor, policy: rules.LabelingPolicy
) -> LabelTask | None:
    for candidate in tasks:
        try:
            hold_image(tx, candidate, actor, policy)
        except TaskLocked:
            continue
        task = find_for_update(tx, candidate.project, candidate.id)
        if task.state == candidate.state:
            return task
        lock_store.release_lock(tx, task.project, task.lock_key, actor.name)
    return None
