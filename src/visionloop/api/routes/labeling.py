"""Labeling tasks and reviews over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import AnnotationSetOut
from visionloop.api.schemas.labeling import (
    LabelingProgressOut,
    LabelsSave,
    LabelsSavedOut,
    LabelTaskDetailOut,
    LabelTaskList,
    LabelTaskOut,
    LockOut,
    NextTaskOut,
    NextTaskRequest,
    QueueList,
    QueueSummaryOut,
    SuggestionOut,
    TaskAssign,
    TasksCreate,
    TasksCreatedOut,
    TaskSkip,
)
from visionloop.api.schemas.labeling_details import detail_out, next_out
from visionloop.data.entities import AnnotationDraft, ImageQuery
from visionloop.data.images import list_images
from visionloop.labeling import assist, claims, progress, tasks
from visionloop.labeling.annotations import save_labels, skip_task, submit_task
from visionloop.labeling.entities import TaskOrder, TaskQuery, TaskState
from visionloop.labeling.errors import NoPredictor

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.get(
    "/queues",
    response_model=QueueList,
    operation_id="list_label_queues",
    summary="List labeling queues",
)
def get_queues(project: str, application: ApplicationDep, actor: ActorDep) -> QueueList:
    """Return every queue that has tasks, with counts by state."""
    found = tasks.list_queues(application.database, actor, project)
    items = [QueueSummaryOut.model_validate(item) for item in found]
    return QueueList(items=items, total=len(items))


@router.get(
    "/progress",
    response_model=LabelingProgressOut,
    operation_id="get_labeling_progress",
    summary="Show labeling progress",
)
def get_progress(
    project: str, application: ApplicationDep, actor: ActorDep, queue: str | None = None
) -> LabelingProgressOut:
    """Return counts, pace by labeler and a forecast."""
    found = progress.get_progress(application.database, actor, project, queue=queue)
    return LabelingProgressOut.model_validate(found)


def _query(
    queue: str | None = None,
    state: TaskState | None = None,
    assignee: str | None = None,
    labeler: str | None = None,
    image_id: str | None = None,
    batch_id: str | None = None,
) -> TaskQuery:
    return TaskQuery(queue, state, assignee, labeler, image_id, batch_id)


@router.get(
    "/tasks",
    response_model=LabelTaskList,
    operation_id="list_label_tasks",
    summary="List labeling tasks",
)
def get_tasks(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    query: Annotated[TaskQuery, Depends(_query)],
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> LabelTaskList:
    """Page through tasks in the order of work; every given condition must hold."""
    found, total = tasks.list_tasks(
        application.database, actor, project, query, limit=limit, offset=offset
    )
    items = [LabelTaskOut.model_validate(task) for task in found]
    return LabelTaskList(items=items, total=total, limit=limit, offset=offset)


@router.post(
    "/tasks",
    response_model=TasksCreatedOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_label_tasks",
    summary="Queue images for labeling",
)
def post_tasks(
    project: str, body: TasksCreate, application: ApplicationDep, actor: ActorDep
) -> TasksCreatedOut:
    """Make one task per image; an image with an unfinished task in the queue keeps that one."""
    image_ids = list(body.image_ids)
    if body.annotation_status is not None or body.filter is not None:
        query = ImageQuery(
            annotation_status=body.annotation_status,
            status="active",
            where=(body.filter or "",),
        )
        records, _ = list_images(
            application.database, actor, project, query, limit=body.limit, offset=0
        )
        image_ids += [record.image.id for record in records]
    order = TaskOrder(
        queue=body.queue, assignee=body.assignee, priority=body.priority, reason=body.reason
    )
    made = tasks.create_tasks(application.database, actor, project, image_ids, order)
    return TasksCreatedOut(
        items=[LabelTaskOut.model_validate(task) for task in made.created],
        num_created=len(made.created),
        num_existing=len(made.existing),
    )


@router.post(
    "/tasks/next",
    response_model=NextTaskOut,
    operation_id="next_label_task",
    summary="Open the next task",
)
def post_next(
    project: str, body: NextTaskRequest, application: ApplicationDep, actor: ActorDep
) -> NextTaskOut:
    """Open the next image for the caller; nobody else gets it meanwhile."""
    found = claims.next_task(
        application.database, actor, project, queue=body.queue, except_ids=body.except_ids
    )
    return next_out(found)


@router.get(
    "/tasks/{task_id}",
    response_model=LabelTaskDetailOut,
    operation_id="get_label_task",
    summary="Show a task",
)
def get_task(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> LabelTaskDetailOut:
    """Return a task with image, labels, comments and suggestion, without opening it."""
    return detail_out(tasks.get_task(application.database, actor, project, task_id))


@router.post(
    "/tasks/{task_id}/open",
    response_model=LabelTaskDetailOut,
    operation_id="open_label_task",
    summary="Open a task for work",
)
def post_open(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> LabelTaskDetailOut:
    """Take the lock on one task, for example the previous one."""
    return detail_out(claims.open_task(application.database, actor, project, task_id))


@router.post(
    "/tasks/{task_id}/release",
    response_model=LabelTaskOut,
    operation_id="release_label_task",
    summary="Give a task back",
)
def post_release(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Give an opened task back; saved labels stay."""
    released = claims.release_task(application.database, actor, project, task_id)
    return LabelTaskOut.model_validate(released)


