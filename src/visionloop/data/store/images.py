"""SQL for images and ingested files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from visionloop.data.entities import Image, ImageRecord, Split
from visionloop.data.query.orders import Order, Place
from visionloop.data.query.trees import Filter
from visionloop.data.store.fact_tables import image_facts
from visionloop.data.store.indexing import CHUNK, refresh_facts
from visionloop.data.store.pages import list_matches, stream_matches
from visionloop.data.store.tables import (
    annotation_sets,
    dataset_versions,
    images,
    ingest_files,
    labels,
    thumbnails,
)
from visionloop.data.store.tags import list_tags
from visionloop.storage.database import Transaction, upsert

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
    by_project: dict[str, list[str]] = {}
    for image in new:
        by_project.setdefault(image.project, []).append(image.id)
    for project, ids in by_project.items():
        refresh_facts(tx, project, ids)


def update_image(tx: Transaction, project: str, image_id: str, **values: Any) -> None:
    """Change columns of an image."""
    condition = (images.c.project == project) & (images.c.id == image_id)
    tx.execute(images.update().where(condition).values(**values))
    refresh_facts(tx, project, [image_id])


def find_present(tx: Transaction, project: str, image_ids: Sequence[str]) -> list[str]:
    """Return those ids that the project has, in order."""
    query = sa.select(images.c.id).where(images.c.project == project, images.c.id.in_(image_ids))
    present = set(tx.execute(query).scalars())
    return [image_id for image_id in image_ids if image_id in present]


def set_status(tx: Transaction, project: str, image_ids: Sequence[str], status: str) -> int:
    """Set the status of images; return how many had another one."""
    for table in (image_facts, images):
        own = (table.c.project == project) & table.c.id.in_(image_ids)
        statement = table.update().where(own, table.c.status != status).values(status=status)
        changed = tx.execute(statement).rowcount
    return changed


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
    refresh_facts(tx, project, list(keys))


def find_images(tx: Transaction, project: str, image_ids: Sequence[str]) -> dict[str, Image]:
    """Return those of the images that exist, by id."""
    found: dict[str, Image] = {}
    for start in range(0, len(image_ids), CHUNK):
        chosen = images.c.id.in_(image_ids[start : start + CHUNK])
        query = images.select().where(images.c.project == project, chosen)
        found.update((row["id"], _image(row)) for row in tx.execute(query).mappings())
    return found


def find_images_by(
    tx: Transaction, project: str, column: str, values: Sequence[str]
) -> dict[str, list[Image]]:
    """Return the images whose "name" or "uri" is one of the values, by that value."""
    found: dict[str, list[Image]] = {}
    for start in range(0, len(values), CHUNK):
        chosen = images.c[column].in_(values[start : start + CHUNK])
        query = images.select().where(images.c.project == project, chosen)
        for row in tx.execute(query).mappings():
            found.setdefault(row[column], []).append(_image(row))
    return found


def list_names(tx: Transaction, project: str) -> Iterator[tuple[str, str]]:
    """Yield (id, name) of every image of a project."""
    query = sa.select(images.c.id, images.c.name).where(images.c.project == project)
    for row in tx.execute(query.execution_options(yield_per=10_000)):
        yield row.id, row.name


def find_image(tx: Transaction, project: str, image_id: str) -> Image | None:
    """Return one image."""
    return find_images(tx, project, [image_id]).get(image_id)


def list_records(
    tx: Transaction,
    project: str,
    tree: Filter,
    order: Order,
    *,
    limit: int,
    after: Place | None = None,
    offset: int = 0,
) -> tuple[list[ImageRecord], Place | None]:
    """Return a page of images with the state of their labels, and where the next one goes on."""
    found = list_matches(tx, project, tree, order, limit=limit + 1, after=after, offset=offset)
    page = found[:limit]
    records = find_records(tx, project, [match.image_id for match in page])
    return records, page[-1].place if len(found) > limit else None


def find_records(tx: Transaction, project: str, image_ids: Sequence[str]) -> list[ImageRecord]:
    """Return those of the images that exist with the state of their labels, in this order."""
    found: dict[str, ImageRecord] = {}
    for start in range(0, len(image_ids), CHUNK):
        chosen = image_ids[start : start + CHUNK]
        query = sa.select(*_RECORD_COLUMNS).select_from(_RECORDS)
        rows = tx.execute(query.where(images.c.project == project, images.c.id.in_(chosen)))
        tags = list_tags(tx, project, chosen)
        splits = _splits(tx, project, chosen)
        for row in rows.mappings():
            own = row["id"]
            found[own] = _record(row, tags.get(own, ()), splits.get(own))
    return [found[image_id] for image_id in image_ids if image_id in found]


def stream_records(
    tx: Transaction, project: str, tree: Filter, *, batch: int = 1000
) -> Iterator[list[ImageRecord]]:
    """Yield every image that fulfils the filter in batches, by id."""
    for ids in stream_matches(tx, project, tree, batch=batch):
        yield find_records(tx, project, ids)


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


def _splits(tx: Transaction, project: str, image_ids: Sequence[str]) -> dict[str, Split]:
    query = sa.select(image_facts.c.id, image_facts.c.split).where(
        image_facts.c.project == project, image_facts.c.id.in_(image_ids)
    )
    return {row[0]: row[1] for row in tx.execute(query) if row[1]}


def _image(row: Mapping[Any, Any]) -> Image:
    values = {name: row[name] for name in Image.__dataclass_fields__}
    if values["statistics"] is not None:
        values["statistics"] = tuple(values["statistics"])
    return Image(**values)


def _record(row: Mapping[Any, Any], tags: tuple[str, ...], split: Split | None) -> ImageRecord:
    return ImageRecord(
        image=_image(row),
        annotation_status=row["set_status"],
        revision=row["set_revision"],
        labels=tuple(row["set_labels"]),
        num_annotations=row["set_num_annotations"],
        tags=tags,
        split=split,
    )


def _counts(rows: Iterable[Sequence[Any]]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}
