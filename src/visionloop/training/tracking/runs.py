"""Runs led by outside code: begin, log, search, end, put aside and restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database, Transaction
from visionloop.training import store
from visionloop.training.entities import EXTERNAL, MetricPoint, Run, RunStatus
from visionloop.training.errors import RunEnded, RunNotFound
from visionloop.training.tracking.errors import (
    ParameterFixed,
    PutAside,
    RunLedByJob,
    TagNotFound,
)
from visionloop.training.tracking.experiments import check_name, find, get_experiment
from visionloop.training.tracking.search import Comparison, Ordering, matches, sort_records
from visionloop.training.tracking.store import runs_of
from visionloop.training.tracking.views import view_run

_KEY_LIMIT = 250
_RUN_NAME_LIMIT = 120


@dataclass(frozen=True)
class RunLog:
    """What outside code logs in one call."""

    points: Sequence[MetricPoint] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class RunSearch:
    """Which runs to find.

    Attributes:
        lifecycle: "active", "deleted" or "all".
    """

    experiment_ids: Sequence[str]
    conditions: Sequence[Comparison] = ()
    orderings: Sequence[Ordering] = ()
    lifecycle: str = "active"


def begin_run(
    database: Database,
    actor: Actor,
    project: str,
    *,
    experiment_id: str,
    name: str,
    tags: Mapping[str, str],
    started_at: datetime,
) -> Run:
    """Begin a run that outside code leads.

    Raises:
        ExperimentNotFound: No such experiment in the project.
        PutAside: The experiment is deleted.
        NameInvalid: A name or key is too long.
    """
    require(actor, Permission.TRAIN, project)
    check_name("The name of a run", name, _RUN_NAME_LIMIT)
    chosen = get_experiment(database, actor, project, experiment_id)
    with database.begin() as tx:
        experiment = find(tx, project, chosen.id)
        if experiment.deleted_at is not None:
            raise PutAside("Experiment", experiment.name)
        run = Run(
            id=new_id("run"),
            project=project,
            experiment_id=experiment.id,
            experiment=experiment.name,
            name=name,
            recipe=EXTERNAL,
            status=RunStatus.RUNNING,
            parameters={},
            tags=dict(tags),
            metrics={},
            created_by=actor.name,
            created_at=utc_now(),
            started_at=started_at,
        )
        store.insert_run(tx, run)
        _publish(tx, actor, run, "created")
    return run


def get_run(database: Database, actor: Actor, project: str, run_id: str) -> Run:
    """Return a run, put aside or not.

    Raises:
        RunNotFound: No such run in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return _find(tx, project, run_id)


def search_runs(database: Database, actor: Actor, project: str, search: RunSearch) -> list[Run]:
    """Return the runs that meet a search, newest first where no order is given."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        candidates = runs_of(tx, project, search.experiment_ids)
    chosen = [
        run
        for run in candidates
        if search.lifecycle in ("all", "active" if run.deleted_at is None else "deleted")
        and matches(view_run(run), search.conditions)
    ]
    return sort_records(chosen, search.orderings, view_run)


def log(database: Database, actor: Actor, project: str, *, run_id: str, what: RunLog) -> None:
    """Add metrics, parameters, tags and inputs to a run, all or nothing.

    Raises:
        RunNotFound: No such run in the project.
        PutAside: The run is deleted.
        RunEnded: A job led the run, and it has ended.
        ParameterFixed: A parameter was logged before with another value.
        NameInvalid: A key is empty or too long.
    """
    require(actor, Permission.TRAIN, project)
    for key in (*(p.key for p in what.points), *what.parameters, *what.tags):
        check_name("A key", key, _KEY_LIMIT)
    with database.begin() as tx:
        run = _hold(tx, project, run_id)
        values: dict[str, Any] = {}
        if what.points:
            store.append_metrics(tx, run_id, what.points)
            values["metrics"] = {**run.metrics, **_latest(tx, run_id, what.points)}
        if what.parameters:
            values["parameters"] = _joined(run, what.parameters)
        if what.tags:
            values["tags"] = {**run.tags, **what.tags}
        if what.inputs:
            new = [dict(item) for item in what.inputs if item not in run.inputs]
            values["inputs"] = [*(dict(item) for item in run.inputs), *new]
        if values:
            store.amend_run(tx, run_id, **values)


def untag(database: Database, actor: Actor, project: str, *, run_id: str, key: str) -> None:
    """Take a tag away.

    Raises:
        RunNotFound, TagNotFound: There is none.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        run = _hold(tx, project, run_id)
        if key not in run.tags:
            raise TagNotFound(f"Run {run_id}", key)
        left = {name: value for name, value in run.tags.items() if name != key}
        store.amend_run(tx, run_id, tags=left)


