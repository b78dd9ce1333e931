"""SQL for annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from visionloop.data.entities import Annotation, AnnotationSet
from visionloop.data.store.indexing import CHUNK, refresh_facts
from visionloop.data.store.tables import annotation_sets, labels
from visionloop.storage.database import Transaction


def find_annotation_set(tx: Transaction, project: str, image_id: str) -> AnnotationSet | None:
    """Return the annotations of an image; None when there is no such image."""
    return find_annotation_sets(tx, project, [image_id]).get(image_id)


def find_annotation_sets(
    tx: Transaction, project: str, image_ids: Sequence[str]
) -> dict[str, AnnotationSet]:
    """Return the annotations of many images, by image id."""
    sets: dict[str, AnnotationSet] = {}
    for start in range(0, len(image_ids), CHUNK):
        chosen = image_ids[start : start + CHUNK]
        own = (labels.c.project == project) & labels.c.image_id.in_(chosen)
        query = labels.select().where(own).order_by(labels.c.position)
        shapes: dict[str, list[Annotation]] = {}
        for row in tx.execute(query).mappings():
            shapes.setdefault(row["image_id"], []).append(_annotation(row))
        heads = annotation_sets.select().where(
            annotation_sets.c.project == project, annotation_sets.c.image_id.in_(chosen)
        )
        for row in tx.execute(heads).mappings():
            sets[row["image_id"]] = AnnotationSet(
                project=project,
                image_id=row["image_id"],
                revision=row["revision"],
                status=row["status"],
                annotations=tuple(shapes.get(row["image_id"], ())),
                updated_at=row["updated_at"],
                updated_by=row["updated_by"],
                attributes=row["attributes"],
            )
    return sets


def replace_annotations(tx: Transaction, saved: AnnotationSet, *, expected_revision: int) -> bool:
    """Replace the annotations of an image; tell whether it still had the expected revision."""
    condition = (
        (annotation_sets.c.project == saved.project)
        & (annotation_sets.c.image_id == saved.image_id)
        & (annotation_sets.c.revision == expected_revision)
    )
    changed = tx.execute(annotation_sets.update().where(condition).values(**_head(saved)))
    if changed.rowcount != 1:
        return False
    own = (labels.c.project == saved.project) & (labels.c.image_id == saved.image_id)
    tx.execute(labels.delete().where(own))
    _insert_annotations(tx, [saved])
    refresh_facts(tx, saved.project, [saved.image_id])
    return True


def fill_annotations(tx: Transaction, sets: Sequence[AnnotationSet]) -> None:
    """Write the first annotations of many images that have none yet."""
    if not sets:
        return
    table = annotation_sets
    statement = (
        table.update()
        .where(
            table.c.project == sa.bindparam("own_project"),
            table.c.image_id == sa.bindparam("own_image"),
        )
        .values({name: sa.bindparam(f"new_{name}") for name in _head(sets[0])})
    )
    heads = [
        {"own_project": item.project, "own_image": item.image_id}
        | {f"new_{name}": value for name, value in _head(item).items()}
        for item in sets
    ]
    tx.execute(statement, heads)
    _insert_annotations(tx, sets)
    by_project: dict[str, list[str]] = {}
    for item in sets:
        by_project.setdefault(item.project, []).append(item.image_id)
    for project, ids in by_project.items():
        refresh_facts(tx, project, ids)


def _head(saved: AnnotationSet) -> dict[str, Any]:
    return {
        "revision": saved.revision,
        "status": saved.status,
        "labels": sorted({annotation.category for annotation in saved.annotations}),
        "num_annotations": len(saved.annotations),
        "updated_at": saved.updated_at,
        "updated_by": saved.updated_by,
        "attributes": dict(saved.attributes),
    }


def _insert_annotations(tx: Transaction, sets: Sequence[AnnotationSet]) -> None:
    rows = [
        {name: getattr(annotation, name) for name in Annotation.__dataclass_fields__}
        | {"project": saved.project, "position": position}
        for saved in sets
        for position, annotation in enumerate(saved.annotations)
    ]
    if rows:
        tx.execute(labels.insert(), rows)


def _annotation(row: Mapping[Any, Any]) -> Annotation:
    values = {name: row[name] for name in Annotation.__dataclass_fields__}
    if values["bbox"] is not None:
        values["bbox"] = tuple(values["bbox"])
    return Annotation(**values)
