"""SQL that counts the values of fields among the images of a filter."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from visionloop.data.query.facets import Histogram
from visionloop.data.store.fact_tables import MISSING, image_facts, image_terms
from visionloop.data.store.scopes import Scope
from visionloop.storage.database import Transaction


def count_texts(
    tx: Transaction, scope: Scope, field: str, *, limit: int
) -> list[tuple[str | None, int]]:
    """Count the images of every value of a text field, the most frequent first."""
    column = image_facts.c[field]
    query = (
        sa.select(column, sa.func.count())
        .select_from(scope.source)
        .where(scope.condition)
        .group_by(column)
    )
    found = sorted(tx.execute(query).all(), key=lambda row: (-row[1], row[0]))
    return [(row[0] or None, scope.scaled(row[1])) for row in found[:limit]]


def count_terms(
    tx: Transaction, scope: Scope, field: str, *, limit: int, project: str, everything: bool
) -> list[tuple[str | None, int]]:
    """Count the images of every class or tag, the most frequent first."""
    terms = image_terms.c
    query = sa.select(terms.key, sa.func.count()).group_by(terms.key)
    if everything:
        query = query.where(terms.project == project, terms.field == field)
    else:
        joined = scope.source.join(image_terms, terms.seq == image_facts.c.seq)
        query = query.select_from(joined).where(scope.condition, terms.field == field)
    found = sorted(tx.execute(query).all(), key=lambda row: (-row[1], row[0]))
    return [(row[0], scope.scaled(row[1])) for row in found[:limit]]


def count_bins(tx: Transaction, scope: Scope, field: str, *, bins: int) -> Histogram:
    """Count the images between evenly spaced bounds of a number or time."""
    column = image_facts.c[field]
    bounds = sa.select(sa.func.min(column), sa.func.max(column), sa.func.count())
    measured = sa.and_(scope.condition, column > MISSING)
    low, high, number = tx.execute(bounds.select_from(scope.source).where(measured)).one()
    every = sa.select(sa.func.count()).select_from(scope.source).where(scope.condition)
    missing = scope.scaled(tx.execute(every).scalar_one() - number)
    if not number:
        return Histogram(field, (), (), missing, scope.is_exact)
    width = (high - low) / bins
    if width <= 0.0:
        return Histogram(field, (low, high), (scope.scaled(number),), missing, scope.is_exact)
    place = sa.cast((column - low) / width, sa.Integer)
    if tx.dialect.name == "postgresql":  # its cast rounds, that of SQLite cuts
        place = sa.cast(sa.func.floor((column - low) / width), sa.Integer)
    query = sa.select(place, sa.func.count()).select_from(scope.source).where(measured)
    counts = [0] * bins
    for index, count in tx.execute(query.group_by(place)):
        counts[min(index, bins - 1)] += count
    edges = tuple(low + width * index for index in range(bins)) + (high,)
    return Histogram(field, edges, _scaled(scope, counts), missing, scope.is_exact)


def _scaled(scope: Scope, counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(scope.scaled(count) for count in counts)
