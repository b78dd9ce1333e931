"""SQL for tags; it keeps the index of image queries true as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from visionloop.data.store.fact_tables import image_facts, image_tags, image_terms
from visionloop.storage.database import Transaction


def list_tags(
    tx: Transaction, project: str, image_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the tags of images in alphabetical order, by image id."""
    query = (
        sa.select(image_tags.c.image_id, image_tags.c.tag)
        .where(image_tags.c.project == project, image_tags.c.image_id.in_(image_ids))
        .order_by(image_tags.c.tag)
    )
    found: dict[str, tuple[str, ...]] = {}
    for image_id, tag in tx.execute(query):
        found[image_id] = (*found.get(image_id, ()), tag)
    return found


def count_tags(tx: Transaction, project: str) -> dict[str, int]:
    """Return how many images have each tag, in alphabetical order."""
    query = (
        sa.select(image_tags.c.tag, sa.func.count())
        .where(image_tags.c.project == project)
        .group_by(image_tags.c.tag)
        .order_by(image_tags.c.tag)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def add_tag(
    tx: Transaction,
    project: str,
    tag: str,
    image_ids: Sequence[str],
    *,
    added_by: str,
    added_at: datetime,
) -> int:
    """Put a tag on images that lack it; return how many did."""
    tagged = sa.select(image_tags.c.image_id).where(
        image_tags.c.project == project,
        image_tags.c.tag == tag,
        image_tags.c.image_id.in_(image_ids),
    )
    query = sa.select(image_facts.c.id, image_facts.c.seq).where(
        image_facts.c.project == project,
        image_facts.c.id.in_(image_ids),
        image_facts.c.id.not_in(tagged),
    )
    lacking = tx.execute(query).all()
    if not lacking:
        return 0
    own = {"project": project, "tag": tag, "added_by": added_by, "added_at": added_at}
    tx.execute(image_tags.insert(), [own | {"image_id": row[0]} for row in lacking])
    term = {"project": project, "field": "tag", "key": tag, "text": "", "number": 1.0}
    tx.execute(image_terms.insert(), [term | {"seq": row[1]} for row in lacking])
    return len(lacking)


def remove_tag(tx: Transaction, project: str, tag: str, image_ids: Sequence[str]) -> int:
    """Take a tag off images that have it; return how many had."""
    own = (image_tags.c.project == project) & (image_tags.c.tag == tag)
    removed = tx.execute(image_tags.delete().where(own, image_tags.c.image_id.in_(image_ids)))
    seqs = sa.select(image_facts.c.seq).where(
        image_facts.c.project == project, image_facts.c.id.in_(image_ids)
    )
    term = (image_terms.c.field == "tag") & (image_terms.c.key == tag)
    tx.execute(image_terms.delete().where(term, image_terms.c.seq.in_(seqs)))
    return removed.rowcount
