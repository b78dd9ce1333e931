"""The condition of a filter that leaves the fewest candidates, found by counting in the indexes.

SQLite keeps no statistics that would let it choose by itself, and PostgreSQL guesses wrong where
two conditions depend on each other.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from visionloop.data.query.fields import FIELDS
from visionloop.data.query.trees import And, Comparison, Filter, LabelCount, Or
from visionloop.data.store.conditions import condition_of, term_conditions
from visionloop.data.store.fact_tables import image_facts, image_terms
from visionloop.storage.database import Transaction

# So many candidates are looked at one by one; a condition that leaves more leads nowhere.
EXACT_LIMIT: Final = 30_000

_Seqs = sa.Select[Any] | sa.CompoundSelect[Any]
_UNINDEXED: Final = ("uri", "mode", "format", "exif", "source", "annotator")


def find_lead(tx: Transaction, project: str, tree: Filter) -> sa.CTE | None:
    """Return the candidates of the most selective condition as ``seq``; None when all are wide."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    best: tuple[int, _Seqs] | None = None
    for part in parts:
        seqs = _seqs(project, part)
        if seqs is None:
            continue
        number = count_up_to(tx, seqs)
        if number <= EXACT_LIMIT and (best is None or number < best[0]):
            best = (number, seqs)
    return None if best is None else best[1].cte("lead").prefix_with("MATERIALIZED")


def count_up_to(tx: Transaction, seqs: _Seqs) -> int:
    """Count candidates, but stop at one more than ``EXACT_LIMIT``."""
    few = seqs.limit(EXACT_LIMIT + 1).subquery("few")
    return tx.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()


def _seqs(project: str, tree: Filter) -> _Seqs | None:
    """Select the ``seq`` of all images that may fulfil a condition, from indexes alone."""
    selects = _selects(project, tree)
    if not selects:
        return None
    return selects[0] if len(selects) == 1 else sa.union(*selects)


def _selects(project: str, tree: Filter) -> list[sa.Select[Any]]:
    """Return what to unite, or nothing where an index alone does not tell."""
    if isinstance(tree, Or):
        parts = [_selects(project, part) for part in tree.parts]
        return [select for part in parts for select in part] if all(parts) else []
    if isinstance(tree, And):
        parts = [_selects(project, part) for part in tree.parts]
        return next((part for part in parts if part), [])
    if isinstance(tree, LabelCount):
        category = _category(tree)
        return [] if category is None else _selects(project, category)
    if not isinstance(tree, Comparison) or tree.field in _UNINDEXED:
        return []
    if tree.key is None and FIELDS[tree.field].kind != "set":
        own = image_facts.c.project == project
        return [sa.select(image_facts.c.seq).where(own, condition_of(tree))]
    found = []
    for wanted in term_conditions(tree):
        query = sa.select(image_terms.c.seq).where(image_terms.c.project == project, wanted)
        found.append(query.distinct() if tree.operator in ("like", "~") else query)
    return found


def _category(tree: LabelCount) -> Comparison | None:
    """Return the class that an image must show to have that many labels."""
    if tree.operator not in (">=", ">", "=") or tree.count < (tree.operator != ">"):
        return None
    parts = tree.where.parts if isinstance(tree.where, And) else (tree.where,)
    for part in parts:
        if isinstance(part, Comparison) and part.field == "category" and part.value is not None:
            return Comparison("label", part.operator, part.value)
    return None
