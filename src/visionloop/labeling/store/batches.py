"""SQL for batches of tasks."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from visionloop.data.store.tables import annotation_sets
from visionloop.labeling.entities import TaskState
from visionloop.labeling.records import LabelBatch
from visionloop.labeling.store.tables import label_batches, label_tasks
from visionloop.storage.database import Transaction


def insert_batch(tx: Transaction, batch: LabelBatch) -> None:
    """Insert a batch."""
    values = asdict(batch) | {"facts": dict(batch.facts)}
    del values["by_state"]
    tx.execute(label_batches.insert().values(**values))


def list_batches(tx: Transaction, project: str, queue: str | None) -> list[LabelBatch]:
    """Return batches, newest first, with the states of their tasks."""
    query = label_batches.select().where(label_batches.c.project == project)
    if queue is not None:
        query = query.where(label_batches.c.queue == queue)
    rows = tx.execute(query.order_by(label_batches.c.created_at.desc())).mappings().all()
    counts: dict[str, dict[str, int]] = {}
    states = (
        sa.select(label_tasks.c.batch_id, label_tasks.c.state, sa.func.count().label("num_tasks"))
        .where(label_tasks.c.project == project, label_tasks.c.batch_id.is_not(None))
        .group_by(label_tasks.c.batch_id, label_tasks.c.state)
    )
    for row in tx.execute(states):
        counts.setdefault(row.batch_id, {})[row.state] = row.num_tasks
    return [LabelBatch(**row, by_state=_all_states(counts.get(row["id"], {}))) for row in rows]


def _all_states(counts: dict[str, int]) -> dict[str, int]:
    return {state.value: counts.get(state.value, 0) for state in TaskState}


def count_labeled(tx: Transaction, project: str) -> int:
    """Return how many images of a project a person has labeled."""
    query = (
        sa.select(sa.func.count())
        .select_from(annotation_sets)
        .where(
            annotation_sets.c.project == project,
            annotation_sets.c.status.in_(("labeled", "accepted")),
        )
    )
    return int(tx.execute(query).scalar_one())
