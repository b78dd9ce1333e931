"""Tell people what filters can ask about, and check one while it is typed."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.query.fields import FIELDS, LABEL_FIELDS, Field
from visionloop.data.query.parsing import parse_filter
from visionloop.data.query.writing import write_filter


def list_fields(actor: Actor, project: str) -> tuple[list[Field], list[Field]]:
    """Return the fields of images, and those of one label inside ``labels(...)``."""
    require(actor, Permission.READ, project)
    return list(FIELDS.values()), list(LABEL_FIELDS.values())


def check_filter(actor: Actor, project: str, text: str) -> str:
    """Return a filter in canonical form.

    Raises:
        FilterInvalid: it does not parse; ``position`` and ``suggestion`` say where and why.
    """
    require(actor, Permission.READ, project)
    return write_filter(parse_filter(text))
