"""Save ways to look at images under names, for oneself or for the project."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.query.errors import FieldInvalid, ViewNotFound, ViewTaken
from visionloop.data.query.fields import FIELDS, nearest
from visionloop.data.query.orders import parse_order
from visionloop.data.query.parsing import parse_filter
from visionloop.data.query.views import SavedView
from visionloop.data.store import views as store
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database


def list_views(database: Database, actor: Actor, project: str) -> list[SavedView]:
    """Return the views that the actor sees, by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_views(tx, project, actor.name)


def get_view(database: Database, actor: Actor, project: str, name: str) -> SavedView:
    """Return a view.

    Raises:
        ViewNotFound: there is none of this name that the actor sees.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        view = store.find_view(tx, project, name)
    if view is None or not (view.shared or view.created_by == actor.name):
        raise ViewNotFound(project, name)
    return view


def save_view(
    database: Database,
    actor: Actor,
    project: str,
    name: str,
    *,
    filter: str = "",
    sort: str = "created",
    columns: Sequence[str] = (),
    shared: bool = False,
) -> SavedView:
    """Save a view under a name, or change one of one's own.

    Raises:
        FilterInvalid, SortInvalid, FieldInvalid: the view would show nothing.
        ViewTaken: the name belongs to somebody else.
    """
    require(actor, Permission.READ, project)
    parse_filter(filter)
    parse_order(sort)
    for column in columns:
        if column.partition(".")[0] not in FIELDS:
            raise FieldInvalid(column, tuple(FIELDS), nearest(column, FIELDS))
    now = utc_now()
    with database.begin() as tx:
        before = store.find_view(tx, project, name)
        _refuse_foreign(actor, before)
        view = SavedView(
            project=project,
            name=name,
            filter=filter,
            sort=sort,
            columns=tuple(columns),
            shared=shared,
            created_by=actor.name if before is None else before.created_by,
            created_at=now if before is None else before.created_at,
            updated_at=now,
        )
        store.replace_view(tx, view)
        publish(
            tx,
            type="visionloop.image_view.saved",
            project=project,
            subject=f"image_view/{name}",
            actor=actor,
            data={"filter": filter, "sort": sort, "shared": shared},
        )
    return view


def delete_view(database: Database, actor: Actor, project: str, name: str) -> None:
    """Delete a view.

    Raises:
        ViewNotFound: there is none of this name that the actor sees.
        ViewTaken: it belongs to somebody else.
    """
    _refuse_foreign(actor, get_view(database, actor, project, name))
    with database.begin() as tx:
        store.delete_view(tx, project, name)
        publish(
            tx,
            type="visionloop.image_view.deleted",
            project=project,
            subject=f"image_view/{name}",
            actor=actor,
        )


def _refuse_foreign(actor: Actor, view: SavedView | None) -> None:
    if view is not None and view.created_by != actor.name and not actor.is_admin:
        raise ViewTaken(view.name, view.created_by)
