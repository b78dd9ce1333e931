"""Dataclasses from what ``dataclasses.asdict`` and JSON made of them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def rebuild(kind: type[T], value: Mapping[str, Any]) -> T:
    """Build a dataclass from its JSON form; missing fields take their defaults.

    Raises:
        KeyError, TypeError: the value is not such a form.
    """
    hints = get_type_hints(kind)
    names = [item.name for item in fields(kind) if item.name in value]  # type: ignore[arg-type]
    return kind(**{name: _rebuild(hints[name], value[name]) for name in names})


def _rebuild(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _rebuild(next(item for item in arguments if item is not type(None)), value)
    if is_dataclass(hint) and isinstance(hint, type):
        return rebuild(hint, value)
    if origin is tuple:
        return tuple(_rebuild(arguments[0], item) for item in value)
    return value
