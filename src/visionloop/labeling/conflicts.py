"""Saves that came too late: both versions are told to the one who saved, and theirs is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations
from visionloop.data.entities import AnnotationDraft, AnnotationSet
from visionloop.data.errors import StaleAnnotations
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.labeling.answers import find_answer_set, save_answer
from visionloop.labeling.entities import LabelTask
from visionloop.labeling.errors import ConflictNotFound, ConflictResolved, StaleLabels
from visionloop.labeling.records import LabelConflict
from visionloop.labeling.sets import find_annotations
from visionloop.labeling.store import conflicts as conflict_store
from visionloop.labeling.store.drafts import write_drafts
from visionloop.labeling.tasks import find_for_update
from visionloop.storage.database import Database, Transaction

Resolution = Literal["adopted", "discarded"]
_SHOWN = ("id", "category", "kind", "bbox", "segmentation", "keypoints", "score", "source")


def keep_refused(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    drafts: Sequence[AnnotationDraft],
    *,
    stale: StaleAnnotations,
    attributes: Mapping[str, Any] | None,
) -> StaleLabels:
    """Keep a refused save and return the error that tells both versions."""
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        current = _find_current(tx, task)
        conflict = LabelConflict(
            id=new_id("conflict"),
            project=project,
            task_id=task_id,
            image_id=task.image_id,
            author=actor.name,
            expected_revision=int(stale.details["expected_revision"]),
            current_revision=current.revision,
            annotations=tuple(drafts),
            attributes=attributes,
            created_at=utc_now(),
        )
        conflict_store.insert_conflict(tx, conflict)
    return StaleLabels(
        image_id=task.image_id,
        expected_revision=conflict.expected_revision,
        conflict_id=conflict.id,
        current=_shown(current),
        yours={"annotations": write_drafts(conflict.annotations), "attributes": attributes},
    )


def list_conflicts(
    database: Database,
    actor: Actor,
    project: str,
    *,
    task_id: str | None = None,
    open_only: bool = True,
    limit: int = 100,
) -> list[LabelConflict]:
    """Return refused saves, newest first."""
    require(actor, Permission.LABEL, project)
    with database.read() as tx:
        return conflict_store.list_conflicts(
            tx, project, task_id=task_id, open_only=open_only, limit=limit
        )


def resolve_conflict(
    database: Database,
    actor: Actor,
    project: str,
    conflict_id: str,
    *,
    resolution: Resolution,
    expected_revision: int | None = None,
) -> AnnotationSet:
    """Put the refused version in place of the present one, or let the present one stand.

    Args:
        database: Where the labels are.
        actor: The one whose save it was, or a reviewer.
        project: Name of the project.
        conflict_id: The refused save.
        resolution: What becomes of it.
        expected_revision: Of the labels that the person compared it with, to adopt it.

    Raises:
        ConflictNotFound: There is no such refused save.
        ConflictResolved: Somebody decided already.
        StaleAnnotations: The labels changed once more.
        PermissionDenied: It is another person's, and the actor is no reviewer.
    """
    require(actor, Permission.LABEL, project)
    owner = get_project(database, project)
    with database.begin() as tx:
        conflict = conflict_store.find_conflict(tx, project, conflict_id)
        if conflict is None:
            raise ConflictNotFound(project, conflict_id)
        if conflict.resolution is not None:
            raise ConflictResolved(conflict_id, conflict.resolution, str(conflict.resolved_by))
        if conflict.author != actor.name:
            require(actor, Permission.REVIEW, project)
        task = find_for_update(tx, project, conflict.task_id)
        current = _find_current(tx, task)
        if resolution == "adopted":
            revision = current.revision if expected_revision is None else expected_revision
            known = {annotation.id for annotation in current.annotations}
            drafts = [
                draft if draft.id in known else replace(draft, id=None)
                for draft in conflict.annotations
            ]
            values: dict[str, Any] = {
                "expected_revision": revision,
                "attributes": conflict.attributes,
            }
            if task.is_blind:
                current = save_answer(tx, actor, owner, task, drafts, **values)
            else:
                current = write_annotations(tx, actor, owner, task.image_id, drafts, **values)
        conflict_store.resolve_conflict(
            tx, conflict_id, resolution=resolution, by=actor.name, at=utc_now()
        )
    return current


def _find_current(tx: Transaction, task: LabelTask) -> AnnotationSet:
    if task.is_blind:
        return find_answer_set(tx, task)
    return find_annotations(tx, task.project, task.image_id)


def _shown(labels: AnnotationSet) -> dict[str, Any]:
    annotations = [
        {name: getattr(item, name) for name in _SHOWN}
        | {"attributes": dict(item.attributes), "author": item.author}
        for item in labels.annotations
    ]
    return {
        "revision": labels.revision,
        "annotations": annotations,
        "attributes": dict(labels.attributes),
        "updated_by": labels.updated_by,
    }
