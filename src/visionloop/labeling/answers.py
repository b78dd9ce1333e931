"""Blind answers: read and saved like the labels of an image, but one person's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from visionloop.admin.entities import Actor, Project
from visionloop.data.annotations import check_drafts
from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet
from visionloop.data.errors import ImageNotFound, StaleAnnotations
from visionloop.data.store import images as image_store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.labeling.entities import LabelTask
from visionloop.labeling.records import Answer
from visionloop.labeling.store import answers as answer_store
from visionloop.storage.database import Transaction


def find_answer_set(tx: Transaction, task: LabelTask) -> AnnotationSet:
    """Return what was said in a blind task, as if it were the labels of its image."""
    answer = answer_store.find_answer(tx, task.id)
    if answer is None:
        return AnnotationSet(
            project=task.project,
            image_id=task.image_id,
            revision=0,
            status="unlabeled",
            annotations=(),
            updated_at=task.created_at,
            updated_by="",
        )
    return as_annotation_set(answer)


def save_answer(
    tx: Transaction,
    actor: Actor,
    project: Project,
    task: LabelTask,
    drafts: Sequence[AnnotationDraft],
    *,
    expected_revision: int,
    attributes: Mapping[str, Any] | None = None,
) -> AnnotationSet:
    """Replace what was said in a blind task, inside the caller's transaction.

    Raises:
        StaleAnnotations: It was saved in between, for example in another window.
        UnknownClasses, AnnotationInvalid: A label breaks the project's rules.
    """
    image = image_store.find_image(tx, task.project, task.image_id)
    if image is None:
        raise ImageNotFound(task.project, task.image_id)
    before = answer_store.find_answer(tx, task.id)
    checked = [
        replace(draft, id=draft.id or new_id("ann"), author=draft.author or actor.name)
        for draft in check_drafts(drafts, project, image)
    ]
    kept = {} if before is None else before.attributes
    answer = Answer(
        task_id=task.id,
        project=task.project,
        image_id=task.image_id,
        revision=expected_revision + 1,
        annotations=tuple(checked),
        attributes=dict(kept if attributes is None else attributes),
        updated_at=utc_now(),
        updated_by=actor.name,
    )
    current = 0 if before is None else before.revision
    is_current = current == expected_revision
    if not is_current or not answer_store.write_answer(
        tx, answer, expected_revision=expected_revision
    ):
        raise StaleAnnotations(task.image_id, expected_revision, current)
    return as_annotation_set(answer)


def as_annotation_set(answer: Answer) -> AnnotationSet:
    """Return an answer in the shape of an image's labels."""
    return AnnotationSet(
        project=answer.project,
        image_id=answer.image_id,
        revision=answer.revision,
        status="labeled",
        annotations=tuple(_annotation(answer, draft) for draft in answer.annotations),
        updated_at=answer.updated_at,
        updated_by=answer.updated_by,
        attributes=answer.attributes,
    )


def _annotation(answer: Answer, draft: AnnotationDraft) -> Annotation:
    return Annotation(
        id=draft.id or "",
        image_id=answer.image_id,
        category=draft.category,
        kind=draft.kind,
        bbox=draft.bbox,
        segmentation=draft.segmentation,
        attributes=draft.attributes,
        score=draft.score,
        source=draft.source,
        author=draft.author or answer.updated_by,
        keypoints=draft.keypoints,
        external_id=draft.external_id,
    )
