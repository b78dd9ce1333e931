"""The filter and order language of MLflow's search calls, read once and applied to records.

Source: MLflow documentation, "Search Runs" and "Search Experiments": comparisons joined by AND over
``metrics.``, ``params.``, ``tags.`` and attributes; values quoted, identifiers in backticks or
double quotes where they hold other characters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from visionloop.training.tracking.errors import SearchInvalid

Record = Mapping[str, Any]
"""group -> key -> value, with the groups metrics, params, tags and attributes."""

_GROUPS = {
    "metric": "metrics",
    "metrics": "metrics",
    "param": "params",
    "params": "params",
    "parameter": "params",
    "parameters": "params",
    "tag": "tags",
    "tags": "tags",
    "attribute": "attributes",
    "attributes": "attributes",
    "attr": "attributes",
    "run": "attributes",
}
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<sign>!=|>=|<=|=|>|<|\(|\)|,)
      | (?P<name>(?:[\w.\-/]|`[^`]*`|(?<=\.)"[^"]*")+)
    )""",
    re.VERBOSE,
)
_SIGNS = ("=", "!=", ">", ">=", "<", "<=")


@dataclass(frozen=True)
class Comparison:
    """One condition: group.key OPERATOR value; a tuple of values for IN."""

    group: str
    key: str
    operator: str
    value: str | float | tuple[str, ...] | None


@dataclass(frozen=True)
class Ordering:
    """One sort key."""

    group: str
    key: str
    descending: bool


def parse_filter(text: str | None) -> tuple[Comparison, ...]:
    """Read a filter.

    Raises:
        SearchInvalid: It cannot be read.
    """
    tokens = _tokens(text or "")
    found = []
    while tokens:
        found.append(_comparison(text or "", tokens))
        if tokens and tokens.pop(0).upper() != "AND":
            raise SearchInvalid(text or "", "conditions are joined by AND")
    return tuple(found)


def parse_orderings(texts: Sequence[str]) -> tuple[Ordering, ...]:
    """Read sort keys such as ``metrics.accuracy DESC``.

    Raises:
        SearchInvalid: One cannot be read.
    """
    found = []
    for text in texts:
        tokens = _tokens(text)
        if not 1 <= len(tokens) <= 2 or tokens[1:2] not in (
            [],
            ["ASC"],
            ["DESC"],
            ["asc"],
            ["desc"],
        ):
            raise SearchInvalid(text, "an order is a name and ASC or DESC")
        group, key = _identifier(text, tokens[0])
        found.append(Ordering(group, key, tokens[-1].upper() == "DESC"))
    return tuple(found)


def matches(record: Record, conditions: Sequence[Comparison]) -> bool:
    """Tell whether a record meets every condition; what it lacks meets none but IS NULL."""
    return all(_meets(record, condition) for condition in conditions)


def sort_records(
    records: Sequence[Any], orderings: Sequence[Ordering], view: Callable[[Any], Record]
) -> list[Any]:
    """Sort stably; values that are missing or no numbers come last, whichever way."""

    def compare(left: tuple[Any, Record], right: tuple[Any, Record]) -> int:
        for ordering in orderings:
            order = _compare(_value(left[1], ordering), _value(right[1], ordering), ordering)
            if order:
                return order
        return 0

    pairs = [(record, view(record)) for record in records]
    return [record for record, _ in sorted(pairs, key=cmp_to_key(compare))]


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while text[position:].strip():
        token = _TOKEN.match(text, position)
        if token is None:
            raise SearchInvalid(text, f"unexpected {text[position:].strip()[:20]!r}")
        found.append(token.group().strip())
        position = token.end()
    return found


def _comparison(text: str, tokens: list[str]) -> Comparison:
    group, key = _identifier(text, tokens.pop(0))
    if not tokens:
        raise SearchInvalid(text, "a comparison is missing")
    operator = tokens.pop(0).upper()
    if operator in ("NOT", "IS"):
        operator = _two_words(text, operator, tokens)
    if operator in ("IS NULL", "IS NOT NULL"):
        return Comparison(group, key, operator, None)
    if operator in ("IN", "NOT IN"):
        return Comparison(group, key, operator, _values(text, tokens))
    if operator not in (*_SIGNS, "LIKE", "ILIKE"):
        raise SearchInvalid(text, f"{operator!r} is no comparison")
    if not tokens:
        raise SearchInvalid(text, "a value is missing")
    return Comparison(group, key, operator, _literal(text, group, key, tokens.pop(0)))


