"""The order of a list of images, and the places where its pages go on."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from visionloop.data.query.errors import SortInvalid
from visionloop.data.query.fields import ALIASES, FIELDS, SORTABLE, nearest


@dataclass(frozen=True)
class Order:
    """Which field a list is in order of; ties are in order of arrival."""

    field: str = "created"
    descending: bool = False


@dataclass(frozen=True)
class Place:
    """The last image of a page, where the next one goes on."""

    value: str | float
    seq: int


def parse_order(sort: str) -> Order:
    """Parse a field name, with a leading ``-`` for descending order.

    Raises:
        SortInvalid: lists cannot be in order of it.
    """
    name = sort.removeprefix("-")
    field = ALIASES.get(name, name)
    if field not in FIELDS or not FIELDS[field].sortable:
        meant = nearest(name, SORTABLE)
        hint = f"did you mean {meant!r}?" if meant else f"it takes {', '.join(SORTABLE)}"
        raise SortInvalid(sort, f"{hint} A leading '-' turns the order round")
    return Order(field, sort.startswith("-"))


def write_cursor(sort: str, place: Place) -> str:
    """Write a place as the opaque text that clients send back."""
    data = json.dumps([sort, place.value, place.seq]).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(sort: str, cursor: str) -> Place:
    """Read a place back.

    Raises:
        SortInvalid: it belongs to another order, or is none of ours.
    """
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        made_for, value, seq = json.loads(data)
        if not isinstance(value, str | int | float) or not isinstance(seq, int):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise SortInvalid(sort, f"the page {cursor!r} is none of ours; begin anew") from None
    if made_for != sort:
        raise SortInvalid(sort, f"the page belongs to the order {made_for!r}; begin anew")
    return Place(value, seq)