def last_points(
    database: Database, actor: Actor, project: str, runs: Sequence[Run]
) -> dict[str, list[MetricPoint]]:
    """Return the last point of every metric of some runs: run id -> points by key."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return {
            run.id: [
                point
                for key in sorted(run.metrics)
                if (point := store.find_last_point(tx, run.id, key)) is not None
            ]
            for run in runs
        }


def page_metric(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    key: str,
    limit: int,
    offset: int,
) -> list[MetricPoint]:
    """Return a page of the history of a metric.

    Raises:
        RunNotFound: No such run in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        _find(tx, project, run_id)
        return store.page_metric(tx, run_id, key, limit=limit, offset=offset)


def change_run(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    status: RunStatus | None = None,
    ended_at: datetime | None = None,
    name: str | None = None,
) -> Run:
    """Rename a run, end it, or take it up again.

    Raises:
        RunNotFound: No such run in the project.
        PutAside: The run is deleted.
        RunLedByJob: Its job alone says how it goes.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        run = _hold(tx, project, run_id, ended_too=True)
        values: dict[str, Any] = {}
        if name:
            check_name("The name of a run", name, _RUN_NAME_LIMIT)
            values["name"] = name
        if status is not None and status is not run.status:
            if not run.is_external:
                raise RunLedByJob(run_id)
            end = (ended_at or utc_now()) if status.is_final else None
            values |= {"status": status.value, "ended_at": end}
            values["progress"] = 1.0 if status is RunStatus.FINISHED else run.progress
        if values:
            store.amend_run(tx, run_id, **values)
            _publish(tx, actor, run, _verb(status) if "status" in values else "renamed")
        return _find(tx, project, run_id)


def put_aside_run(database: Database, actor: Actor, project: str, run_id: str) -> None:
    """Hide a run; nothing is lost, and it can be restored.

    Raises:
        RunNotFound: No such run in the project.
        RunLedByJob: Its job is still at work.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        run = _find(tx, project, run_id)
        if not run.is_external and not run.status.is_final:
            raise RunLedByJob(run_id)
        if run.deleted_at is None:
            store.amend_run(tx, run_id, deleted_at=utc_now())
            _publish(tx, actor, run, "deleted")


def restore_run(database: Database, actor: Actor, project: str, run_id: str) -> None:
    """Bring a run back.

    Raises:
        RunNotFound: No such run in the project.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        run = _find(tx, project, run_id)
        if run.deleted_at is not None:
            store.amend_run(tx, run_id, deleted_at=None)
            _publish(tx, actor, run, "restored")


def _latest(tx: Transaction, run_id: str, points: Sequence[MetricPoint]) -> dict[str, float]:
    last = {key: store.find_last_point(tx, run_id, key) for key in {p.key for p in points}}
    return {key: point.value for key, point in last.items() if point is not None}


def _joined(run: Run, parameters: Mapping[str, str]) -> dict[str, Any]:
    for key, value in parameters.items():
        known = run.parameters.get(key)
        if known is not None and str(known) != value:
            raise ParameterFixed(key, str(known), value)
    return {**parameters, **run.parameters}


def _hold(tx: Transaction, project: str, run_id: str, *, ended_too: bool = False) -> Run:
    store.lock_run(tx, run_id)
    run = _find(tx, project, run_id)
    if run.deleted_at is not None:
        raise PutAside("Run", run_id)
    if run.status.is_final and not run.is_external and not ended_too:
        raise RunEnded(run_id, run.status)
    return run


def _find(tx: Transaction, project: str, run_id: str) -> Run:
    run = store.find_run(tx, project, run_id)
    if run is None:
        raise RunNotFound(run_id, project)
    return run


def _verb(status: RunStatus | None) -> str:
    return "started" if status in (RunStatus.RUNNING, RunStatus.SCHEDULED, None) else status.value


def _publish(tx: Transaction, actor: Actor, run: Run, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.run.{verb}",
        project=run.project,
        subject=f"run/{run.id}",
        actor=actor,
        data={"name": run.name, "experiment": run.experiment, "recipe": run.recipe},
    )
