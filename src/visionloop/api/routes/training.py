"""Experiments, runs and recipes over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from visionloop.admin.access import require
from visionloop.admin.entities import Permission
from visionloop.admin.projects import get_project
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.training import (
    ExperimentCreate,
    ExperimentList,
    ExperimentOut,
    MetricsLog,
    RecipeList,
    RecipeOut,
    RunComparisonOut,
    RunCreate,
    RunDetailOut,
    RunList,
    RunLogOut,
    RunOut,
)
from visionloop.training import experiments, jobs
from visionloop.training.catalog import list_recipes
from visionloop.training.entities import RunStatus

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["training"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


@router.get(
    "/recipes", response_model=RecipeList, operation_id="list_recipes", summary="List recipes"
)
def get_recipes(project: str, application: ApplicationDep, actor: ActorDep) -> RecipeList:
    """List the ways to train the project's task, with their settings and defaults."""
    require(actor, Permission.READ, project)
    task = get_project(application.database, project).task
    items = [RecipeOut.model_validate(recipe) for recipe in list_recipes() if recipe.task == task]
    return RecipeList(items=items, total=len(items))


@router.get(
    "/experiments",
    response_model=ExperimentList,
    operation_id="list_experiments",
    summary="List experiments",
)
def get_experiments(project: str, application: ApplicationDep, actor: ActorDep) -> ExperimentList:
    """List the project's experiments, newest first."""
    found = experiments.list_experiments(application.database, actor, project)
    items = [ExperimentOut.model_validate(item) for item in found]
    return ExperimentList(items=items, total=len(items))


@router.post(
    "/experiments",
    response_model=ExperimentOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_experiment",
    summary="Create an experiment",
)
def post_experiment(
    project: str, body: ExperimentCreate, application: ApplicationDep, actor: ActorDep
) -> ExperimentOut:
    """Create a named group of runs."""
    experiment = experiments.create_experiment(
        application.database, actor, project, name=body.name, description=body.description
    )
    return ExperimentOut.model_validate(experiment)


@router.get("/runs", response_model=RunList, operation_id="list_runs", summary="List runs")
def get_runs(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    experiment: str | None = None,
    run_status: Annotated[RunStatus | None, Query(alias="status")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> RunList:
    """List runs, newest first."""
    runs, total = experiments.list_runs(
        application.database,
        actor,
        project,
        experiment=experiment,
        status=run_status,
        limit=limit,
        offset=offset,
    )
    return RunList(items=[RunOut.model_validate(run) for run in runs], total=total)


@router.post(
    "/runs",
    response_model=RunOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_run",
    summary="Start a training",
)
def post_run(project: str, body: RunCreate, application: ApplicationDep, actor: ActorDep) -> RunOut:
    """Start a training job; follow it with the run's status, metrics and log."""
    run = jobs.start_training(
        application.database,
        actor,
        project,
        request=jobs.TrainingRequest(
            dataset_version=body.dataset_version,
            experiment=body.experiment,
            name=body.name,
            recipe=body.recipe,
            parameters=body.parameters,
            warm_start_run_id=body.warm_start_run_id,
            tags=body.tags,
        ),
    )
    return RunOut.model_validate(run)


@router.get(
    "/runs/compare",
    response_model=RunComparisonOut,
    operation_id="compare_runs",
    summary="Compare runs",
)
def get_run_comparison(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    run_id: Annotated[list[str], Query(min_length=2, max_length=20)],
) -> RunComparisonOut:
    """Put runs side by side: the settings that differ, and all metrics."""
    return RunComparisonOut.model_validate(
        experiments.compare_runs(application.database, actor, project, run_ids=run_id)
    )


@router.get(
    "/runs/{run_id}", response_model=RunDetailOut, operation_id="get_run", summary="Show a run"
)
def get_run(
    project: str, run_id: str, application: ApplicationDep, actor: ActorDep
) -> RunDetailOut:
    """Show a run with the history of its metrics and its files."""
    return RunDetailOut.model_validate(
        experiments.get_run_detail(application.database, actor, project, run_id)
    )


@router.post(
    "/runs/{run_id}/metrics",
    response_model=RunOut,
    operation_id="log_metrics",
    summary="Log metrics",
)
def post_metrics(
    project: str, run_id: str, body: MetricsLog, application: ApplicationDep, actor: ActorDep
) -> RunOut:
    """Append metric values to a run that has not ended."""
    run = experiments.log_metrics(
        application.database, actor, project, run_id=run_id, metrics=body.metrics, step=body.step
    )
    return RunOut.model_validate(run)


@router.post(
    "/runs/{run_id}/cancel",
    response_model=RunOut,
    operation_id="cancel_run",
    summary="Cancel a run",
)
def post_cancel(project: str, run_id: str, application: ApplicationDep, actor: ActorDep) -> RunOut:
    """Stop a run; what it has logged is kept."""
    return RunOut.model_validate(jobs.cancel_training(application.database, actor, project, run_id))


@router.get(
    "/runs/{run_id}/artifacts/{path:path}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file"}},
    operation_id="get_run_artifact",
    summary="Read a file of a run",
)
def get_artifact(
    project: str, run_id: str, path: str, application: ApplicationDep, actor: ActorDep
) -> Response:
    """Return a file that the run left, such as its evaluation or its environment."""
    data = experiments.read_artifact(
        application.database, application.blobs, actor, project, run_id=run_id, path=path
    )
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get(
    "/runs/{run_id}/log",
    response_model=RunLogOut,
    operation_id="get_run_log",
    summary="Read a run's log",
)
def get_log(
    project: str,
    run_id: str,
    application: ApplicationDep,
    actor: ActorDep,
    offset: Offset = 0,
) -> RunLogOut:
    """Read the log from ``offset``; ask again with ``next_offset`` to follow it live."""
    text, next_offset = jobs.read_training_log(
        application.database, application.home, actor, project, run_id=run_id, offset=offset
    )
    return RunLogOut(text=text, next_offset=next_offset)
