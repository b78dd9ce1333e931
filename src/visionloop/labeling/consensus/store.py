"""The only SQL of consensus cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from visionloop.labeling.agreement.entities import ObjectVote
from visionloop.labeling.consensus.entities import CaseState, ConsensusCase
from visionloop.labeling.store.drafts import read_drafts, write_drafts
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

label_cases = sa.Table(
    "label_cases",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("agreement", sa.Float, nullable=False),
    sa.Column("annotators", Json, nullable=False),
    sa.Column("task_ids", Json, nullable=False),
    sa.Column("merged", Json, nullable=False),
    sa.Column("objects", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("choice", sa.String(63)),
    sa.Column("resolved_by", sa.String(63)),
    sa.Column("resolved_at", UtcDateTime),
    sa.Index("ix_label_cases_state", "project", "queue", "state", "created_at"),
)


def insert_case(tx: Transaction, case: ConsensusCase) -> None:
    """Insert a case."""
    tx.execute(label_cases.insert().values(**_values(case)))


def update_case(tx: Transaction, case: ConsensusCase) -> None:
    """Write every column of a case."""
    tx.execute(label_cases.update().where(label_cases.c.id == case.id).values(**_values(case)))


def find_case(
    tx: Transaction, project: str, case_id: str, *, for_update: bool = False
) -> ConsensusCase | None:
    """Return a case."""
    query = label_cases.select().where(
        label_cases.c.project == project, label_cases.c.id == case_id
    )
    row = tx.execute(query.with_for_update() if for_update else query).mappings().first()
    return None if row is None else _case(row)


def list_cases(
    tx: Transaction,
    project: str,
    *,
    queue: str | None = None,
    state: CaseState | None = None,
    limit: int | None = None,
) -> list[ConsensusCase]:
    """Return cases, those that agree least first."""
    query = label_cases.select().where(label_cases.c.project == project)
    if queue is not None:
        query = query.where(label_cases.c.queue == queue)
    if state is not None:
        query = query.where(label_cases.c.state == state.value)
    query = query.order_by(label_cases.c.agreement, label_cases.c.created_at).limit(limit)
    return [_case(row) for row in tx.execute(query).mappings()]


def count_cases(tx: Transaction, project: str, queue: str | None) -> dict[str, int]:
    """Return the number of cases by state."""
    query = sa.select(label_cases.c.state, sa.func.count().label("num_cases")).where(
        label_cases.c.project == project
    )
    if queue is not None:
        query = query.where(label_cases.c.queue == queue)
    found = {row.state: row.num_cases for row in tx.execute(query.group_by(label_cases.c.state))}
    return {state.value: found.get(state.value, 0) for state in CaseState}


def _values(case: ConsensusCase) -> dict[str, Any]:
    values = {item.name: getattr(case, item.name) for item in fields(case)}
    return values | {
        "state": case.state.value,
        "annotators": list(case.annotators),
        "task_ids": list(case.task_ids),
        "merged": write_drafts(case.merged),
        "objects": [asdict(item) for item in case.objects],
    }


def _case(row: Mapping[Any, Any]) -> ConsensusCase:
    objects = tuple(
        ObjectVote(**{**item, "seen_by": tuple(item["seen_by"])}) for item in row["objects"]
    )
    return ConsensusCase(
        **{
            **row,
            "state": CaseState(row["state"]),
            "annotators": tuple(row["annotators"]),
            "task_ids": tuple(row["task_ids"]),
            "merged": read_drafts(row["merged"]),
            "objects": objects,
        }
    )
