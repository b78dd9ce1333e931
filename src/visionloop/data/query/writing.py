"""From the tree of a filter back to text, for saved views and messages."""

from __future__ import annotations

import re
from typing import Final

from visionloop.data.query.trees import (
    And,
    Comparison,
    Filter,
    LabelCount,
    Not,
    Or,
    Period,
    Text,
    Value,
)

_PLAIN: Final = re.compile(r"[\w./@+-]+")
_RESERVED: Final = {"and", "or", "not", "none", "in"}


def write_filter(tree: Filter) -> str:
    """Write a tree as the text that parses to an equal one."""
    if isinstance(tree, And):
        return " and ".join(_part(part) for part in tree.parts)
    if isinstance(tree, Or):
        return " or ".join(_part(part) for part in tree.parts)
    if isinstance(tree, Not):
        return f"not {_part(tree.part)}"
    if isinstance(tree, LabelCount):
        where = "" if tree.where is None else write_filter(tree.where)
        least_one = tree.operator == ">=" and tree.count == 1
        return f"labels({where})" + ("" if least_one else f" {tree.operator} {tree.count}")
    if isinstance(tree, Text):
        return _quote(tree.word)
    return _comparison(tree)


def _part(tree: Filter) -> str:
    text = write_filter(tree)
    return f"({text})" if isinstance(tree, And | Or) else text


def _comparison(tree: Comparison) -> str:
    field = tree.field
    if tree.key is not None:
        plain = re.fullmatch(r"[^\s\"'()=!<>~:,\\]+", tree.key)
        field += "." + (tree.key if plain else _quote(tree.key))
    if tree.operator == "~":
        return f"{field} ~ {_quote(str(tree.value))}"
    if tree.operator == "like":
        return f"{field} = {tree.value}"
    return f"{field} {tree.operator} {_value(tree.value)}"


def _value(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, Period):
        return value.text
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
        return value if plain else _quote(value)
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
