"""SQL for images that came in by themselves and wait to be queued."""

from __future__ import annotations

import sqlalchemy as sa

from visionloop.data.entities import Watch
from visionloop.data.store.tables import annotation_sets, images
from visionloop.labeling.store.tables import label_tasks
from visionloop.storage.database import Transaction


def list_unqueued(tx: Transaction, watch: Watch, *, queue: str, limit: int) -> list[str]:
    """Return unlabeled images of a watch, newer than it, that never had a task in its queue."""
    prefix = f"{watch.path}/" if watch.path else ""
    joined = images.join(
        annotation_sets,
        (annotation_sets.c.project == images.c.project)
        & (annotation_sets.c.image_id == images.c.id),
    )
    had_task = (
        sa.select(label_tasks.c.id)
        .where(label_tasks.c.project == images.c.project, label_tasks.c.queue == queue)
        .where(label_tasks.c.image_id == images.c.id)
        .exists()
    )
    query = (
        sa.select(images.c.id)
        .select_from(joined)
        .where(images.c.project == watch.project, images.c.datastore == watch.datastore)
        .where(images.c.name.startswith(prefix, autoescape=True))
        .where(images.c.status == "active", annotation_sets.c.status == "unlabeled")
        .where(images.c.created_at > watch.created_at, ~had_task)
        .order_by(images.c.created_at, images.c.id)
    )
    return list(tx.execute(query.limit(limit)).scalars())
