"""SQL for saved views."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from visionloop.data.query.views import SavedView
from visionloop.data.store.fact_tables import saved_views
from visionloop.storage.database import Transaction


def list_views(tx: Transaction, project: str, user: str) -> list[SavedView]:
    """Return the shared views of a project and the user's own, by name."""
    table = saved_views
    query = (
        table.select()
        .where(table.c.project == project, sa.or_(table.c.shared, table.c.created_by == user))
        .order_by(table.c.name)
    )
    return [_view(row) for row in tx.execute(query).mappings()]


def find_view(tx: Transaction, project: str, name: str) -> SavedView | None:
    """Return a view by name."""
    own = (saved_views.c.project == project) & (saved_views.c.name == name)
    row = tx.execute(saved_views.select().where(own)).mappings().first()
    return None if row is None else _view(row)


def replace_view(tx: Transaction, view: SavedView) -> None:
    """Write a view under its name."""
    delete_view(tx, view.project, view.name)
    tx.execute(saved_views.insert().values(**asdict(view) | {"columns": list(view.columns)}))


def delete_view(tx: Transaction, project: str, name: str) -> bool:
    """Delete a view; tell whether it was there."""
    own = (saved_views.c.project == project) & (saved_views.c.name == name)
    return tx.execute(saved_views.delete().where(own)).rowcount > 0


def _view(row: sa.RowMapping) -> SavedView:
    return SavedView(**{**row, "columns": tuple(row["columns"])})
