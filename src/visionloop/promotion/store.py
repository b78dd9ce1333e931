"""The only SQL of promotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.promotion.entities import (
    ACTIVE_STATES,
    Approval,
    Champion,
    Decision,
    GateResult,
    Pipeline,
    PipelineState,
    Policy,
    Rollback,
    Rollout,
    Step,
    StepState,
    Trigger,
)
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

promotion_pipelines = sa.Table(
    "promotion_pipelines",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("state", sa.String(32), nullable=False, index=True),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("trigger", sa.String(32), nullable=False),
    sa.Column("requested_by", sa.String(63), nullable=False),
    sa.Column("requested_by_id", sa.String(40), nullable=False),
    sa.Column("policy", Json, nullable=False),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("previous", Json),
    sa.Column("approval_expires_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    # Both are unique and empty where they do not apply: one start for each registered digest,
    # and one promotion of a version on its way at a time, whoever asks and however often.
    sa.Column("registration_key", sa.String(300), unique=True),
    sa.Column("active_key", sa.String(300), unique=True),
)

promotion_steps = sa.Table(
    "promotion_steps",
    metadata,
    sa.Column("pipeline_id", sa.ForeignKey("promotion_pipelines.id"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("details", Json, nullable=False),
)

promotion_gate_results = sa.Table(
    "promotion_gate_results",
    metadata,
    sa.Column("pipeline_id", sa.ForeignKey("promotion_pipelines.id"), primary_key=True),
    sa.Column("gate", sa.String(64), primary_key=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("measured", sa.Float),
    sa.Column("threshold", sa.Float),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("comparison", sa.String(2), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("evidence", Json, nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
)

promotion_approvals = sa.Table(
    "promotion_approvals",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("pipeline_id", sa.ForeignKey("promotion_pipelines.id"), nullable=False, unique=True),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.String(63), nullable=False),
    sa.Column("decided_by_id", sa.String(40), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

promotion_rollbacks = sa.Table(
    "promotion_rollbacks",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("endpoint", sa.String(63), nullable=False),
    sa.Column("restored", Json, nullable=False),
    sa.Column("replaced", Json, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("requested_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

promotion_cursors = sa.Table(
    "promotion_cursors",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("event_id", sa.BigInteger, nullable=False),
)


def insert_pipeline(tx: Transaction, pipeline: Pipeline, steps: tuple[Step, ...]) -> None:
    """Insert a pipeline with its steps.

    Raises:
        sqlalchemy.exc.IntegrityError: The digest was registered before, or the version is on
            its way; ask :func:`find_by_registration` and :func:`find_active` first.
    """
    values = {
        **_scalars(pipeline),
        "policy": _policy_values(pipeline.policy),
        "reasons": list(pipeline.reasons),
        "previous": asdict(pipeline.previous) if pipeline.previous else None,
        "active_key": _active_key(pipeline.project, pipeline.model, pipeline.version),
    }
    if pipeline.trigger is Trigger.REGISTRATION:
        values["registration_key"] = _registration_key(pipeline.project, pipeline.digest)
    tx.execute(promotion_pipelines.insert().values(**values))
    for step in steps:
        tx.execute(promotion_steps.insert().values(pipeline_id=pipeline.id, **asdict(step)))


def has_pipeline(tx: Transaction, project: str, digest: str) -> bool:
    """Tell whether this digest was ever promoted or tried to be."""
    own = (promotion_pipelines.c.project == project) & (promotion_pipelines.c.digest == digest)
    return tx.execute(sa.select(promotion_pipelines.c.id).where(own).limit(1)).first() is not None


def find_active(tx: Transaction, project: str, model: str, version: int) -> Pipeline | None:
    """Return the pipeline on which the version is on its way."""
    return _find(tx, promotion_pipelines.c.active_key == _active_key(project, model, version))


def find_pipeline(tx: Transaction, pipeline_id: str, *, lock: bool = False) -> Pipeline | None:
    """Return a pipeline by id; ``lock`` holds its row until the transaction ends."""
    return _find(tx, promotion_pipelines.c.id == pipeline_id, lock=lock)


def list_pipelines(
    tx: Transaction,
    project: str,
    *,
    state: PipelineState | None = None,
    model: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Pipeline], int]:
    """Return a page of pipelines, newest first, and how many there are."""
    table = promotion_pipelines
    condition = table.c.project == project
    if state is not None:
        condition &= table.c.state == state.value
    if model is not None:
        condition &= table.c.model == model
    total = tx.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one()
    rows = tx.execute(
        table.select()
        .where(condition)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(limit)
        .offset(offset)
    ).mappings()
    return [_pipeline(row) for row in rows], total


def list_active(tx: Transaction) -> list[Pipeline]:
    """Return every pipeline, of every project, that has not ended."""
    active = promotion_pipelines.c.state.in_([state.value for state in ACTIVE_STATES])
    rows = tx.execute(promotion_pipelines.select().where(active)).mappings()
    return [_pipeline(row) for row in rows]


def list_undelivered(tx: Transaction, since: datetime) -> list[Pipeline]:
    """Return pipelines decided or cancelled since then, whose workflows may not know it yet."""
    table = promotion_pipelines
    told = [PipelineState.REJECTED.value, PipelineState.CANCELLED.value]
    rows = tx.execute(
        table.select().where(
            (table.c.state == PipelineState.APPROVED.value)
            | (table.c.state.in_(told) & (table.c.updated_at > since))
        )
    ).mappings()
    return [_pipeline(row) for row in rows]


def find_promoting(tx: Transaction, project: str, digest: str, endpoint: str) -> Pipeline | None:
    """Return the newest pipeline that brought this digest to this endpoint and replaced one."""
    table = promotion_pipelines
    rows = tx.execute(
        table.select()
        .where(
            (table.c.project == project)
            & (table.c.digest == digest)
            & (table.c.state == PipelineState.SUCCEEDED.value)
        )
        .order_by(table.c.ended_at.desc())
    ).mappings()
    for row in rows:
        pipeline = _pipeline(row)
        if pipeline.previous and pipeline.policy.production_endpoint == endpoint:
            return pipeline
    return None


def update_pipeline(tx: Transaction, pipeline_id: str, now: datetime, **values: Any) -> None:
    """Change columns of a pipeline; a final state also frees the version."""
    state = values.get("state")
    if state is not None and PipelineState(state).is_final:
        values = {**values, "active_key": None, "ended_at": now}
    if isinstance(values.get("previous"), Champion):
        values = {**values, "previous": asdict(values["previous"])}
    tx.execute(
        promotion_pipelines.update()
        .where(promotion_pipelines.c.id == pipeline_id)
        .values(updated_at=now, **values)
    )


def list_steps(tx: Transaction, pipeline_id: str) -> tuple[Step, ...]:
    """Return the steps of a pipeline in order."""
    rows = tx.execute(
        promotion_steps.select()
        .where(promotion_steps.c.pipeline_id == pipeline_id)
        .order_by(promotion_steps.c.position)
    ).mappings()
    return tuple(_step(row) for row in rows)


def find_step(tx: Transaction, pipeline_id: str, name: str) -> Step | None:
    """Return one step."""
    own = (promotion_steps.c.pipeline_id == pipeline_id) & (promotion_steps.c.name == name)
    row = tx.execute(promotion_steps.select().where(own)).mappings().first()
    return _step(row) if row else None


def update_step(tx: Transaction, pipeline_id: str, name: str, **values: Any) -> None:
    """Change columns of a step."""
    tx.execute(
        promotion_steps.update()
        .where((promotion_steps.c.pipeline_id == pipeline_id) & (promotion_steps.c.name == name))
        .values(**values)
    )


def skip_pending_steps(tx: Transaction, pipeline_id: str) -> None:
    """Mark what will not run any more."""
    tx.execute(
        promotion_steps.update()
        .where(
            (promotion_steps.c.pipeline_id == pipeline_id)
            & (promotion_steps.c.state == StepState.PENDING.value)
        )
        .values(state=StepState.SKIPPED.value)
    )


def insert_gate_result(
    tx: Transaction, pipeline_id: str, result: GateResult, now: datetime
) -> None:
    """Insert what a gate decided."""
    values = asdict(replace(result, decided_at=now))
    tx.execute(promotion_gate_results.insert().values(pipeline_id=pipeline_id, **values))


def list_gate_results(tx: Transaction, pipeline_id: str) -> tuple[GateResult, ...]:
    """Return the gate results of a pipeline in the order in which they were decided."""
    rows = tx.execute(
        promotion_gate_results.select()
        .where(promotion_gate_results.c.pipeline_id == pipeline_id)
        .order_by(promotion_gate_results.c.decided_at)
    ).mappings()
    return tuple(
        GateResult(**{key: row[key] for key in row if key != "pipeline_id"}) for row in rows
    )


def insert_approval(tx: Transaction, approval: Approval) -> None:
    """Insert the one decision about a pipeline."""
    tx.execute(promotion_approvals.insert().values(**asdict(approval)))


def find_approval(tx: Transaction, pipeline_id: str) -> Approval | None:
    """Return the decision about a pipeline."""
    own = promotion_approvals.c.pipeline_id == pipeline_id
    row = tx.execute(promotion_approvals.select().where(own)).mappings().first()
    return Approval(**{**row, "decision": Decision(row["decision"])}) if row else None


def insert_rollback(tx: Transaction, rollback: Rollback) -> None:
    """Insert a return to an earlier champion."""
    tx.execute(promotion_rollbacks.insert().values(**asdict(rollback)))


def list_rollbacks(
    tx: Transaction, project: str, *, limit: int = 50, offset: int = 0
) -> tuple[list[Rollback], int]:
    """Return a page of rollbacks, newest first, and how many there are."""
    table = promotion_rollbacks
    own = table.c.project == project
    total = tx.execute(sa.select(sa.func.count()).select_from(table).where(own)).scalar_one()
    rows = tx.execute(
        table.select().where(own).order_by(table.c.created_at.desc()).limit(limit).offset(offset)
    ).mappings()
    found = [
        Rollback(
            **{
                **row,
                "restored": Champion(**row["restored"]),
                "replaced": Champion(**row["replaced"]),
            }
        )
        for row in rows
    ]
    return found, total


def read_cursor(tx: Transaction, name: str) -> int:
    """Return the number of the last event that a reader has dealt with; 0 at first."""
    query = sa.select(promotion_cursors.c.event_id).where(promotion_cursors.c.name == name)
    return tx.execute(query).scalar_one_or_none() or 0


def write_cursor(tx: Transaction, name: str, event_id: int) -> None:
    """Remember the number of the last event dealt with; it never goes back."""
    table = promotion_cursors
    if tx.execute(table.select().where(table.c.name == name)).first() is None:
        tx.execute(table.insert().values(name=name, event_id=event_id))
    tx.execute(
        table.update()
        .where((table.c.name == name) & (table.c.event_id < event_id))
        .values(event_id=event_id)
    )


def _find(tx: Transaction, condition: Any, *, lock: bool = False) -> Pipeline | None:
    query = promotion_pipelines.select().where(condition)
    if lock:
        query = query.with_for_update()
    row = tx.execute(query).mappings().first()
    return _pipeline(row) if row else None


def _scalars(pipeline: Pipeline) -> dict[str, Any]:
    skipped = ("policy", "reasons", "previous")
    return {key: value for key, value in vars(pipeline).items() if key not in skipped}


def _pipeline(row: sa.RowMapping) -> Pipeline:
    values = {key: row[key] for key in row if key not in ("registration_key", "active_key")}
    return Pipeline(
        **{
            **values,
            "state": PipelineState(row["state"]),
            "trigger": Trigger(row["trigger"]),
            "policy": _policy(row["policy"]),
            "reasons": tuple(row["reasons"]),
            "previous": Champion(**row["previous"]) if row["previous"] else None,
        }
    )


def _step(row: sa.RowMapping) -> Step:
    values = {key: row[key] for key in row if key != "pipeline_id"}
    return Step(**{**values, "state": StepState(row["state"])})


def _policy_values(policy: Policy) -> dict[str, Any]:
    return {**asdict(policy), "gates": list(policy.gates)}


def _policy(values: Mapping[str, Any]) -> Policy:
    rollout = Rollout(**values["rollout"])
    return Policy(**{**values, "gates": tuple(values["gates"]), "rollout": rollout})


def _registration_key(project: str, digest: str) -> str:
    return f"{project}/{digest}"


def _active_key(project: str, model: str, version: int) -> str:
    return f"{project}/{model}/{version}"
