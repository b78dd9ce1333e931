"""SQL that filters, sorts, pages and counts the images of a project.

A page first looks at the next images in the wanted order, because most filters let enough of them
through. Only when they do not is the filter selective, and then its most selective condition
leads. Large counts are estimated from a sample in order of image id, which is random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from visionloop.data.query.orders import Order, Place
from visionloop.data.query.trees import EVERYTHING, Filter
from visionloop.data.store.conditions import Condition, condition_of
from visionloop.data.store.fact_tables import FACT_NAMES, MISSING, image_facts, image_terms
from visionloop.data.store.leads import find_lead
from visionloop.data.store.scopes import Scope, find_scope
from visionloop.storage.database import Transaction

_CHUNK: Final = 400
_WINDOWS: Final = (1_000, 12_000)

_facts = image_facts.c


@dataclass(frozen=True)
class Match:
    """One image that fulfils a filter, and its place in the order."""

    image_id: str
    place: Place


def list_matches(
    tx: Transaction,
    project: str,
    tree: Filter,
    order: Order,
    *,
    limit: int,
    after: Place | None = None,
    offset: int = 0,
) -> list[Match]:
    """Return the next images in the order that fulfil the filter."""
    wanted = condition_of(tree)
    if tree != EVERYTHING:
        for size in _WINDOWS:
            window = _window(project, order, after, size)
            found = _fetch(tx, window, wanted, order, limit=limit, offset=offset)
            if len(found) == limit:
                return found
    lead = find_lead(tx, project, tree)
    # Without a condition on the project SQLite must begin with the lead, which is in the project.
    scope = _facts.project == project if lead is None else sa.true()
    own = sa.and_(scope, wanted, *_beyond(order, after))
    return _fetch(tx, _source(lead), own, order, limit=limit, offset=offset)


def count_matches(
    tx: Transaction, project: str, tree: Filter, *, exact: bool = False
) -> tuple[int, bool]:
    """Count the images that fulfil the filter; tell whether the count is exact.

    Large counts are estimated from a sample, see ``scopes.find_scope``.
    """
    if tree != EVERYTHING and not exact:
        scope = find_scope(tx, project, tree)
        if scope.is_exact:
            return _count(tx, scope), True
        return scope.scaled(_count(tx, scope)), False
    return _count(tx, find_scope(tx, project, tree, exact=True)), True


def _count(tx: Transaction, scope: Scope) -> int:
    query = sa.select(sa.func.count()).select_from(scope.source).where(scope.condition)
    return tx.execute(query).scalar_one()


def stream_matches(
    tx: Transaction, project: str, tree: Filter, *, batch: int = 1000
) -> Iterator[list[str]]:
    """Yield the ids of all images that fulfil the filter in batches, by id."""
    after = ""
    while True:
        query = (
            sa.select(_facts.id)
            .where(_facts.project == project, _facts.id > after, condition_of(tree))
            .order_by(_facts.id)
            .limit(batch)
        )
        ids = list(tx.execute(query).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]


def filter_ids(tx: Transaction, project: str, tree: Filter, image_ids: Sequence[str]) -> set[str]:
    """Return those of the images that exist and fulfil the filter."""
    wanted = condition_of(tree)
    found: set[str] = set()
    for start in range(0, len(image_ids), _CHUNK):
        chosen = _facts.id.in_(image_ids[start : start + _CHUNK])
        query = sa.select(_facts.id).where(_facts.project == project, chosen, wanted)
        found.update(tx.execute(query).scalars())
    return found


def read_values(
    tx: Transaction, project: str, field: str, image_ids: Sequence[str]
) -> dict[str, str | float | None]:
    """Return the value of a field of those images that exist; classes and tags are joined."""
    found: dict[str, str | float | None] = {}
    for start in range(0, len(image_ids), _CHUNK):
        own = (_facts.project == project) & _facts.id.in_(image_ids[start : start + _CHUNK])
        if field in FACT_NAMES:
            rows = tx.execute(sa.select(_facts.id, _facts[field]).where(own))
            found.update((row[0], None if row[1] in ("", MISSING) else row[1]) for row in rows)
            continue
        term = (image_terms.c.seq == _facts.seq) & (image_terms.c.field == field)
        source = image_facts.join(image_terms, term, isouter=True)
        query = sa.select(_facts.id, image_terms.c.key).select_from(source).where(own)
        keys: dict[str, list[str]] = {}
        for image_id, key in tx.execute(query.order_by(image_terms.c.key)):
            keys.setdefault(image_id, []).extend([key] if key else [])
        found.update((image_id, ", ".join(names) or None) for image_id, names in keys.items())
    return found


def _window(project: str, order: Order, after: Place | None, size: int) -> sa.FromClause:
    """Return the next images in the order, whatever the filter says of them."""
    near = (
        sa.select(_facts.seq.label("near_seq"))
        .where(_facts.project == project, *_beyond(order, after))
        .order_by(*_order_by(order))
        .limit(size)
        .subquery("near")
    )
    return near.join(image_facts, _facts.seq == near.c.near_seq)


def _fetch(
    tx: Transaction,
    source: sa.FromClause,
    wanted: Condition,
    order: Order,
    *,
    limit: int,
    offset: int,
) -> list[Match]:
    query = (
        sa.select(_facts.id, _facts[order.field], _facts.seq)
        .select_from(source)
        .where(wanted)
        .order_by(*_order_by(order))
        .limit(limit)
        .offset(offset)
    )
    return [Match(row[0], Place(row[1], row[2])) for row in tx.execute(query)]


def _order_by(order: Order) -> list[sa.ColumnElement[Any]]:
    columns = (_facts[order.field], _facts.seq)
    return [column.desc() if order.descending else column.asc() for column in columns]


def _beyond(order: Order, after: Place | None) -> list[Condition]:
    if after is None:
        return []
    here = sa.tuple_(_facts[order.field], _facts.seq)
    place = sa.tuple_(sa.literal(after.value), sa.literal(after.seq))
    return [here < place if order.descending else here > place]


def _source(lead: sa.CTE | None) -> sa.FromClause:
    return image_facts if lead is None else lead.join(image_facts, _facts.seq == lead.c.seq)
