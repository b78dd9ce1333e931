"""The only SQL of training: experiments, runs, metrics and artifacts."""

from __future__ import annotations

import math
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
    sa.Column("tags", Json, nullable=False, server_default="{}"),
    sa.Column("deleted_at", UtcDateTime),
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
    sa.Column("inputs", Json, nullable=False, server_default="[]"),
    sa.Column("deleted_at", UtcDateTime),
)

# A step may be logged again: what clients send is history. A value that is no number is NULL.
run_metric_points = sa.Table(
    "run_metric_points",
    metadata,
    sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True
    ),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("key", sa.String(250), nullable=False),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("time", UtcDateTime, nullable=False),
    sa.Index("ix_run_metric_points_order", "run_id", "key", "step", "time"),
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
    tx.execute(sa.insert(experiments).values(**values | {"tags": dict(experiment.tags)}))


def find_experiment(tx: Transaction, project: str, name: str) -> Experiment | None:
    """Return an experiment by name, if there is one, put aside or not."""
    found = select_experiments(
        tx, sa.and_(experiments.c.project == project, experiments.c.name == name)
    )
    return found[0] if found else None


def find_experiment_by_id(tx: Transaction, project: str, experiment_id: str) -> Experiment | None:
    """Return an experiment by id, if there is one, put aside or not."""
    found = select_experiments(
        tx, sa.and_(experiments.c.project == project, experiments.c.id == experiment_id)
    )
    return found[0] if found else None


def list_experiments(tx: Transaction, project: str) -> list[Experiment]:
    """Return the experiments of a project that are not put aside, newest first."""
    return select_experiments(
        tx, sa.and_(experiments.c.project == project, experiments.c.deleted_at.is_(None))
    )


def update_experiment(tx: Transaction, experiment_id: str, **values: Any) -> None:
    """Change columns of an experiment."""
    tx.execute(sa.update(experiments).where(experiments.c.id == experiment_id).values(**values))


def select_experiments(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[Experiment]:
    """Return the experiments under a condition, newest first, with the number of their runs."""
    count = (
        sa.select(sa.func.count())
        .select_from(runs)
        .where(runs.c.experiment_id == experiments.c.id, runs.c.deleted_at.is_(None))
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
    values["inputs"] = [dict(item) for item in run.inputs]
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
    conditions = [runs.c.project == project, runs.c.deleted_at.is_(None)]
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
    own = sa.and_(runs.c.id == run_id, runs.c.status.in_(_OPEN))
    done = tx.execute(sa.update(runs).where(own).values(**_encoded(values)))
    return bool(done.rowcount)


def lock_run(tx: Transaction, run_id: str) -> None:
    """Hold a run, so that two loggers do not overwrite each other's values."""
    tx.execute(sa.select(runs.c.id).where(runs.c.id == run_id).with_for_update())


def amend_run(tx: Transaction, run_id: str, **values: Any) -> None:
    """Change columns of a run, ended or not."""
    tx.execute(sa.update(runs).where(runs.c.id == run_id).values(**_encoded(values)))


def put_metrics(
    tx: Transaction, run_id: str, *, step: int, values: Mapping[str, float], time: datetime
) -> None:
    """Store the values of one step; a repeated step replaces its values."""
    tx.execute(
        sa.delete(run_metric_points).where(
            run_metric_points.c.run_id == run_id,
            run_metric_points.c.step == step,
            run_metric_points.c.key.in_(list(values)),
        )
    )
    append_metrics(
        tx, run_id, [MetricPoint(key, step, value, time) for key, value in values.items()]
    )


def append_metrics(tx: Transaction, run_id: str, points: Sequence[MetricPoint]) -> None:
    """Add to the history of a run; a repeated step is kept beside the earlier one."""
    rows = [
        {
            "run_id": run_id,
            "key": point.key,
            "step": point.step,
            "value": None if math.isnan(point.value) else point.value,
            "time": point.time,
        }
        for point in points
    ]
    if rows:
        tx.execute(sa.insert(run_metric_points), rows)


def find_last_point(tx: Transaction, run_id: str, key: str) -> MetricPoint | None:
    """Return the newest point at the highest step of a metric."""
    table = run_metric_points
    newest = (table.c.step.desc(), table.c.time.desc(), table.c.id.desc())
    row = tx.execute(_points(run_id, key).order_by(*newest).limit(1)).one_or_none()
    return None if row is None else _point(row)


def delete_metrics(tx: Transaction, run_id: str) -> None:
    """Forget the metrics of an earlier, died attempt."""
    tx.execute(sa.delete(run_metric_points).where(run_metric_points.c.run_id == run_id))


def list_metrics(tx: Transaction, run_id: str) -> dict[str, tuple[MetricPoint, ...]]:
    """Return the history of every metric in the order of its steps."""
    table = run_metric_points
    query = _points(run_id).order_by(table.c.key, table.c.step, table.c.time, table.c.id)
    history: dict[str, list[MetricPoint]] = {}
    for row in tx.execute(query):
        history.setdefault(row.key, []).append(_point(row))
    return {key: tuple(points) for key, points in history.items()}


def page_metric(
    tx: Transaction, run_id: str, key: str, *, limit: int, offset: int
) -> list[MetricPoint]:
    """Return a page of the history of one metric in the order of its steps."""
    table = run_metric_points
    query = _points(run_id, key).order_by(table.c.step, table.c.time, table.c.id)
    return [_point(row) for row in tx.execute(query.limit(limit).offset(offset))]


def _points(run_id: str, key: str | None = None) -> sa.Select[Any]:
    query = sa.select(run_metric_points).where(run_metric_points.c.run_id == run_id)
    return query if key is None else query.where(run_metric_points.c.key == key)


def _point(row: sa.Row[Any]) -> MetricPoint:
    value = math.nan if row.value is None else row.value
    return MetricPoint(row.key, row.step, value, row.time)


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


def select_runs(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[Run]:
    """Return the runs under a condition, newest first."""
    query = _run_query().where(condition)
    return [
        _run(row) for row in tx.execute(query.order_by(runs.c.created_at.desc(), runs.c.id.desc()))
    ]


def _encoded(values: dict[str, Any]) -> dict[str, Any]:
    """Write NaN as null: PostgreSQL's JSON has no other word for it."""
    if "metrics" not in values:
        return values
    metrics = values["metrics"].items()
    return values | {"metrics": {k: None if math.isnan(v) else v for k, v in metrics}}


def _run_query() -> sa.Select[Any]:
    return sa.select(runs, experiments.c.name.label("experiment")).join(
        experiments, runs.c.experiment_id == experiments.c.id
    )


def _run(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    values["status"] = RunStatus(values["status"])
    values["metrics"] = {
        key: math.nan if value is None else value for key, value in values["metrics"].items()
    }
    values["inputs"] = tuple(values["inputs"])
    return Run(**values)
