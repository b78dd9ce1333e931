"""Labeling projects and batches over REST."""

from __future__ import annotations

from fastapi import APIRouter, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.labeling_projects import (
    LabelBatchAssign,
    LabelBatchAssigned,
    LabelBatchCreate,
    LabelBatchList,
    LabelBatchOut,
    LabelingProjectList,
    LabelingProjectOut,
    LabelingProjectSave,
)
from visionloop.kernel.clock import utc_now
from visionloop.labeling import batches
from visionloop.labeling.projects import settings
from visionloop.labeling.projects.entities import LabelingProject

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.get(
    "/projects",
    response_model=LabelingProjectList,
    operation_id="list_labeling_projects",
    summary="List labeling projects",
)
def get_projects(project: str, application: ApplicationDep, actor: ActorDep) -> LabelingProjectList:
    """Return the labeling projects by name."""
    found = settings.list_labeling_projects(application.database, actor, project)
    items = [LabelingProjectOut.model_validate(item) for item in found]
    return LabelingProjectList(items=items, total=len(items))


@router.get(
    "/projects/{name}",
    response_model=LabelingProjectOut,
    operation_id="get_labeling_project",
    summary="Show a labeling project",
)
def get_project(
    project: str, name: str, application: ApplicationDep, actor: ActorDep
) -> LabelingProjectOut:
    """Return instructions, filter, members and rules of a labeling project."""
    found = settings.get_labeling_project(application.database, actor, project, name)
    return LabelingProjectOut.model_validate(found)


@router.put(
    "/projects/{name}",
    response_model=LabelingProjectOut,
    operation_id="save_labeling_project",
    summary="Create or change a labeling project",
)
def put_project(
    project: str,
    name: str,
    body: LabelingProjectSave,
    application: ApplicationDep,
    actor: ActorDep,
) -> LabelingProjectOut:
    """Set a labeling project up; tasks that exist keep their own rules."""
    lists = {key: tuple(getattr(body, key)) for key in ("where", "classes", "members")}
    wanted = LabelingProject(
        project=project,
        name=name,
        created_by=actor.name,
        created_at=utc_now(),
        **(body.model_dump() | lists),
    )
    saved = settings.save_labeling_project(application.database, actor, wanted)
    return LabelingProjectOut.model_validate(saved)


@router.get(
    "/batches",
    response_model=LabelBatchList,
    operation_id="list_label_batches",
    summary="List batches",
)
def get_batches(
    project: str, application: ApplicationDep, actor: ActorDep, queue: str | None = None
) -> LabelBatchList:
    """Return batches, newest first, with the states of their tasks."""
    found = batches.list_batches(application.database, actor, project, queue=queue)
    items = [LabelBatchOut.model_validate(item) for item in found]
    return LabelBatchList(items=items, total=len(items))


@router.post(
    "/projects/{name}/batches",
    response_model=LabelBatchOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_label_batch",
    summary="Queue a batch of images",
)
def post_batch(
    project: str, name: str, body: LabelBatchCreate, application: ApplicationDep, actor: ActorDep
) -> LabelBatchOut:
    """Queue images that fulfil the labeling project's filter and were never queued there."""
    made = batches.create_batch(
        application.database,
        actor,
        project,
        name,
        size=body.size,
        strategy=body.strategy,
        assignee=body.assignee,
        seed=body.seed,
    )
    return LabelBatchOut.model_validate(made)


@router.post(
    "/batches/{batch_id}/assign",
    response_model=LabelBatchAssigned,
    operation_id="assign_label_batch",
    summary="Assign a batch",
)
def post_assign(
    project: str,
    batch_id: str,
    body: LabelBatchAssign,
    application: ApplicationDep,
    actor: ActorDep,
) -> LabelBatchAssigned:
    """Give the tasks of a batch that nobody has started to one person, or to everybody."""
    count = batches.assign_batch(
        application.database, actor, project, batch_id, assignee=body.assignee
    )
    return LabelBatchAssigned(num_tasks=count)
