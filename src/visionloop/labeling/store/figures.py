"""SQL for counts and figures."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from visionloop.labeling.entities import QueueSummary, TaskFigure, TaskState
from visionloop.labeling.store.tables import label_tasks
from visionloop.labeling.store.tasks import UNFINISHED
from visionloop.storage.database import Transaction, UtcDateTime


def summarise_queues(tx: Transaction, project: str) -> list[QueueSummary]:
    """Count the tasks of every queue by state."""
    unfinished = sa.case((label_tasks.c.state.in_(UNFINISHED), label_tasks.c.created_at))
    query = (
        sa.select(
            label_tasks.c.queue,
            label_tasks.c.state,
            sa.func.count().label("num_tasks"),
            sa.func.min(unfinished, type_=UtcDateTime()).label("oldest"),
        )
        .where(label_tasks.c.project == project, label_tasks.c.kind != "gold")
        .group_by(label_tasks.c.queue, label_tasks.c.state)
    )
    counts: dict[str, dict[str, int]] = {}
    oldest: dict[str, datetime] = {}
    for row in tx.execute(query):
        counts.setdefault(row.queue, {})[row.state] = row.num_tasks
        if row.oldest is not None:
            oldest[row.queue] = min(row.oldest, oldest.get(row.queue, row.oldest))
    return [
        QueueSummary(
            name=name,
            total=sum(states.values()),
            oldest_open_at=oldest.get(name),
            **{state.value: states.get(state.value, 0) for state in TaskState},
        )
        for name, states in sorted(counts.items())
    ]


def list_figures(tx: Transaction, project: str, queue: str | None) -> list[TaskFigure]:
    """Return the columns of all tasks that figures are made from."""
    names = tuple(TaskFigure.__dataclass_fields__)
    query = sa.select(*(label_tasks.c[name] for name in names)).where(
        label_tasks.c.project == project, label_tasks.c.kind != "gold"
    )
    if queue is not None:
        query = query.where(label_tasks.c.queue == queue)
    return [
        TaskFigure(**{**row, "state": TaskState(row["state"])})
        for row in tx.execute(query).mappings()
    ]
