"""SQL for watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.data.entities import Watch
from visionloop.data.store.indexing import CHUNK, refresh_facts
from visionloop.data.store.tables import images, ingest_files, watches
from visionloop.storage.database import Transaction

_SHOWN = [column for column in watches.c if column.name != "token_sha256"]


def insert_watch(tx: Transaction, watch: Watch, token_sha256: str) -> None:
    """Insert a watch."""
    tx.execute(watches.insert().values(**vars(watch), token_sha256=token_sha256))


def list_watches(tx: Transaction, project: str) -> list[Watch]:
    """Return the watches of a project by name."""
    query = sa.select(*_SHOWN).where(watches.c.project == project).order_by(watches.c.name)
    return [_watch(row) for row in tx.execute(query).mappings()]


def list_due(tx: Transaction, now: datetime) -> list[Watch]:
    """Return the watches of all projects that are to be looked at, the longest due first."""
    due = (watches.c.due_at <= now) & ~watches.c.is_paused
    query = sa.select(*_SHOWN).where(due).order_by(watches.c.due_at)
    return [_watch(row) for row in tx.execute(query).mappings()]


def find_watch(tx: Transaction, project: str, name: str) -> Watch | None:
    """Return one watch."""
    query = sa.select(*_SHOWN).where(watches.c.project == project, watches.c.name == name)
    row = tx.execute(query).mappings().first()
    return _watch(row) if row else None


def find_token(tx: Transaction, project: str, name: str) -> str | None:
    """Return the hash of the token of a watch."""
    own = (watches.c.project == project) & (watches.c.name == name)
    found: str | None = tx.execute(sa.select(watches.c.token_sha256).where(own)).scalar()
    return found


def update_watch(tx: Transaction, project: str, name: str, **values: Any) -> None:
    """Change columns of a watch."""
    own = (watches.c.project == project) & (watches.c.name == name)
    tx.execute(watches.update().where(own).values(**values))


def delete_watch(tx: Transaction, project: str, name: str) -> None:
    """Forget a watch."""
    tx.execute(watches.delete().where(watches.c.project == project, watches.c.name == name))


def count_watches(tx: Transaction, project: str, datastore: str) -> int:
    """Count the watches that look at a datastore."""
    own = (watches.c.project == project) & (watches.c.datastore == datastore)
    return int(tx.execute(sa.select(sa.func.count()).select_from(watches).where(own)).scalar_one())


def mark_missing(
    tx: Transaction, project: str, datastore: str, files: Mapping[str, str]
) -> list[str]:
    """Mark the images whose files are gone, forget the files, and return the images' ids.

    ``files`` maps a path to the id of its image.
    """
    marked: list[str] = []
    paths = sorted(files)
    for start in range(0, len(paths), CHUNK):
        part = paths[start : start + CHUNK]
        uris = [f"datastore://{datastore}/{path}" for path in part]
        mine = (
            (images.c.project == project)
            & images.c.id.in_(sorted({files[path] for path in part}))
            & images.c.uri.in_(uris)
            & (images.c.status == "active")
        )
        ids = list(tx.execute(sa.select(images.c.id).where(mine)).scalars())
        tx.execute(images.update().where(mine).values(status="missing"))
        refresh_facts(tx, project, ids)
        gone = ingest_files.c.path.in_(part)
        own = (ingest_files.c.project == project) & (ingest_files.c.datastore == datastore)
        tx.execute(ingest_files.delete().where(own & gone))
        marked.extend(ids)
    return marked


def find_copies(
    tx: Transaction, project: str, image_ids: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Return image id to (datastore, path) of another file with the same bytes."""
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(image_ids), CHUNK):
        query = sa.select(ingest_files.c.image_id, ingest_files.c.datastore, ingest_files.c.path)
        chosen = ingest_files.c.image_id.in_(image_ids[start : start + CHUNK])
        for image_id, datastore, path in tx.execute(
            query.where(ingest_files.c.project == project, chosen)
        ):
            found[image_id] = (datastore, path)
    return found


def _watch(row: Mapping[Any, Any]) -> Watch:
    return Watch(**row)
