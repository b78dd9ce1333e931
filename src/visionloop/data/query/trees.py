"""A filter as a typed tree.

The tree knows three connectives and two kinds of leaves. Everything else of the text form is
written with them: ``!=`` is a negated ``=``, ``in (a, b)`` is an ``or`` of two comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Operator = Literal["=", "<", "<=", ">", ">=", "~", "like"]
ORDERINGS: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class Period:
    """A day or an instant; a date alone is the whole day, from ``start`` to before ``end``.

    Attributes:
        start, end: seconds since 1970, UTC; equal for an instant.
        text: as it was written.
    """

    start: float
    end: float
    text: str


Value = str | float | Period | None


@dataclass(frozen=True)
class Comparison:
    """One field against one value.

    Attributes:
        field: canonical name, see ``fields.FIELDS``.
        key: of fields with keys, such as the ``line`` of ``metadata.line``.
        operator: "~" is a regular expression, "like" a text in which ``*`` stands for anything.
        value: None asks for a missing value.
    """

    field: str
    operator: Operator
    value: Value
    key: str | None = None


@dataclass(frozen=True)
class LabelCount:
    """How many labels of an image fulfil a condition of their own.

    Attributes:
        where: over the fields of one label; None counts every label.
    """

    where: Filter | None
    operator: Operator
    count: int


@dataclass(frozen=True)
class Text:
    """A word or phrase in the name, address or custom columns of an image, in any case."""

    word: str


@dataclass(frozen=True)
class And:
    """Every part holds; without parts it always does."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Or:
    """At least one part holds."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Filter


Filter = Comparison | LabelCount | Text | And | Or | Not

EVERYTHING: Final = And(())
ACTIVE: Final = Comparison("status", "=", "active")


def both(*filters: Filter) -> Filter:
    """Join filters that must all hold, without needless nesting."""
    parts: list[Filter] = []
    for item in filters:
        parts.extend(item.parts if isinstance(item, And) else (item,))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def leaves(tree: Filter) -> Iterator[Comparison | LabelCount | Text]:
    """Yield the conditions of a tree from left to right."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from leaves(part)
    elif isinstance(tree, Not):
        yield from leaves(tree.part)
    else:
        yield tree
