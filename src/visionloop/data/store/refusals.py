"""SQL for the files that ingests refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from visionloop.data.entities import RefusedFile
from visionloop.data.store.tables import ingest_refusals
from visionloop.storage.database import Transaction, upsert


def insert_refusals(
    tx: Transaction,
    project: str,
    ingest_id: str,
    refused: Sequence[RefusedFile],
    marks: Mapping[str, str],
) -> None:
    """Keep refused files with their marks; one that is there gets the newer reason."""
    statement = upsert(tx, ingest_refusals, ("ingest_id", "path"), ("reason", "mark"))
    own = {"project": project, "ingest_id": ingest_id}
    rows = {
        item.path: own
        | {"path": item.path, "reason": item.reason, "mark": marks.get(item.path, "")}
        for item in refused
    }
    tx.execute(statement, list(rows.values()))


def list_marks(tx: Transaction, ingest_id: str) -> dict[str, str]:
    """Return path to mark of the files that an ingest refused."""
    table = ingest_refusals
    query = sa.select(table.c.path, table.c.mark).where(table.c.ingest_id == ingest_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def delete_refusals(tx: Transaction, ingest_id: str) -> None:
    """Forget the refused files of an ingest."""
    tx.execute(ingest_refusals.delete().where(ingest_refusals.c.ingest_id == ingest_id))


def list_refusals(
    tx: Transaction, ingest_id: str, *, limit: int, offset: int
) -> tuple[list[RefusedFile], int]:
    """Return a page of refused files by path, and how many there are."""
    table = ingest_refusals
    own = table.c.ingest_id == ingest_id
    total = tx.execute(sa.select(sa.func.count()).select_from(table).where(own)).scalar_one()
    query = sa.select(table.c.path, table.c.reason).where(own).order_by(table.c.path)
    rows = tx.execute(query.limit(limit).offset(offset))
    return [RefusedFile(path, reason) for path, reason in rows], total
