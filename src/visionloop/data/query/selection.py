"""What a list of images was asked for, as one filter."""

from __future__ import annotations

from visionloop.data.entities import ImageQuery
from visionloop.data.query.parsing import parse_filters
from visionloop.data.query.trees import Comparison, Filter, Text, both

_SHORT = {
    "label": "label",
    "annotation_status": "annotation_status",
    "status": "status",
    "origin": "origin",
    "camera": "camera",
    "group_key": "group",
}


def filter_of(query: ImageQuery) -> Filter:
    """Join the filters and the shorthands of a query.

    Raises:
        FilterInvalid: a ``where`` condition does not parse.
    """
    parts: list[Filter] = [
        Comparison(field, "=", getattr(query, name))
        for name, field in _SHORT.items()
        if getattr(query, name) is not None
    ]
    if query.text:
        parts.append(Text(query.text.casefold()))
    return both(parse_filters(query.where), *parts)
