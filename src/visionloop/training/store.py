"""The only SQL of training: experiments, runs, metrics and artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata
from visionloop.training.entities import Experiment, MetricPoint, Run, RunArtifact, RunStatus

experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("project", "name"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("experiment_id", sa.ForeignKey("experiments.id"), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("recipe", sa.String(63), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("parameters", Json, nullable=False),
    sa.Column("tags", Json, nullable=False),
    sa.Column("metrics", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("dataset_version_id", sa.String(40)),
    sa.Column("dataset_version", sa.String(200)),
    sa.Column("job_id", sa.String(40)),
    sa.Column("warm_start_run_id", sa.String(40)),
    sa.Column("evaluation_id", sa.String(40)),
    sa.Column("package_dir", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)

run_metrics = sa.Table(
    "run_metrics",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("key", sa.String(250), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("time", UtcDateTime, nullable=False),
)

run_artifacts = sa.Table(
    "run_artifacts",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("path", sa.String(500), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
)

_OPEN = (RunStatus.SCHEDULED.value, RunStatus.RUNNING.value)


def insert_experiment(tx: Transaction, experiment: Experiment) -> None:
    """Store a new experiment."""
    values = {column.name: getattr(experiment, column.name) for column in experiments.columns}
    tx.execute(sa.insert(experiments).values(**values))


def find_experiment(tx: Transaction, project: str, name: str) -> Experiment | None:
    """Return an experiment by name, if there is one."""
    found = _select_experiments(
        tx, sa.and_(experiments.c.project == project, experiments.c.name == name)
    )
    return found[0] if found else None


def list_experiments(tx: Transaction, project: str) -> list[Experiment]:
    """Return the experiments of a project, newest first."""
    return _select_experiments(tx, experiments.c.project == project)


def _select_experiments(tx: Transaction, condition: Any) -> list[Experiment]:
    count = (
        sa.select(sa.func.count())
        .select_from(runs)
        .where(runs.c.experiment_id == experiments.c.id)
        .scalar_subquery()
    )
    query = (
        sa.select(experiments, count.label("num_runs"))
        .where(condition)
        .order_by(experiments.c.created_at.desc(), experiments.c.id.desc())
    )
    return [Experiment(**row._mapping) for row in tx.execute(query)]


def insert_run(tx: Transaction, run: Run) -> None:
    """Store a new run."""
    values = {column.name: getattr(run, column.name) for column in runs.columns}
    values |= {name: dict(values[name]) for name in ("parameters", "tags", "metrics")}
    tx.execute(sa.insert(runs).values(**values))


def find_run(tx: Transaction, project: str, run_id: str) -> Run | None:
    """Return a run of the project, if there is one."""
    row = tx.execute(
        _run_query().where(runs.c.project == project, runs.c.id == run_id)
    ).one_or_none()
    return None if row is None else _run(row)


def list_runs(
    tx: Transaction,
    project: str,
    *,
    experiment: str | None,
    status: RunStatus | None,
    limit: int,
    offset: int,
) -> tuple[list[Run], int]:
    """Return a page of runs, newest first, and the number of all."""
    conditions = [runs.c.project == project]
    if experiment is not None:
        conditions.append(experiments.c.name == experiment)
    if status is not None:
        conditions.append(runs.c.status == status.value)
    query = (
        _run_query()
        .where(*conditions)
        .order_by(runs.c.created_at.desc(), runs.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = tx.execute(
        sa.select(sa.func.count())
        .select_from(runs.join(experiments, runs.c.experiment_id == experiments.c.id))
        .where(*conditions)
    ).scalar_one()
    return [_run(row) for row in tx.execute(query)], total


def list_open_runs(tx: Transaction, project: str) -> list[Run]:
    """Return the runs of a project that have not ended."""
    query = _run_query().where(runs.c.project == project, runs.c.status.in_(_OPEN))
    return [_run(row) for row in tx.execute(query)]


def update_run(tx: Transaction, run_id: str, **values: Any) -> bool:
    """Change columns of a run that has not ended; tell whether there was one."""
    done = tx.execute(
        sa.update(runs).where(runs.c.id == run_id, runs.c.status.in_(_OPEN)).values(**values)
    )
    return bool(done.rowcount)


def put_metrics(
    tx: Transaction, run_id: str, *, step: int, values: Mapping[str, float], time: datetime
) -> None:
    """Store the values of one step; a repeated step replaces its values."""
    tx.execute(
        sa.delete(run_metrics).where(
            run_metrics.c.run_id == run_id,
            run_metrics.c.step == step,
            run_metrics.c.key.in_(list(values)),
        )
    )
    rows = [
        {"run_id": run_id, "key": key, "step": step, "value": value, "time": time}
        for key, value in values.items()
    ]
    tx.execute(sa.insert(run_metrics), rows)


def delete_metrics(tx: Transaction, run_id: str) -> None:
    """Forget the metrics of an earlier, died attempt."""
    tx.execute(sa.delete(run_metrics).where(run_metrics.c.run_id == run_id))


def list_metrics(tx: Transaction, run_id: str) -> dict[str, tuple[MetricPoint, ...]]:
    """Return the history of every metric in the order of its steps."""
    query = (
        sa.select(run_metrics)
        .where(run_metrics.c.run_id == run_id)
        .order_by(run_metrics.c.key, run_metrics.c.step)
    )
    history: dict[str, list[MetricPoint]] = {}
    for row in tx.execute(query):
        point = MetricPoint(row.key, row.step, row.value, row.time)
        history.setdefault(row.key, []).append(point)
    return {key: tuple(points) for key, points in history.items()}


def put_artifacts(tx: Transaction, run_id: str, artifacts: Sequence[RunArtifact]) -> None:
    """Store which files a run left; a repeated path replaces the file."""
    paths = [artifact.path for artifact in artifacts]
    tx.execute(
        sa.delete(run_artifacts).where(
            run_artifacts.c.run_id == run_id, run_artifacts.c.path.in_(paths)
        )
    )
    rows = [
        {"run_id": run_id, "path": a.path, "digest": a.digest, "size_bytes": a.size_bytes}
        for a in artifacts
    ]
    if rows:
        tx.execute(sa.insert(run_artifacts), rows)


def list_artifacts(tx: Transaction, run_id: str) -> tuple[RunArtifact, ...]:
    """Return the files that a run left, by path."""
    query = (
        sa.select(run_artifacts)
        .where(run_artifacts.c.run_id == run_id)
        .order_by(run_artifacts.c.path)
    )
    return tuple(RunArtifact(row.path, row.digest, row.size_bytes) for row in tx.execute(query))


def _run_query() -> sa.Select[Any]:
    return sa.select(runs, experiments.c.name.label("experiment")).join(
        experiments, runs.c.experiment_id == experiments.c.id
    )


def _run(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    values["status"] = RunStatus(values["status"])
    return Run(**values)
