"""Filters as SQL conditions on ``image_facts``; they decide as ``query.facts.matches`` does."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement

from visionloop.data.query.facts import LABEL_PARTS, as_number
from visionloop.data.query.fields import FIELDS
from visionloop.data.query.trees import (
    And,
    Comparison,
    Filter,
    LabelCount,
    Not,
    Operator,
    Or,
    Period,
    Text,
)
from visionloop.data.store.fact_tables import MISSING, image_facts, image_terms
from visionloop.data.store.tables import images, labels

Condition = ColumnElement[bool]

_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Fields that only the wide table of images knows.
_WIDE: Final = ("uri", "mode")
_LABEL_COLUMNS: Final = {
    "category": labels.c.category,
    "kind": labels.c.kind,
    "source": labels.c.source,
    "annotator": labels.c.author,
    "reviewer": labels.c.reviewed_by,
}


def condition_of(tree: Filter) -> Condition:
    """Return the SQL condition on ``image_facts`` that says what the tree says."""
    if isinstance(tree, And):
        return sa.and_(sa.true(), *(condition_of(part) for part in tree.parts))
    if isinstance(tree, Or):
        return sa.or_(sa.false(), *(condition_of(part) for part in tree.parts))
    if isinstance(tree, Not):
        return sa.not_(condition_of(tree.part))
    if isinstance(tree, LabelCount):
        return _label_count(tree)
    if isinstance(tree, Text):
        return image_facts.c.search.contains(tree.word, autoescape=True)
    return _comparison(tree)


def _comparison(tree: Comparison) -> Condition:
    if tree.field == "exif":
        return _exif(tree)
    if tree.field in ("label", "tag") or tree.key is not None:
        own = (image_terms.c.seq == image_facts.c.seq) & _term(tree)
        wanted = term_conditions(tree)
        return _exists(sa.or_(*wanted) if wanted else None, image_terms, own)
    if tree.field in LABEL_PARTS:
        return _exists(_member(labels.c[LABEL_PARTS[tree.field]], tree), labels, _OWN_LABELS)
    if tree.field in _WIDE:
        own = (images.c.project == image_facts.c.project) & (images.c.id == image_facts.c.id)
        return _exists(_text(images.c[tree.field], tree), images, own)
    column = image_facts.c[tree.field]
    if FIELDS[tree.field].kind in ("number", "time"):
        return number_condition(column, tree)
    return _text(column, tree)


_OWN_LABELS: Final = (labels.c.project == image_facts.c.project) & (
    labels.c.image_id == image_facts.c.id
)


def _exists(wanted: Condition | None, table: sa.Table, own: Condition) -> Condition:
    """Say that a row fulfils ``wanted``, or for None that there is no row."""
    query = sa.select(sa.literal(1)).select_from(table).where(own)
    if wanted is None:
        return sa.not_(sa.exists(query.correlate(image_facts)))
    return sa.exists(query.where(wanted).correlate(image_facts))


def term_conditions(tree: Comparison) -> list[Condition]:
    """Return conditions on ``image_terms``, one for each index that helps.

    A term fulfils the comparison when it fulfils one of them. None of them asks for images
    without such a term.
    """
    terms = image_terms.c
    own = _term(tree)
    if tree.value is None:
        return []
    if tree.key is None:
        return [own & _text(terms.key, tree)]
    if isinstance(tree.value, float):
        return [own & number_condition(terms.number, tree)]
    conditions: list[Condition] = [own & _text(terms.text, tree)]
    number = as_number(tree.value)
    if tree.operator == "=" and number is not None and abs(number) < -MISSING:
        conditions.append(own & (terms.number == number))
    return conditions


def _term(tree: Comparison) -> Condition:
    own = image_terms.c.field == tree.field
    return own if tree.key is None else own & (image_terms.c.key == tree.key)


def number_condition(column: ColumnElement[Any], tree: Comparison) -> Condition:
    """Compare a column in which ``MISSING`` stands for a missing number."""
    if tree.value is None:
        return column == MISSING
    if isinstance(tree.value, Period):
        return _period(column, tree.operator, tree.value)
    compared: Condition = _COMPARE[tree.operator](column, tree.value)
    return compared & (column > MISSING) if tree.operator in ("<", "<=") else compared


def _period(column: ColumnElement[Any], symbol: Operator, period: Period) -> Condition:
    day = period.end > period.start
    if symbol == "=":
        if not day:
            return column == period.start
        return (column >= period.start) & (column < period.end)
    if symbol in ("<", "<="):
        bound = column < period.start if symbol == "<" else column <= period.start
        if symbol == "<=" and day:
            bound = column < period.end
        return bound & (column > MISSING)
    if symbol == ">":
        return column >= period.end if day else column > period.start
    return column >= period.start


def _text(column: ColumnElement[Any], tree: Comparison) -> Condition:
    """Compare a column in which an empty text stands for a missing one."""
    if tree.value is None:
        return column == ""
    wanted = str(tree.value)
    if tree.operator == "~":
        return (column != "") & column.regexp_match(wanted)
    if tree.operator == "like":
        return _like(column, wanted)
    return (column == wanted) & (column != "") if not wanted else column == wanted


def _member(column: ColumnElement[Any], tree: Comparison) -> Condition | None:
    return None if tree.value is None else _text(column, tree)


def _like(column: ColumnElement[Any], pattern: str) -> Condition:
    """Match ``*``, case included on every database, and by a range of an index where it can."""
    parts = pattern.split("*")
    conditions: list[Condition] = [column != ""]
    in_binary_order = isinstance(column, sa.Column) and column.table in (image_facts, image_terms)
    if parts[0] and in_binary_order:
        conditions += [column >= parts[0], column < _after(parts[0])]
    if not in_binary_order or len(parts) > 2 or parts[-1]:
        inner = ".*".join(re.escape(part) for part in parts)
        conditions.append(column.regexp_match(f"(?s)\\A{inner}\\Z"))
    return sa.and_(*conditions)


def _after(prefix: str) -> str:
    # No text that begins with the prefix comes after this one in binary order.
    return prefix + "\U0010ffff"


def _exif(tree: Comparison) -> Condition:
    text = sa.cast(images.c.exif[tree.key].as_string(), sa.Text)
    number = JsonNumber(images.c.exif, sa.literal(tree.key))
    own = (images.c.project == image_facts.c.project) & (images.c.id == image_facts.c.id)
    if tree.value is None:
        return sa.not_(_exists(text.is_not(None), images, own))
    if isinstance(tree.value, float):
        return _exists(_COMPARE[tree.operator](number, tree.value), images, own)
    wanted = _text(text, tree)
    same = as_number(tree.value)
    if tree.operator == "=" and same is not None and abs(same) < -MISSING:
        wanted = sa.or_(wanted, number == same)
    return _exists(wanted, images, own)


def _label_count(tree: LabelCount) -> Condition:
    wanted = sa.true() if tree.where is None else _label_condition(tree.where)
    if tree.operator == ">=" and tree.count == 1:
        return _exists(wanted, labels, _OWN_LABELS)
    count = sa.select(sa.func.count()).select_from(labels).where(_OWN_LABELS, wanted)
    compared: Condition = _COMPARE[tree.operator](
        count.correlate(image_facts).scalar_subquery(), tree.count
    )
    return compared


def _label_condition(tree: Filter) -> Condition:
    if isinstance(tree, And):
        return sa.and_(sa.true(), *(_label_condition(part) for part in tree.parts))
    if isinstance(tree, Or):
        return sa.or_(sa.false(), *(_label_condition(part) for part in tree.parts))
    if isinstance(tree, Not):
        return sa.not_(_label_condition(tree.part))
    assert isinstance(tree, Comparison)
    if tree.field == "score":
        return number_condition(sa.func.coalesce(labels.c.score, MISSING), tree)
    return _text(sa.func.coalesce(_LABEL_COLUMNS[tree.field], ""), tree)


class JsonNumber(sa.sql.functions.GenericFunction[float]):
    """The number under a key of a JSON column; null where there is none or something else."""

    type = sa.Double()
    inherit_cache = True


@compiles(JsonNumber, "sqlite")
def _sqlite_number(element: JsonNumber, compiler: Any, **options: Any) -> str:
    column, key = (compiler.process(part, **options) for part in element.clauses)
    path = f"'$.\"' || {key} || '\"'"
    return (
        f"CASE WHEN json_type({column}, {path}) IN ('integer', 'real') "
        f"THEN json_extract({column}, {path}) END"
    )


@compiles(JsonNumber, "postgresql")
def _postgresql_number(element: JsonNumber, compiler: Any, **options: Any) -> str:
    column, key = (compiler.process(part, **options) for part in element.clauses)
    return (
        f"CASE WHEN jsonb_typeof({column} -> {key}) = 'number' "
        f"THEN ({column} ->> {key})::float8 END"
    )
