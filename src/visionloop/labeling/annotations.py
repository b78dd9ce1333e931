"""Label an opened task: every change is saved, then the work is handed in or skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations
from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet
from visionloop.data.errors import ImageNotFound
from visionloop.data.store import annotations as annotation_store
from visionloop.labeling import rules
from visionloop.labeling.claims import hold_image
from visionloop.labeling.entities import CommentKind, LabelSaved, LabelTask
from visionloop.labeling.schema.changes import find_schema
from visionloop.labeling.schema.checks import check_required, check_values
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
        StaleAnnotations: Somebody saved in between.
        UnknownClasses, AnnotationInvalid: A label breaks the project's rules.
        AttributeInvalid: An attribute breaks the label schema.
    """
    require(actor, Permission.LABEL, project)
    owner = get_project(database, project)
    policy = rules.read_policy(owner.settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name)
        now = hold_image(tx, task, actor, policy)
        check_values(find_schema(tx, owner), drafts, attributes or {})
        saved = write_annotations(
            tx,
            actor,
            owner,
            task.image_id,
            drafts,
            expected_revision=expected_revision,
            attributes=attributes,
        )
        worked = rules.touch(task, actor.name, now)
        task_store.update_task(tx, worked)
    return LabelSaved(task=worked, annotations=saved)


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
        labels = find_annotations(tx, project, task.image_id)
        rules.check_complete(task, owner.task, labels.annotations)
        check_required(find_schema(tx, owner), labels.annotations, labels.attributes)
        if labels.status in ("unlabeled", "rejected"):
            # Handing in says that this is what the image shows, be it nothing at all.
            drafts = [as_draft(annotation) for annotation in labels.annotations]
            labels = write_annotations(
                tx, actor, owner, task.image_id, drafts, expected_revision=labels.revision
            )
        submitted = rules.submit(task, actor.name, now, revision=labels.revision, policy=policy)
        lock_store.release_lock(tx, project, task.image_id, actor.name)
        write_change(tx, actor, submitted, "submitted", revision=submitted.revision)
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
    policy = rules.read_policy(get_project(database, project).settings)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        rules.check_labelable(task, actor.name, "skip")
        said = rules.check_reason(task, "skip", reason)
        now = hold_image(tx, task, actor, policy)
        skipped = rules.skip(task, actor.name, now)
        lock_store.release_lock(tx, project, task.image_id, actor.name)
        write_comment(tx, actor, task, CommentKind.SKIP, said)
        write_change(tx, actor, skipped, "skipped", reason=said)
    return skipped


def find_annotations(tx: Transaction, project: str, image_id: str) -> AnnotationSet:
    """Return the labels of an image inside the caller's transaction.

    Raises:
        ImageNotFound: The project has no such image.
    """
    found = annotation_store.find_annotation_set(tx, project, image_id)
    if found is None:
        raise ImageNotFound(project, image_id)
    return found


def as_draft(annotation: Annotation) -> AnnotationDraft:
    """Return the draft that saves an annotation again as it is."""
    return AnnotationDraft(
        id=annotation.id,
        category=annotation.category,
        kind=annotation.kind,
        bbox=annotation.bbox,
        segmentation=annotation.segmentation,
        attributes=annotation.attributes,
        score=annotation.score,
        source=annotation.source,
        author=annotation.author,
        keypoints=annotation.keypoints,
        external_id=annotation.external_id,
    )