@router.post(
    "/tasks/{task_id}/keep",
    response_model=LockOut,
    operation_id="keep_label_task",
    summary="Say that you are still at work",
)
def post_keep(project: str, task_id: str, application: ApplicationDep, actor: ActorDep) -> LockOut:
    """Prolong the lock on an opened task and count the time since the last action."""
    return LockOut.model_validate(claims.keep_task(application.database, actor, project, task_id))


@router.put(
    "/tasks/{task_id}/labels",
    response_model=LabelsSavedOut,
    operation_id="save_task_labels",
    summary="Save the labels of a task",
)
def put_labels(
    project: str, task_id: str, body: LabelsSave, application: ApplicationDep, actor: ActorDep
) -> LabelsSavedOut:
    """Save on every change; refused when someone else saved in between."""
    saved = save_labels(
        application.database,
        actor,
        project,
        task_id,
        [AnnotationDraft(**item.model_dump()) for item in body.annotations],
        expected_revision=body.expected_revision,
        attributes=body.attributes,
    )
    return LabelsSavedOut(
        task=LabelTaskOut.model_validate(saved.task),
        annotations=AnnotationSetOut.model_validate(saved.annotations),
    )


@router.post(
    "/tasks/{task_id}/submit",
    response_model=LabelTaskOut,
    operation_id="submit_label_task",
    summary="Hand a task in",
)
def post_submit(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Hand the work in for review."""
    submitted = submit_task(application.database, actor, project, task_id)
    return LabelTaskOut.model_validate(submitted)


@router.post(
    "/tasks/{task_id}/skip",
    response_model=LabelTaskOut,
    operation_id="skip_label_task",
    summary="Skip a task",
)
def post_skip(
    project: str, task_id: str, body: TaskSkip, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Take a task out of the queue, saying why."""
    skipped = skip_task(application.database, actor, project, task_id, reason=body.reason)
    return LabelTaskOut.model_validate(skipped)


@router.post(
    "/tasks/{task_id}/suggest",
    response_model=SuggestionOut,
    operation_id="suggest_task_labels",
    summary="Let a model suggest labels",
)
def post_suggest(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> SuggestionOut:
    """Ask the project's champion about the task's image."""
    if application.predictor is None:
        raise NoPredictor(project)
    suggestion = assist.suggest_labels(
        application.database,
        application.blobs,
        actor,
        project,
        task_id,
        predictor=application.predictor,
    )
    return SuggestionOut.model_validate(suggestion)


@router.post(
    "/tasks/{task_id}/assign",
    response_model=LabelTaskOut,
    operation_id="assign_label_task",
    summary="Assign a task",
)
def post_assign(
    project: str, task_id: str, body: TaskAssign, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Give a task to one person, or to everybody."""
    assigned = tasks.assign_task(
        application.database, actor, project, task_id, assignee=body.assignee
    )
    return LabelTaskOut.model_validate(assigned)


@router.post(
    "/tasks/{task_id}/reopen",
    response_model=LabelTaskOut,
    operation_id="reopen_label_task",
    summary="Reopen a finished task",
)
def post_reopen(
    project: str, task_id: str, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Put an accepted or skipped task back into its queue."""
    reopened = tasks.reopen_task(application.database, actor, project, task_id)
    return LabelTaskOut.model_validate(reopened)
