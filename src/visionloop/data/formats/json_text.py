"""Walk through a large JSON text without holding all of it as objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_scan: Final[Callable[[str, int], tuple[Any, int]]] = vars(json.JSONDecoder())["scan_once"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One value of a JSON text: an element of a streamed array, or a whole member.

    Attributes:
        key: name of the member of the outermost object; "" in an outermost array.
        start, end: where the value stands in the text.
    """

    key: str
    start: int
    end: int
    value: Any


def walk(text: str, streamed: Container[str] = ()) -> Iterator[Piece]:
    """Yield the members of the outermost object, or the elements of the outermost array.

    Args:
        text: a JSON text.
        streamed: members whose arrays are given element by element.

    Raises:
        ValueError: the text is not JSON, or neither object nor array.
    """
    place = _skip(text, 1 if text.startswith("\ufeff") else 0)
    opening = text[place : place + 1]
    if opening == "[":
        place = yield from _elements(text, place, "")
    elif opening == "{":
        place = yield from _members(text, place, streamed)
    else:
        raise ValueError("neither a JSON object nor an array")
    if place != len(text):
        raise ValueError(f"more text after the end, at character {place}")


def decode(text: str, start: int) -> Any:
    """Return the value that starts at a place found by ``walk``."""
    return _value(text, start)[0]


def _members(text: str, place: int, streamed: Container[str]) -> Generator[Piece, None, int]:
    place = _skip(text, place + 1)
    if text[place : place + 1] == "}":
        return _skip(text, place + 1)
    while True:
        key, place = _value(text, place)
        if not isinstance(key, str):
            raise ValueError(f"a member without a name at character {place}")
        place = _expect(text, place, ":")
        if text[place : place + 1] == "[" and key in streamed:
            place = yield from _elements(text, place, key)
        else:
            value, end = _value(text, place)
            yield Piece(key, place, end, value)
            place = _skip(text, end)
        if text[place : place + 1] == "}":
            return _skip(text, place + 1)
        place = _expect(text, place, ",")


def _elements(text: str, place: int, key: str) -> Generator[Piece, None, int]:
    place = _skip(text, place + 1)
    if text[place : place + 1] == "]":
        return _skip(text, place + 1)
    while True:
        value, end = _value(text, place)
        yield Piece(key, place, end, value)
        # Most files write the comma at once; a regular expression for each would cost more.
        place = end if text[end : end + 1] in (",", "]") else _skip(text, end)
        if text[place : place + 1] == "]":
            return _skip(text, place + 1)
        place = _expect(text, place, ",")


def _value(text: str, place: int) -> tuple[Any, int]:
    try:
        return _scan(text, place)
    except StopIteration as stop:
        raise ValueError(f"no JSON value at character {stop.value}") from stop
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _expect(text: str, place: int, sign: str) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != sign:
        raise ValueError(f"expected {sign!r} at character {place}")
    return _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
