"""The only SQL of compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.compute.entities import Job, JobState
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False, index=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("entry_point", sa.String(200), nullable=False),
    sa.Column("inputs", Json, nullable=False),
    sa.Column("outputs", Json, nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("error_code", sa.String(80)),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("max_attempts", sa.Integer, nullable=False),
    sa.Column("timeout_s", sa.Float, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("pid", sa.Integer),
    sa.Column("pid_started", sa.Float),
    sa.Column("node", sa.String(255)),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)


def insert_job(tx: Transaction, job: Job) -> None:
    """Insert a job."""
    tx.execute(jobs.insert().values(**asdict(job) | {"state": job.state.value}))


def find_job(tx: Transaction, job_id: str) -> Job | None:
    """Return a job by id."""
    row = tx.execute(jobs.select().where(jobs.c.id == job_id)).mappings().first()
    return _job(row) if row else None


def list_jobs(
    tx: Transaction,
    *,
    project: str | None = None,
    kind: str | None = None,
    states: tuple[JobState, ...] = (),
    limit: int = 100,
    oldest_first: bool = False,
) -> list[Job]:
    """Return jobs, newest first unless asked otherwise."""
    query = jobs.select()
    if project is not None:
        query = query.where(jobs.c.project == project)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if states:
        query = query.where(jobs.c.state.in_([state.value for state in states]))
    order = jobs.c.id if oldest_first else jobs.c.id.desc()
    return [_job(row) for row in tx.execute(query.order_by(order).limit(limit)).mappings()]


def update_job(
    tx: Transaction,
    job_id: str,
    *,
    expected: tuple[JobState, ...],
    of_attempt: int | None = None,
    **values: Any,
) -> bool:
    """Change a job that is in one of the expected states; tell whether it was.

    With ``of_attempt``, only that attempt may change it: a worker that was given up for dead must
    not overwrite what its successor did.
    """
    condition = (jobs.c.id == job_id) & jobs.c.state.in_([state.value for state in expected])
    if of_attempt is not None:
        condition &= jobs.c.attempt == of_attempt
    return tx.execute(jobs.update().where(condition).values(**values)).rowcount == 1


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(**(dict(row) | {"state": JobState(row["state"])}))
