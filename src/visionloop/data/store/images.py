"""SQL for images and ingested files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from visionloop.data.entities import Image, ImageQuery, ImageRecord
from visionloop.data.rules import ImageFilter, parse_filter
from visionloop.data.store.tables import (
    annotation_sets,
    dataset_versions,
    images,
    ingest_files,
    labels,
    thumbnails,
)
from visionloop.storage.database import Transaction, upsert

# SQLite builds of old take at most 999 parameters in a statement.
CHUNK: Final = 400
_RECORD_COLUMNS: Final = (
    *images.c,
    annotation_sets.c.revision.label("set_revision"),
    annotation_sets.c.status.label("set_status"),
    annotation_sets.c.labels.label("set_labels"),
    annotation_sets.c.num_annotations.label("set_num_annotations"),
)
_RECORDS: Final = images.join(
    annotation_sets,
    (annotation_sets.c.project == images.c.project) & (annotation_sets.c.image_id == images.c.id),
)


def insert_images(tx: Transaction, new: Sequence[Image]) -> None:
    """Insert images, each with an empty annotation set at revision 0; those there are kept."""
    if not new:
        return
    rows = [vars(image) | {"camera": image.camera} for image in new]
    tx.execute(upsert(tx, images, ("project", "id")), rows)
    empty = {"revision": 0, "status": "unlabeled", "labels": [], "num_annotations": 0}
    sets = [
        {"project": image.project, "image_id": image.id, "updated_at": image.created_at}
        | {"updated_by": "", **empty}
        for image in new
    ]
    tx.execute(upsert(tx, annotation_sets, ("project", "image_id")), sets)


def update_image(tx: Transaction, project: str, image_id: str, **values: Any) -> None:
    """Change columns of an image."""
    condition = (images.c.project == project) & (images.c.id == image_id)
    tx.execute(images.update().where(condition).values(**values))


def update_group_keys(tx: Transaction, project: str, keys: Mapping[str, str]) -> None:
    """Set the group key of many images."""
    if not keys:
        return
    statement = (
        images.update()
        .where(images.c.project == project, images.c.id == sa.bindparam("image"))
        .values(group_key=sa.bindparam("key"))
    )
    tx.execute(statement, [{"image": image, "key": key} for image, key in keys.items()])


def find_images(tx: Transaction, project: str, image_ids: Sequence[str]) -> dict[str, Image]:
    """Return those of the images that exist, by id."""
    found: dict[str, Image] = {}
    for start in range(0, len(image_ids), CHUNK):
        chosen = images.c.id.in_(image_ids[start : start + CHUNK])
        query = images.select().where(images.c.project == project, chosen)
        found.update((row["id"], _image(row)) for row in tx.execute(query).mappings())
    return found


def find_image(tx: Transaction, project: str, image_id: str) -> Image | None:
    """Return one image."""
    return find_images(tx, project, [image_id]).get(image_id)


def list_records(
    tx: Transaction, project: str, query: ImageQuery, *, limit: int, offset: int
) -> tuple[list[ImageRecord], int]:
    """Return a page of images with the state of their labels, and how many there are in all."""
    conditions = _conditions(project, query)
    total = tx.execute(
        sa.select(sa.func.count()).select_from(_RECORDS).where(*conditions)
    ).scalar_one()
    column = images.c.name if query.sort.lstrip("-") == "name" else images.c.created_at
    order: list[ColumnElement[Any]] = [column, images.c.id]
    if query.sort.startswith("-"):
        order = [column.desc(), images.c.id.desc()]
    page = sa.select(*_RECORD_COLUMNS).select_from(_RECORDS).where(*conditions).order_by(*order)
    rows = tx.execute(page.limit(limit).offset(offset)).mappings()
    return [_record(row) for row in rows], total


def stream_records(
    tx: Transaction, project: str, query: ImageQuery, *, batch: int = 1000
) -> Iterator[list[ImageRecord]]:
    """Yield every image that fulfils the query in batches, by id."""
    after = ""
    while True:
        rows = tx.execute(
            sa.select(*_RECORD_COLUMNS)
            .select_from(_RECORDS)
            .where(*_conditions(project, query), images.c.id > after)
            .order_by(images.c.id)
            .limit(batch)
        ).mappings()
        records = [_record(row) for row in rows]
        if not records:
            return
        yield records
        after = records[-1].image.id


def list_files(tx: Transaction, project: str, datastore: str) -> dict[str, tuple[int, str, str]]:
    """Return path to (size, modification mark, image id) of the files ingested so far."""
    query = sa.select(
        ingest_files.c.path,
        ingest_files.c.size_bytes,
        ingest_files.c.modified,
        ingest_files.c.image_id,
    ).where(ingest_files.c.project == project, ingest_files.c.datastore == datastore)
    return {path: (size, mark, image) for path, size, mark, image in tx.execute(query)}


def replace_files(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember what was ingested from each path."""
    if rows:
        kept = ("size_bytes", "modified", "image_id")
        statement = upsert(tx, ingest_files, ("project", "datastore", "path"), kept)
        tx.execute(statement, [dict(row) for row in rows])


