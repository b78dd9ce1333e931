"""Alembic runs this file: it migrates on the connection that ``schema`` opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from visionloop.storage.database import Json, UtcDateTime, metadata


def _include_name(name: str | None, kind: str, _parents: Any) -> bool:
    # The durable engine keeps its own tables in a schema of its own.
    return kind != "schema" or name is None


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime"
    if kind == "type" and isinstance(item, type(Json)):
        return "Json"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_name=_include_name,
    render_item=_render_item,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
