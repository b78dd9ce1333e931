"""The labels of a task's image inside a transaction, and how to save them again."""

from __future__ import annotations

from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet
from visionloop.data.errors import ImageNotFound
from visionloop.data.store import annotations as annotation_store
from visionloop.storage.database import Transaction


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
