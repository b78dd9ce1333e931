"""Use cases around experiments and runs: create, log, list, compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.compute import store as compute_store
from visionloop.data.versions import mark_version_used
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction
from visionloop.training import rules, store
from visionloop.training.entities import (
    Experiment,
    Run,
    RunArtifact,
    RunComparison,
    RunDetail,
    RunStatus,
)
from visionloop.training.errors import (
    ArtifactNotFound,
    ExperimentExists,
    ExperimentNotFound,
    MetricInvalid,
    RunEnded,
    RunNotFound,
)

_EVENT_OF = {
    RunStatus.RUNNING: "started",
    RunStatus.FINISHED: "finished",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class RunDraft:
    """What is known of a run before it starts."""

    experiment: str
    recipe: str
    name: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    dataset_version_id: str | None = None
    dataset_version: str | None = None
    warm_start_run_id: str | None = None


def create_experiment(
    database: Database, actor: Actor, project: str, *, name: str, description: str = ""
) -> Experiment:
    """Create a named group of runs.

    Raises:
        ExperimentExists: The name is taken.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        if store.find_experiment(tx, project, name) is not None:
            raise ExperimentExists(name, project)
        return _insert_experiment(tx, actor, project, name, description)


def list_experiments(database: Database, actor: Actor, project: str) -> list[Experiment]:
    """Return the experiments of a project, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_experiments(tx, project)


def create_run(database: Database, actor: Actor, project: str, *, draft: RunDraft) -> Run:
    """Create a run, and its experiment where there is none of that name."""
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        experiment = store.find_experiment(tx, project, draft.experiment)
        if experiment is None:
            experiment = _insert_experiment(tx, actor, project, draft.experiment, "")
        run = Run(
            id=new_id("run"),
            project=project,
            experiment_id=experiment.id,
            experiment=experiment.name,
            name=draft.name or f"{draft.recipe}-{experiment.num_runs + 1}",
            recipe=draft.recipe,
            status=RunStatus.SCHEDULED,
            parameters=dict(draft.parameters),
            tags=dict(draft.tags),
            metrics={},
            created_by=actor.name,
            created_at=utc_now(),
            dataset_version_id=draft.dataset_version_id,
            dataset_version=draft.dataset_version,
            warm_start_run_id=draft.warm_start_run_id,
        )
        store.insert_run(tx, run)
        if draft.dataset_version_id is not None:
            mark_version_used(tx, draft.dataset_version_id, user_kind="run", user_id=run.id)
        _publish(tx, actor, run, "created")
    return run


def list_runs(
    database: Database,
    actor: Actor,
    project: str,
    *,
    experiment: str | None = None,
    status: RunStatus | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Run], int]:
    """Return a page of runs, newest first, and the number of all.

    Raises:
        ExperimentNotFound: No experiment of that name.
    """
    require(actor, Permission.READ, project)
    close_abandoned_runs(database, actor, project)
    with database.read() as tx:
        if experiment is not None and store.find_experiment(tx, project, experiment) is None:
            raise ExperimentNotFound(experiment, project)
        return store.list_runs(
            tx, project, experiment=experiment, status=status, limit=limit, offset=offset
        )


def get_run(database: Database, actor: Actor, project: str, run_id: str) -> Run:
    """Return a run.

    Raises:
        RunNotFound: No such run in the project.
    """
    require(actor, Permission.READ, project)
    close_abandoned_runs(database, actor, project)
    with database.read() as tx:
        return _find(tx, project, run_id)


def get_run_detail(database: Database, actor: Actor, project: str, run_id: str) -> RunDetail:
    """Return a run with the history of its metrics and its files.

    Raises:
        RunNotFound: No such run in the project.
    """
    run = get_run(database, actor, project, run_id)
    with database.read() as tx:
        return RunDetail(run, store.list_metrics(tx, run_id), store.list_artifacts(tx, run_id))


def compare_runs(
    database: Database, actor: Actor, project: str, *, run_ids: Sequence[str]
) -> RunComparison:
    """Put runs side by side.

    Raises:
        RunNotFound: One of them is not in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return rules.compare([_find(tx, project, run_id) for run_id in run_ids])


def log_metrics(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    metrics: Mapping[str, float],
    step: int = 0,
) -> Run:
    """Append the values of one step; a repeated step replaces its values.

    Raises:
        RunNotFound: No such run in the project.
        RunEnded: The run takes no more metrics.
        MetricInvalid: A value is not finite.
    """
    require(actor, Permission.TRAIN, project)
    for key, value in metrics.items():
        if not math.isfinite(value):
            raise MetricInvalid(key, value)
    with database.begin() as tx:
        store.lock_run(tx, run_id)
        run = _find(tx, project, run_id)
        latest = {**run.metrics, **metrics}
        if not store.update_run(tx, run_id, metrics=latest):
            raise RunEnded(run_id, run.status)
        store.put_metrics(tx, run_id, step=step, values=metrics, time=utc_now())
        return _find(tx, project, run_id)


