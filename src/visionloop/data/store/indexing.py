"""SQL that keeps the tables of image queries true to the images, labels, tags and scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from visionloop.data.grouping import capture_time
from visionloop.data.query.facts import as_text, searchable_text
from visionloop.data.query.times import seconds_of
from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.data.store.fact_tables import (
    FACT_NAMES,
    MISSING,
    image_facts,
    image_scores,
    image_tags,
    image_terms,
)
from visionloop.data.store.tables import annotation_sets, images, labels
from visionloop.storage.database import Transaction, upsert

CHUNK: Final = 400
_KEY_LENGTH: Final = 200
_UNCHANGED: Final = ("split",)


def refresh_facts(tx: Transaction, project: str, image_ids: Sequence[str]) -> None:
    """Write down anew what queries see of images that were added or changed."""
    for start in range(0, len(image_ids), CHUNK):
        _refresh(tx, project, image_ids[start : start + CHUNK])


def index_missing_images(tx: Transaction) -> int:
    """Write down images that an older version brought in; return how many."""
    count = sa.select(sa.func.count())
    present = tx.execute(count.select_from(image_facts)).scalar_one()
    if tx.execute(count.select_from(images)).scalar_one() == present:
        return 0
    own = (image_facts.c.project == images.c.project) & (image_facts.c.id == images.c.id)
    query = sa.select(images.c.project, images.c.id).where(
        ~sa.exists(sa.select(sa.literal(1)).where(own).correlate(images))
    )
    missing: dict[str, list[str]] = {}
    for project, image_id in tx.execute(query):
        missing.setdefault(project, []).append(image_id)
    for project, ids in missing.items():
        refresh_facts(tx, project, ids)
    return sum(map(len, missing.values()))


def set_splits(tx: Transaction, project: str, splits: Mapping[str, str]) -> None:
    """Remember the split of every image in the newest dataset version; others have none."""
    table = image_facts
    tx.execute(
        table.update().where(table.c.project == project, table.c.split != "").values(split="")
    )
    statement = (
        table.update()
        .where(table.c.project == project, table.c.id == sa.bindparam("image"))
        .values(split=sa.bindparam("new_split"))
    )
    rows = [{"image": image, "new_split": split} for image, split in splits.items()]
    if rows:
        tx.execute(statement, rows)


def _refresh(tx: Transaction, project: str, ids: Sequence[str]) -> None:
    known = sa.select(image_facts.c.id, image_facts.c.seq).where(
        image_facts.c.project == project, image_facts.c.id.in_(ids)
    )
    seqs: dict[str, int] = {row[0]: row[1] for row in tx.execute(known)}
    query = (
        sa.select(
            images,
            annotation_sets.c.status.label("set_status"),
            annotation_sets.c.num_annotations,
            annotation_sets.c.revision,
            annotation_sets.c.updated_at,
            annotation_sets.c.attributes,
        )
        .join(
            annotation_sets,
            (annotation_sets.c.project == images.c.project)
            & (annotation_sets.c.image_id == images.c.id),
        )
        .where(images.c.project == project, images.c.id.in_(ids))
    )
    found = {row["id"]: _facts(row) | _terms_source(row) for row in tx.execute(query).mappings()}
    _write_facts(tx, project, found, seqs)
    if len(seqs) < len(found):
        seqs = {row[0]: row[1] for row in tx.execute(known)}
    _write_terms(tx, project, found, seqs)


def _write_facts(
    tx: Transaction, project: str, found: Mapping[str, Mapping[str, Any]], seqs: Mapping[str, int]
) -> None:
    new = [
        {name: row[name] for name in FACT_NAMES} | {"project": project, "id": image_id}
        for image_id, row in found.items()
        if image_id not in seqs
    ]
    if new:
        # Another process may bring in the same image at this moment.
        tx.execute(upsert(tx, image_facts, ("project", "id")), new)
    changed = [name for name in FACT_NAMES if name not in _UNCHANGED]
    old = [
        {f"new_{name}": found[image_id][name] for name in changed} | {"own": seq}
        for image_id, seq in seqs.items()
        if image_id in found
    ]
    if old:
        statement = (
            image_facts.update()
            .where(image_facts.c.seq == sa.bindparam("own"))
            .values({name: sa.bindparam(f"new_{name}") for name in changed})
        )
        tx.execute(statement, old)


def _write_terms(
    tx: Transaction, project: str, found: Mapping[str, Mapping[str, Any]], seqs: Mapping[str, int]
) -> None:
    tx.execute(image_terms.delete().where(image_terms.c.seq.in_(list(seqs.values()))))
    ids = list(found)
    counts = _label_counts(tx, project, ids)
    tags = _pairs(tx, project, ids, (image_tags.c.tag, sa.literal(1.0)), image_tags)
    scores = _pairs(tx, project, ids, (image_scores.c.name, image_scores.c.value), image_scores)
    rows = []
    for image_id, row in found.items():
        keyed = {"metadata": row["metadata"], "attribute": row["attributes"]}
        keyed |= {"label": counts.get(image_id, {}), "tag": tags.get(image_id, {})}
        keyed["score"] = scores.get(image_id, {})
        rows += [
            {"project": project, "seq": seqs[image_id], **term}
            for field, values in keyed.items()
            for term in _terms(field, values)
        ]
    if rows:
        key = ("seq", "field", "key")
        tx.execute(upsert(tx, image_terms, key, ("text", "number")), rows)


def _terms(field: str, values: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for key, value in values.items():
        if value is None or len(key) > _KEY_LENGTH:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        is_text = field in ("metadata", "attribute")
        yield {
            "field": field,
            "key": key,
            "text": as_text(value).replace("\x00", "") if is_text else "",
            "number": float(value) if number else MISSING,
        }


def _facts(row: Mapping[Any, Any]) -> dict[str, Any]:
    taken = capture_time(row["exif"])
    measured = row["statistics"] or (MISSING,) * len(STATISTIC_NAMES)
    return {
        **{name: row[name] or "" for name in ("status", "origin", "datastore", "camera", "format")},
        "annotation_status": row["set_status"],
        "split": "",
        "group": row["group_key"] or "",
        **{name: row[name] for name in ("name", "width", "height", "size_bytes")},
        "num_annotations": row["num_annotations"],
        "created": seconds_of(row["created_at"]),
        "captured": MISSING if taken is None else seconds_of(taken),
        "annotated": seconds_of(row["updated_at"]) if row["revision"] else MISSING,
        **dict(zip(STATISTIC_NAMES, measured, strict=True)),
        "search": searchable_text(row["name"], row["uri"], row["metadata"], row["attributes"]),
    }


def _terms_source(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"metadata": row["metadata"], "attributes": row["attributes"]}


def _label_counts(tx: Transaction, project: str, ids: Sequence[str]) -> dict[str, Counter[str]]:
    query = sa.select(labels.c.image_id, labels.c.category).where(
        labels.c.project == project, labels.c.image_id.in_(ids)
    )
    counts: dict[str, Counter[str]] = {}
    for image_id, category in tx.execute(query):
        counts.setdefault(image_id, Counter())[category] += 1
    return counts


def _pairs(
    tx: Transaction,
    project: str,
    ids: Sequence[str],
    pair: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]],
    table: sa.Table,
) -> dict[str, dict[str, float]]:
    query = sa.select(table.c.image_id, *pair).where(
        table.c.project == project, table.c.image_id.in_(ids)
    )
    found: dict[str, dict[str, float]] = {}
    for image_id, name, number in tx.execute(query):
        found.setdefault(image_id, {})[name] = number
    return found
