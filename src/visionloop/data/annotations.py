"""The labels of an image: read, saved against a revision, reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.data.entities import (
    Annotation,
    AnnotationDraft,
    AnnotationSet,
    AnnotationStatus,
    Image,
)
from visionloop.data.errors import ImageNotFound, StaleAnnotations
from visionloop.data.rules import check_annotations, status_after_save
from visionloop.data.store import annotations as store
from visionloop.data.store import images as image_store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database, Transaction

_CONTENT = ("category", "kind", "bbox", "segmentation", "keypoints", "attributes")


def get_annotations(database: Database, actor: Actor, project: str, image_id: str) -> AnnotationSet:
    """Return the annotations of an image with the revision that a save must name.

    Raises:
        ImageNotFound: the project has no such image.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return _find(tx, project, image_id)


def list_annotations(
    database: Database, actor: Actor, project: str, image_ids: Sequence[str]
) -> list[AnnotationSet]:
    """Return the annotations of many images in the order asked for; unknown images are left out.

    A grid draws the shapes of a screen of thumbnails; an image that was removed meanwhile must
    not cost it the others.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        found = store.find_annotation_sets(tx, project, list(dict.fromkeys(image_ids)))
    return [found[image_id] for image_id in dict.fromkeys(image_ids) if image_id in found]


def save_annotations(
    database: Database,
    actor: Actor,
    project: str,
    image_id: str,
    annotations: Sequence[AnnotationDraft],
    *,
    expected_revision: int,
    attributes: Mapping[str, Any] | None = None,
) -> AnnotationSet:
    """Replace the annotations of an image by ``annotations``: all of them, not only the new ones.

    Boxes are cut to the image; annotations whose id and content are unchanged keep their author,
    source and review; everything else becomes the actor's. ``expected_revision`` is the one that
    the caller has seen; ``attributes`` of the image stay as they are when None.

    Raises:
        ImageNotFound: the project has no such image.
        StaleAnnotations: someone saved in between.
        UnknownClasses, AnnotationInvalid: a label breaks the project's rules.
    """
    require(actor, Permission.LABEL, project)
    schema = get_project(database, project)
    with database.begin() as tx:
        return write_annotations(
            tx,
            actor,
            schema,
            image_id,
            annotations,
            expected_revision=expected_revision,
            attributes=attributes,
        )


def write_annotations(
    tx: Transaction,
    actor: Actor,
    project: Project,
    image_id: str,
    annotations: Sequence[AnnotationDraft],
    *,
    expected_revision: int,
    attributes: Mapping[str, Any] | None = None,
) -> AnnotationSet:
    """Do what ``save_annotations`` does, inside the caller's transaction and authorisation."""
    image = image_store.find_image(tx, project.name, image_id)
    if image is None:
        raise ImageNotFound(project.name, image_id)
    before = _find(tx, project.name, image_id)
    if before.revision != expected_revision:
        raise StaleAnnotations(image_id, expected_revision, before.revision)
    checked = check_drafts(annotations, project, image)
    known = {annotation.id: annotation for annotation in before.annotations}
    saved = AnnotationSet(
        project=project.name,
        image_id=image_id,
        revision=expected_revision + 1,
        status=status_after_save(project.task.value, checked),
        annotations=tuple(_settle(draft, known, image_id, actor) for draft in checked),
        updated_at=utc_now(),
        updated_by=actor.name,
        attributes=before.attributes if attributes is None else dict(attributes),
    )
    _replace(tx, saved, expected_revision)
    publish(
        tx,
        type="visionloop.annotations.saved",
        project=project.name,
        subject=f"image/{image_id}",
        actor=actor,
        data={"revision": saved.revision, "num_annotations": len(saved.annotations)},
    )
    return saved


def review_annotations(
    database: Database,
    actor: Actor,
    project: str,
    image_id: str,
    *,
    accepted: bool,
    expected_revision: int,
) -> AnnotationSet:
    """Accept or reject the annotations of an image as they stand at one revision.

    Raises:
        ImageNotFound: the project has no such image.
        StaleAnnotations: someone saved after the reviewer looked.
    """
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        return write_review(
            tx, actor, project, image_id, accepted=accepted, expected_revision=expected_revision
        )


def write_review(
    tx: Transaction,
    actor: Actor,
    project: str,
    image_id: str,
    *,
    accepted: bool,
    expected_revision: int,
) -> AnnotationSet:
    """Do what ``review_annotations`` does, inside the caller's transaction and authorisation."""
    before = _find(tx, project, image_id)
    if before.revision != expected_revision:
        raise StaleAnnotations(image_id, expected_revision, before.revision)
    status: AnnotationStatus = "accepted" if accepted else "rejected"
    reviewer = actor.name if accepted else None
    reviewed = replace(
        before,
        revision=before.revision + 1,
        status=status,
        annotations=tuple(replace(item, reviewed_by=reviewer) for item in before.annotations),
        updated_at=utc_now(),
        updated_by=actor.name,
    )
    _replace(tx, reviewed, expected_revision)
    publish(
        tx,
        type=f"visionloop.annotations.{status}",
        project=project,
        subject=f"image/{image_id}",
        actor=actor,
        data={"revision": reviewed.revision},
    )
    return reviewed


def check_drafts(
    drafts: Sequence[AnnotationDraft], project: Project, image: Image
) -> list[AnnotationDraft]:
    """Check drafts against a project's task and classes and an image's size.

    Raises:
        UnknownClasses, AnnotationInvalid: a label breaks the project's rules.
    """
    return check_annotations(
        drafts,
        task=project.task.value,
        classes=project.classes,
        width=image.width,
        height=image.height,
    )


def _find(tx: Transaction, project: str, image_id: str) -> AnnotationSet:
    found = store.find_annotation_set(tx, project, image_id)
    if found is None:
        raise ImageNotFound(project, image_id)
    return found


def _replace(tx: Transaction, saved: AnnotationSet, expected_revision: int) -> None:
    if not store.replace_annotations(tx, saved, expected_revision=expected_revision):
        current = _find(tx, saved.project, saved.image_id).revision
        raise StaleAnnotations(saved.image_id, expected_revision, current)


def _settle(
    draft: AnnotationDraft, known: dict[str, Annotation], image_id: str, actor: Actor
) -> Annotation:
    before = known.pop(draft.id, None) if draft.id is not None else None
    if before is not None and all(getattr(draft, f) == getattr(before, f) for f in _CONTENT):
        return before
    by_person = before is not None or draft.source == "human"
    return Annotation(
        id=new_id("ann") if before is None else before.id,
        image_id=image_id,
        category=draft.category,
        kind=draft.kind,
        bbox=draft.bbox,
        segmentation=draft.segmentation,
        attributes=dict(draft.attributes),
        score=None if by_person else draft.score,
        source="human" if by_person else draft.source,
        author=actor.name if by_person else draft.author or actor.name,
        keypoints=draft.keypoints,
        external_id=draft.external_id if before is None else before.external_id,
    )