def log_metric(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    key: str,
    value: float,
    step: int = 0,
) -> Run:
    """Append one value; see `log_metrics`."""
    return log_metrics(database, actor, project, run_id=run_id, metrics={key: value}, step=step)


def log_artifacts(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    artifacts: Sequence[RunArtifact],
) -> None:
    """Record files that the run put into the blob store.

    Raises:
        RunNotFound: No such run in the project.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        _find(tx, project, run_id)
        store.put_artifacts(tx, run_id, artifacts)


def read_artifact(
    database: Database, blobs: BlobStore, actor: Actor, project: str, *, run_id: str, path: str
) -> bytes:
    """Return a file of a run.

    Raises:
        RunNotFound: No such run in the project.
        ArtifactNotFound: The run left no such file.
    """
    detail = get_run_detail(database, actor, project, run_id)
    for artifact in detail.artifacts:
        if artifact.path == path:
            return blobs.get(artifact.digest)
    raise ArtifactNotFound(run_id, path)


def set_job(database: Database, run: Run, job_id: str) -> None:
    """Tell which job carries out the run."""
    with database.begin() as tx:
        store.update_run(tx, run.id, job_id=job_id)


def begin_run(database: Database, actor: Actor, project: str, run_id: str, *, job_id: str) -> Run:
    """Mark the run as running; what an earlier, died attempt logged is dropped.

    Raises:
        RunNotFound: No such run in the project.
        RunEnded: It has ended.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        run = _find(tx, project, run_id)
        store.delete_metrics(tx, run_id)
        changed = store.update_run(
            tx,
            run_id,
            status=RunStatus.RUNNING.value,
            job_id=job_id,
            metrics={},
            progress=0.0,
            started_at=utc_now(),
        )
        if not changed:
            raise RunEnded(run_id, run.status)
        run = _find(tx, project, run_id)
        _publish(tx, actor, run, "started")
    return run


def report_progress(database: Database, run_id: str, fraction: float) -> None:
    """Record how far a running run is."""
    with database.begin() as tx:
        store.update_run(tx, run_id, progress=min(max(fraction, 0.0), 1.0))


def end_run(
    database: Database,
    actor: Actor,
    project: str,
    run_id: str,
    *,
    status: RunStatus,
    **facts: Any,
) -> Run:
    """Close a run.

    Args:
        database: Where runs are.
        actor: Who runs it.
        project: Whose run.
        run_id: Which run.
        status: How it ended.
        **facts: evaluation_id, package_dir or error.

    Raises:
        RunNotFound: No such run in the project.
        RunEnded: It had ended before.
    """
    require(actor, Permission.TRAIN, project)
    if status is RunStatus.FINISHED:
        facts["progress"] = 1.0
    with database.begin() as tx:
        run = _find(tx, project, run_id)
        if not store.update_run(tx, run_id, status=status.value, ended_at=utc_now(), **facts):
            raise RunEnded(run_id, run.status)
        run = _find(tx, project, run_id)
        _publish(tx, actor, run, _EVENT_OF[status])
    return run


def close_abandoned_runs(database: Database, actor: Actor, project: str) -> None:
    """Close the runs whose jobs ended without being able to say so."""
    with database.read() as tx:
        found = []
        for run in store.list_open_runs(tx, project):
            job = compute_store.find_job(tx, run.job_id) if run.job_id else None
            ending = rules.ending_of(run, job)
            if job is not None and ending is not None:
                found.append((run, ending, job.message))
    for run, ending, message in found:
        with database.begin() as tx:
            if store.update_run(tx, run.id, status=ending.value, ended_at=utc_now(), error=message):
                _publish(tx, actor, run, _EVENT_OF[ending])


def _insert_experiment(
    tx: Transaction, actor: Actor, project: str, name: str, description: str
) -> Experiment:
    experiment = Experiment(
        id=new_id("exp"),
        project=project,
        name=name,
        description=description,
        created_by=actor.name,
        created_at=utc_now(),
    )
    store.insert_experiment(tx, experiment)
    publish(
        tx,
        type="visionloop.experiment.created",
        project=project,
        subject=f"experiment/{experiment.id}",
        actor=actor,
        data={"name": name},
    )
    return experiment


def _find(tx: Transaction, project: str, run_id: str) -> Run:
    run = store.find_run(tx, project, run_id)
    if run is None:
        raise RunNotFound(run_id, project)
    return run


def _publish(tx: Transaction, actor: Actor, run: Run, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.run.{verb}",
        project=run.project,
        subject=f"run/{run.id}",
        actor=actor,
        data={"name": run.name, "experiment": run.experiment, "recipe": run.recipe},
    )
