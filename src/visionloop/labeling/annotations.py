"""Label an opened task: every change is saved, then the work is handed in or skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations
from visionloop.data.entities import AnnotationDraft, AnnotationSet
from visionloop.data.errors import StaleAnnotations
from visionloop.labeling import rules
from visionloop.labeling.answers import find_answer_set, save_answer
from visionloop.labeling.claims import hold_image
from visionloop.labeling.conflicts import keep_refused
from visionloop.labeling.consensus.settling import settle_if_complete
from visionloop.labeling.entities import CommentKind, LabelSaved, LabelTask, TaskKind
from visionloop.labeling.outcomes import record_outcome
from visionloop.labeling.quality.gold import score_gold
from visionloop.labeling.quality.scores import is_single_class
from visionloop.labeling.schema.changes import find_schema
from visionloop.labeling.schema.checks import check_required, check_values
from visionloop.labeling.sets import as_draft, find_annotations
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.store import tasks as task_store
from visionloop.labeling.tasks import find_for_update, write_change, write_comment
from visionloop.storage.database import Database, Transaction


def save_labels(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    drafts: Sequence[AnnotationDraft],
    *,
    expected_revision: int,
    attributes: Mapping[str, Any] | None = None,
) -> LabelSaved:
    """Replace the labels of a task's image and prolong the lock on it.

    ``attributes`` of the image stay as they are when None.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: The lock ran out and somebody else took the image.
        TaskNotYours, WrongTaskState: It cannot be labeled by this person now.
        StaleLabels: Somebody saved in between; both versions are told, and this one is kept.
        UnknownClasses, AnnotationInvalid: A label breaks the project's rules.
        AttributeInvalid: An attribute breaks the label schema.
    """
    require(actor, Permission.LABEL, project)
    save = _Save(drafts, attributes, expected_revision)
    try:
        return _write_labels(database, actor, project, task_id, save)
    except StaleAnnotations as stale:
        raise keep_refused(
            database, actor, project, task_id, drafts, stale=stale, attributes=attributes
        ) from stale


@dataclass(frozen=True)
class _Save:
    drafts: Sequence[AnnotationDraft]
    attributes: Mapping[str, Any] | None
    expected_revision: int


def _write_labels(
    database: Database, actor: Actor, project: str, task_id: str, save: _Save
) -> LabelSaved:
    owner = get_project(database, project)
    policy = rules.read_policy(owner.settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name)
        now = hold_image(tx, task, actor, policy)
        check_values(find_schema(tx, owner), save.drafts, save.attributes or {})
        saved = _write_set(tx, actor, owner, task, save)
        worked = rules.touch(task, actor.name, now)
        task_store.update_task(tx, worked)
    return LabelSaved(task=worked, annotations=saved)


def _write_set(
    tx: Transaction, actor: Actor, owner: Project, task: LabelTask, save: _Save
) -> AnnotationSet:
    values: dict[str, Any] = {
        "expected_revision": save.expected_revision,
        "attributes": save.attributes,
    }
    if task.is_blind:
        return save_answer(tx, actor, owner, task, save.drafts, **values)
    return write_annotations(tx, actor, owner, task.image_id, save.drafts, **values)


def submit_task(database: Database, actor: Actor, project: str, task_id: str) -> LabelTask:
    """Hand the work in for review; where the project has no review its labels count at once.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: Somebody else has the image open.
        TaskNotYours, WrongTaskState: It cannot be submitted by this person now.
        NothingLabeled: A classification without its class.
        AttributesMissing: The label schema requires more.
    """
    require(actor, Permission.LABEL, project)
    owner = get_project(database, project)
    policy = rules.read_policy(owner.settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name, "submit")
        now = hold_image(tx, task, actor, policy)
        labels = (
            find_answer_set(tx, task)
            if task.is_blind
            else find_annotations(tx, project, task.image_id)
        )
        rules.check_complete(task, owner.task, labels.annotations)
        check_required(find_schema(tx, owner), labels.annotations, labels.attributes)
        if labels.status in ("unlabeled", "rejected"):
            # Handing in says that this is what the image shows, be it nothing at all.
            drafts = [as_draft(annotation) for annotation in labels.annotations]
            save = _Save(drafts, None, labels.revision)
            labels = _write_set(tx, actor, owner, task, save)
        if task.is_blind:  # an answer never counts at once: it waits for those of others
            policy = replace(policy, review=True)
        submitted = rules.submit(task, actor.name, now, revision=labels.revision, policy=policy)
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        write_change(tx, actor, submitted, "submitted", revision=submitted.revision)
        record_outcome(tx, submitted, labels.annotations, is_single=is_single_class(owner))
        if submitted.is_blind:
            submitted = _conclude(tx, owner, submitted)
    return submitted


def skip_task(
    database: Database, actor: Actor, project: str, task_id: str, *, reason: str
) -> LabelTask:
    """Take a task out of the queue, saying why; a reviewer can reopen it.

    Raises:
        TaskNotFound: The project has no such task.
        TaskLocked: Somebody else has the image open.
        TaskNotYours, WrongTaskState: It cannot be skipped by this person now.
        ReasonMissing: The reason is empty.
    """
    require(actor, Permission.LABEL, project)
    owner = get_project(database, project)
    policy = rules.read_policy(owner.settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name, "skip")
        said = rules.check_reason(task, "skip", reason)
        now = hold_image(tx, task, actor, policy)
        skipped = rules.skip(task, actor.name, now)
        lock_store.release_lock(tx, project, task.lock_key, actor.name)
        write_comment(tx, actor, task, CommentKind.SKIP, said)
        write_change(tx, actor, skipped, "skipped", reason=said)
        if skipped.kind is TaskKind.CONSENSUS:
            settle_if_complete(tx, owner, skipped)
    return skipped


def _conclude(tx: Transaction, owner: Project, task: LabelTask) -> LabelTask:
    """Do what the last answer about an image, or the answer of a hidden test, entails."""
    if task.kind is TaskKind.GOLD:
        score_gold(tx, owner, task)
        return task
    settle_if_complete(tx, owner, task)
    return find_for_update(tx, task.project, task.id)
