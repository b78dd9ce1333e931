"""SQL for the locks that keep two people from working on one thing: an image, or an answer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from visionloop.labeling.entities import Lock
from visionloop.labeling.store.tables import label_locks
from visionloop.storage.database import Transaction


def find_lock(tx: Transaction, project: str, subject: str) -> Lock | None:
    """Return who holds a thing, expired or not."""
    query = sa.select(label_locks.c.holder, label_locks.c.expires_at).where(
        label_locks.c.project == project, label_locks.c.subject == subject
    )
    row = tx.execute(query).first()
    return None if row is None else Lock(holder=row.holder, expires_at=row.expires_at)


def acquire_lock(tx: Transaction, project: str, subject: str, *, lock: Lock, now: datetime) -> bool:
    """Take or prolong the lock of a thing; tell whether it is held now."""
    values = {"holder": lock.holder, "expires_at": lock.expires_at}
    free = (label_locks.c.holder == lock.holder) | (label_locks.c.expires_at <= now)
    changed = tx.execute(
        label_locks.update()
        .where(label_locks.c.project == project, label_locks.c.subject == subject, free)
        .values(**values)
    )
    if changed.rowcount:
        return True
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = tx.execute(
        insert(label_locks)
        .values(project=project, subject=subject, **values)
        .on_conflict_do_nothing()
        .returning(label_locks.c.holder)
    )
    return added.first() is not None


def release_lock(tx: Transaction, project: str, subject: str, holder: str) -> None:
    """Give a thing back."""
    tx.execute(
        label_locks.delete().where(
            label_locks.c.project == project,
            label_locks.c.subject == subject,
            label_locks.c.holder == holder,
        )
    )


def locked_subjects(
    project: str, condition: sa.ColumnElement[bool], now: datetime
) -> sa.Select[tuple[str]]:
    """Select the things whose lock fulfils a condition and has not expired."""
    return sa.select(label_locks.c.subject).where(
        label_locks.c.project == project, label_locks.c.expires_at > now, condition
    )
