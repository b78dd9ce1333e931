"""SQL for the locks that keep two people from working on one image."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from visionloop.labeling.entities import Lock
from visionloop.labeling.store.tables import label_locks
from visionloop.storage.database import Transaction


def find_lock(tx: Transaction, project: str, image_id: str) -> Lock | None:
    """Return who holds an image, expired or not."""
    query = sa.select(label_locks.c.holder, label_locks.c.expires_at).where(
        label_locks.c.project == project, label_locks.c.image_id == image_id
    )
    row = tx.execute(query).first()
    return None if row is None else Lock(holder=row.holder, expires_at=row.expires_at)


def acquire_lock(
    tx: Transaction, project: str, image_id: str, *, lock: Lock, now: datetime
) -> bool:
    """Take or prolong the lock of an image; tell whether it is held now."""
    values = {"holder": lock.holder, "expires_at": lock.expires_at}
    free = (label_locks.c.holder == lock.holder) | (label_locks.c.expires_at <= now)
    changed = tx.execute(
        label_locks.update()
        .where(label_locks.c.project == project, label_locks.c.image_id == image_id, free)
        .values(**values)
    )
    if changed.rowcount:
        return True
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    added = tx.execute(
        insert(label_locks)
        .values(project=project, image_id=image_id, **values)
        .on_conflict_do_nothing()
        .returning(label_locks.c.holder)
    )
    return added.first() is not None


def release_lock(tx: Transaction, project: str, image_id: str, holder: str) -> None:
    """Give an image back."""
    tx.execute(
        label_locks.delete().where(
            label_locks.c.project == project,
            label_locks.c.image_id == image_id,
            label_locks.c.holder == holder,
        )
    )


def locked_images(
    project: str, condition: sa.ColumnElement[bool], now: datetime
) -> sa.Select[tuple[str]]:
    """Select the images whose lock fulfils a condition and has not expired."""
    return sa.select(label_locks.c.image_id).where(
        label_locks.c.project == project, label_locks.c.expires_at > now, condition
    )