def _two_words(text: str, first: str, tokens: list[str]) -> str:
    words = [first]
    while tokens and tokens[0].upper() in ("NOT", "NULL", "IN"):
        words.append(tokens.pop(0).upper())
    if (joined := " ".join(words)) not in ("IS NULL", "IS NOT NULL", "NOT IN"):
        raise SearchInvalid(text, f"{joined!r} is no comparison")
    return joined


def _values(text: str, tokens: list[str]) -> tuple[str, ...]:
    if not tokens or tokens.pop(0) != "(" or ")" not in tokens:
        raise SearchInvalid(text, "IN takes a list in parentheses")
    end = tokens.index(")")
    inside, tokens[: end + 1] = tokens[:end], []
    return tuple(_unquote(word) for word in inside if word != ",")


def _identifier(text: str, token: str) -> tuple[str, str]:
    head, dot, rest = token.partition(".")
    if dot and head.lower() in _GROUPS:
        return _GROUPS[head.lower()], _unquote(rest)
    if not re.fullmatch(r"`?\w+`?", token):
        raise SearchInvalid(text, f"{token!r} is no metric, param, tag or attribute")
    return "attributes", _unquote(token)


def _literal(text: str, group: str, key: str, token: str) -> str | float:
    quoted = token[:1] in "'\""
    if group == "metrics" or (group == "attributes" and key.endswith(("time", "_timestamp"))):
        try:
            return float(_unquote(token))
        except ValueError:
            raise SearchInvalid(text, f"{key} is compared with a number") from None
    if not quoted and group != "attributes":
        raise SearchInvalid(text, f"the value {token!r} needs quotes")
    return _unquote(token)


def _unquote(token: str) -> str:
    if len(token) >= 2 and token[0] == token[-1] and token[0] in "'\"`":
        return token[1:-1].replace("''", "'") if token[0] == "'" else token[1:-1]
    return token


def _value(record: Record, what: Comparison | Ordering) -> Any:
    return record.get(what.group, {}).get(what.key)


def _meets(record: Record, condition: Comparison) -> bool:
    value, wanted = _value(record, condition), condition.value
    if condition.operator == "IS NULL":
        return value is None
    if value is None:
        return False
    match condition.operator:
        case "IS NOT NULL":
            return True
        case "IN":
            return str(value) in (wanted or ())  # type: ignore[operator]
        case "NOT IN":
            return str(value) not in (wanted or ())  # type: ignore[operator]
        case "LIKE":
            return _like(str(wanted), 0).fullmatch(str(value)) is not None
        case "ILIKE":
            return _like(str(wanted), re.IGNORECASE).fullmatch(str(value)) is not None
    if isinstance(wanted, str):
        value = str(value)
    return _compares(condition.operator, value, wanted)


def _compares(operator: str, value: Any, wanted: Any) -> bool:
    results = {
        "=": value == wanted,
        "!=": value != wanted,
        ">": value > wanted,
        ">=": value >= wanted,
        "<": value < wanted,
        "<=": value <= wanted,
    }
    return bool(results[operator])


def _like(pattern: str, flags: int) -> re.Pattern[str]:
    parts = ({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)
    return re.compile("".join(parts), flags | re.DOTALL)


def _compare(left: Any, right: Any, ordering: Ordering) -> int:
    lacks = [_is_missing(value) for value in (left, right)]
    if any(lacks):
        return lacks[0] - lacks[1]
    if isinstance(left, float | int) != isinstance(right, float | int):
        left, right = str(left), str(right)
    if left == right:
        return 0
    smaller = -1 if left < right else 1
    return -smaller if ordering.descending else smaller


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def finite(value: float) -> float:
    """Return what JSON can carry: infinity becomes the largest number, as MLflow keeps it."""
    if math.isinf(value):
        return math.copysign(1.7976931348623157e308, value)
    return value