def find_thumbnail(tx: Transaction, image_id: str, size: int) -> str | None:
    """Return the blob of a thumbnail made earlier."""
    own = (thumbnails.c.image_id == image_id) & (thumbnails.c.size == size)
    blob: str | None = tx.execute(sa.select(thumbnails.c.blob).where(own)).scalar_one_or_none()
    return blob


def replace_thumbnail(tx: Transaction, image_id: str, size: int, blob: str) -> None:
    """Remember the blob of a thumbnail."""
    own = (thumbnails.c.image_id == image_id) & (thumbnails.c.size == size)
    tx.execute(thumbnails.delete().where(own))
    tx.execute(thumbnails.insert().values(image_id=image_id, size=size, blob=blob))


def count_images(tx: Transaction, project: str) -> dict[str, Any]:
    """Count images and labels along every axis that the console shows."""
    own = annotation_sets.c.project == project
    mine = images.c.project == project
    single = {
        "num_images": sa.select(sa.func.count()).select_from(images).where(mine),
        "num_annotations": sa.select(
            sa.func.coalesce(sa.func.sum(annotation_sets.c.num_annotations), 0)
        ).where(own),
        "num_groups": sa.select(sa.func.count(sa.distinct(images.c.group_key))).where(mine),
        "num_versions": sa.select(sa.func.count())
        .select_from(dataset_versions)
        .where(dataset_versions.c.project == project),
    }
    counts: dict[str, Any] = {name: tx.execute(q).scalar_one() for name, q in single.items()}
    axes = {
        "by_annotation_status": (annotation_sets.c.status, own),
        "by_status": (images.c.status, mine),
        "by_origin": (images.c.origin, mine),
        "by_camera": (sa.func.coalesce(images.c.camera, "unknown"), mine),
    }
    for name, (column, condition) in axes.items():
        query = sa.select(column, sa.func.count()).where(condition).group_by(column)
        counts[name] = _counts(tx.execute(query.order_by(column)))
    shown = (
        sa.select(labels.c.category, sa.func.count(sa.distinct(labels.c.image_id)))
        .where(labels.c.project == project)
        .group_by(labels.c.category)
        .order_by(labels.c.category)
    )
    counts["by_class"] = _counts(tx.execute(shown))
    return counts


def is_disk_full(error: BaseException) -> bool:
    """Tell whether a database error means that the disk is full (SQLite and PostgreSQL words)."""
    text = str(getattr(error, "orig", error)).lower()
    return isinstance(error, sa.exc.DBAPIError) and (
        "disk is full" in text or "no space left" in text
    )


def _conditions(project: str, query: ImageQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [images.c.project == project]
    plain = {"status": query.status, "origin": query.origin, "camera": query.camera}
    for name, value in (plain | {"group_key": query.group_key}).items():
        if value is not None:
            found.append(images.c[name] == value)
    if query.annotation_status is not None:
        found.append(annotation_sets.c.status == query.annotation_status)
    if query.text:
        found.append(images.c.name.icontains(query.text, autoescape=True))
    if query.label is not None:
        own = (labels.c.project == project) & (labels.c.category == query.label)
        found.append(images.c.id.in_(sa.select(labels.c.image_id).where(own)))
    found.extend(_filter_condition(parse_filter(text)) for text in query.where)
    return found


def _filter_condition(parsed: ImageFilter) -> ColumnElement[bool]:
    """Say in SQL what ``rules.matches`` decides."""
    value: ColumnElement[Any] = images.c[parsed.field]
    if parsed.key is not None:
        value = sa.cast(value[parsed.key].as_string(), sa.String)
    positive = (
        value == parsed.value
        if parsed.operator in ("=", "!=")
        else value.regexp_match(parsed.value)
    )
    if parsed.operator in ("=", "~"):
        return positive
    return sa.or_(value.is_(None), sa.not_(positive))


def _image(row: Mapping[Any, Any]) -> Image:
    values = {name: row[name] for name in Image.__dataclass_fields__}
    if values["statistics"] is not None:
        values["statistics"] = tuple(values["statistics"])
    return Image(**values)


def _record(row: Mapping[Any, Any]) -> ImageRecord:
    return ImageRecord(
        image=_image(row),
        annotation_status=row["set_status"],
        revision=row["set_revision"],
        labels=tuple(row["set_labels"]),
        num_annotations=row["set_num_annotations"],
    )


def _counts(rows: Iterable[Sequence[Any]]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}
