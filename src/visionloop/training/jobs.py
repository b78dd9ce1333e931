"""Use cases around training jobs: start, cancel, read the log, evaluate a run's model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.compute import jobs
from visionloop.compute.entities import Job
from visionloop.data.entities import Split
from visionloop.data.versions import get_version
from visionloop.evaluation.jobs import EvaluationRequest, start_evaluation
from visionloop.evaluation.label_checks import LabelCheckRequest, start_label_check
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training import experiments
from visionloop.training.catalog import choose_recipe, parse_config
from visionloop.training.entities import Run, RunStatus
from visionloop.training.errors import RunEnded, RunUnfinished
from visionloop.training.packaging import CHECKPOINT_FOLDER

ENTRY_POINT = "visionloop.training.learning:train"


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, on what, and how.

    Attributes:
        dataset_version: id, NAME:NUMBER, or NAME for the newest.
        recipe: None for the one that trains the project's task.
        parameters: settings of the recipe that differ from its defaults.
        warm_start_run_id: begin from the checkpoint of this finished run.
    """

    dataset_version: str
    experiment: str = "default"
    name: str | None = None
    recipe: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    warm_start_run_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def start_training(
    database: Database, actor: Actor, project: str, *, request: TrainingRequest
) -> Run:
    """Create a run and queue the job that carries it out.

    Raises:
        TaskUnsupported: No recipe trains the project's task.
        RecipeNotFound, RecipeTaskDiffers: No such recipe, or it trains another task.
        TrainingConfigInvalid: A setting is unknown or out of range.
        VersionNotFound: No such dataset version.
        RunNotFound, RunUnfinished: The warm start is no finished run of the project.
    """
    require(actor, Permission.TRAIN, project)
    task = get_project(database, project).task
    recipe = choose_recipe(task.value, request.recipe).name
    version = get_version(database, actor, project, request.dataset_version)
    warm_start = None
    if request.warm_start_run_id is not None:
        warm_start = finished_run(database, actor, project, request.warm_start_run_id)
    config = _configure(recipe, request.parameters, warm_start)
    run = experiments.create_run(
        database,
        actor,
        project,
        draft=experiments.RunDraft(
            experiment=request.experiment,
            recipe=recipe,
            name=request.name,
            parameters=config,
            tags=request.tags,
            dataset_version_id=version.id,
            dataset_version=version.reference,
            warm_start_run_id=request.warm_start_run_id,
        ),
    )
    inputs: dict[str, Any] = {"run_id": run.id}
    if warm_start is not None and warm_start.package_dir is not None:
        inputs["checkpoint"] = str(Path(warm_start.package_dir) / CHECKPOINT_FOLDER)
        inputs["base_version_id"] = warm_start.dataset_version_id
    job = jobs.submit(
        database, actor, project=project, kind="train", entry_point=ENTRY_POINT, inputs=inputs
    )
    experiments.set_job(database, run, job.id)
    return experiments.get_run(database, actor, project, run.id)


def cancel_training(database: Database, actor: Actor, project: str, run_id: str) -> Run:
    """Stop a run; what it has logged is kept.

    Raises:
        RunNotFound: No such run in the project.
        RunEnded: It has ended.
    """
    require(actor, Permission.TRAIN, project)
    run = experiments.get_run(database, actor, project, run_id)
    if run.status.is_final:
        raise RunEnded(run_id, run.status)
    if run.job_id is None:
        return experiments.end_run(
            database, actor, project, run_id, status=RunStatus.CANCELLED, error="Cancelled."
        )
    jobs.cancel(database, actor, run.job_id)
    return experiments.get_run(database, actor, project, run_id)


def read_training_log(
    database: Database, home: Home, actor: Actor, project: str, *, run_id: str, offset: int = 0
) -> tuple[str, int]:
    """Return the log of a run from a byte offset, and the offset to go on from.

    Raises:
        RunNotFound: No such run in the project.
    """
    run = experiments.get_run(database, actor, project, run_id)
    if run.job_id is None:
        return "", offset
    return jobs.read_log(database, home, actor, run.job_id, offset=offset)


def start_run_evaluation(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str,
    dataset_version: str,
    split: Split,
) -> tuple[str, str]:
    """Queue an evaluation of a finished run's model; return (job id, evaluation id).

    Raises:
        RunNotFound, RunUnfinished: No finished run of the project.
        VersionNotFound: No such dataset version.
    """
    run = finished_run(database, actor, project, run_id)
    return start_evaluation(
        database,
        actor,
        project,
        request=EvaluationRequest(
            package_dir=str(run.package_dir),
            subject=f"run/{run.id}",
            dataset_version=dataset_version,
            split=split,
            run_id=run.id,
        ),
    )


def start_run_label_check(
    database: Database, actor: Actor, project: str, *, run_id: str, dataset_version: str | None
) -> Job:
    """Queue a check of labels against a finished run's model.

    Without a dataset version, the one that the run learned from is checked: its labels are judged
    out of fold, by models that have not seen the image.

    Raises:
        RunNotFound, RunUnfinished: No finished run of the project.
        VersionNotFound: No such dataset version.
    """
    run = finished_run(database, actor, project, run_id)
    request = LabelCheckRequest(
        package_dir=str(run.package_dir),
        subject=f"run/{run.id}",
        dataset_version=dataset_version or str(run.dataset_version_id),
    )
    return start_label_check(database, actor, project, request)


def finished_run(database: Database, actor: Actor, project: str, run_id: str) -> Run:
    """Return a run that left a model.

    Raises:
        RunNotFound: No such run in the project.
        RunUnfinished: It has not finished, or left no model.
    """
    run = experiments.get_run(database, actor, project, run_id)
    if not run.has_model:
        raise RunUnfinished(run_id, run.status)
    return run


def _configure(recipe: str, wanted: Mapping[str, Any], warm_start: Run | None) -> dict[str, Any]:
    parameters = dict(wanted)
    if warm_start is not None:
        # The checkpoint fixes the architecture and what its pixels mean.
        for name in ("weights", "image_size", "resize"):
            if name in warm_start.parameters:
                parameters[name] = warm_start.parameters[name]
    config = parse_config(recipe, parameters, is_warm_start=warm_start is not None)
    return config.to_dict()
