"""Count the values of fields among the images that a query chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import ImageQuery
from visionloop.data.query.errors import FieldInvalid
from visionloop.data.query.facets import Facet, Histogram
from visionloop.data.query.fields import ALIASES, FIELDS, nearest
from visionloop.data.query.selection import filter_of
from visionloop.data.query.trees import EVERYTHING
from visionloop.data.store import facets as store
from visionloop.data.store.scopes import find_scope
from visionloop.storage.database import Database

FACET_FIELDS: Final = (
    "label", "tag", "camera", "split", "datastore", "status", "annotation_status", "origin",
)  # fmt: skip
NUMBER_FIELDS: Final = tuple(
    name for name, field in FIELDS.items() if field.kind in ("number", "time")
)


def count_facets(
    database: Database,
    actor: Actor,
    project: str,
    query: ImageQuery,
    *,
    fields: Sequence[str] = FACET_FIELDS,
    limit: int = 50,
    exact: bool = False,
) -> list[Facet]:
    """Count the images of every value of each field, at most ``limit`` values of one.

    In large projects the counts of a filter are estimated unless ``exact`` asks for the time
    that counting takes.

    Raises:
        FilterInvalid: the query does not parse.
        FieldInvalid: values of a field cannot be counted.
    """
    require(actor, Permission.READ, project)
    chosen = [_known(field, FACET_FIELDS) for field in fields]
    tree = filter_of(query)
    found = []
    with database.read() as tx:
        scope = find_scope(tx, project, tree, exact=exact)
        for field in chosen:
            if field in ("label", "tag"):
                everything = tree == EVERYTHING
                counts = store.count_terms(
                    tx, scope, field, limit=limit, project=project, everything=everything
                )
            else:
                counts = store.count_texts(tx, scope, field, limit=limit)
            found.append(Facet(field, tuple(counts), scope.is_exact))
    return found


def count_histogram(
    database: Database,
    actor: Actor,
    project: str,
    query: ImageQuery,
    *,
    field: str,
    bins: int = 30,
    exact: bool = False,
) -> Histogram:
    """Count the images between evenly spaced bounds of a number, such as an image statistic.

    Raises:
        FilterInvalid: the query does not parse.
        FieldInvalid: it is no number.
    """
    require(actor, Permission.READ, project)
    name = _known(ALIASES.get(field, field), NUMBER_FIELDS)
    tree = filter_of(query)
    with database.read() as tx:
        scope = find_scope(tx, project, tree, exact=exact)
        return store.count_bins(tx, scope, name, bins=bins)


def _known(field: str, fields: Sequence[str]) -> str:
    if field not in fields:
        raise FieldInvalid(field, fields, nearest(field, fields))
    return field
