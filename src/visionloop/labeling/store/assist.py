"""SQL for what became of models' proposals."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from visionloop.labeling.records import AssistOutcome
from visionloop.labeling.store.tables import label_assist
from visionloop.storage.database import Transaction

_COUNTS = ("num_proposed", "num_unchanged", "num_edited", "num_rejected", "num_own")


def replace_outcome(tx: Transaction, outcome: AssistOutcome) -> None:
    """Write what became of a task's proposals, in place of an earlier note."""
    tx.execute(label_assist.delete().where(label_assist.c.task_id == outcome.task_id))
    tx.execute(label_assist.insert().values(**asdict(outcome)))


def sum_outcomes(
    tx: Transaction, project: str, queue: str | None
) -> list[tuple[str, dict[str, int]]]:
    """Return the counts of every model, by its reference."""
    query = sa.select(
        label_assist.c.model,
        sa.func.count().label("num_tasks"),
        *(sa.func.sum(label_assist.c[name]).label(name) for name in _COUNTS),
    ).where(label_assist.c.project == project)
    if queue is not None:
        query = query.where(label_assist.c.queue == queue)
    rows = tx.execute(query.group_by(label_assist.c.model).order_by(label_assist.c.model))
    names = ("num_tasks", *_COUNTS)
    return [(row["model"], {name: int(row[name]) for name in names}) for row in rows.mappings()]
