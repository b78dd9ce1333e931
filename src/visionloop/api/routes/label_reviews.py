"""Reviews, comments and refused saves over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.data import AnnotationSetOut
from visionloop.api.schemas.labeling import (
    ConflictResolve,
    LabelConflictList,
    LabelConflictOut,
    LabelTaskOut,
    NextTaskOut,
    NextTaskRequest,
    TaskAccept,
    TaskCommentCreate,
    TaskCommentOut,
    TaskFix,
    TaskReject,
)
from visionloop.api.schemas.labeling_details import next_out
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling import comments as talk
from visionloop.labeling import conflicts, review
from visionloop.labeling.entities import Pin

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.post(
    "/reviews/next",
    response_model=NextTaskOut,
    operation_id="next_label_review",
    summary="Open the next review",
)
def post_next_review(
    project: str, body: NextTaskRequest, application: ApplicationDep, actor: ActorDep
) -> NextTaskOut:
    """Hold the next submitted task for the caller, never one of their own."""
    found = review.next_review(
        application.database, actor, project, queue=body.queue, except_ids=body.except_ids
    )
    return next_out(found)


@router.post(
    "/tasks/{task_id}/accept",
    response_model=LabelTaskOut,
    operation_id="accept_label_task",
    summary="Accept labels",
)
def post_accept(
    project: str, task_id: str, body: TaskAccept, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Accept submitted labels: they count as true from now on."""
    accepted = review.accept_task(
        application.database,
        actor,
        project,
        task_id,
        expected_revision=body.expected_revision,
        comment=body.comment,
    )
    return LabelTaskOut.model_validate(accepted)


@router.post(
    "/tasks/{task_id}/reject",
    response_model=LabelTaskOut,
    operation_id="reject_label_task",
    summary="Reject labels",
)
def post_reject(
    project: str, task_id: str, body: TaskReject, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Give the work back to its labeler, saying what is wrong."""
    rejected = review.reject_task(
        application.database,
        actor,
        project,
        task_id,
        comment=body.comment,
        expected_revision=body.expected_revision,
    )
    return LabelTaskOut.model_validate(rejected)


@router.post(
    "/tasks/{task_id}/fix",
    response_model=LabelTaskOut,
    operation_id="fix_label_task",
    summary="Mend labels and accept them",
)
def post_fix(
    project: str, task_id: str, body: TaskFix, application: ApplicationDep, actor: ActorDep
) -> LabelTaskOut:
    """Replace submitted labels by better ones and accept these."""
    fixed = review.fix_task(
        application.database,
        actor,
        project,
        task_id,
        [AnnotationDraft(**item.model_dump()) for item in body.annotations],
        expected_revision=body.expected_revision,
        attributes=body.attributes,
        comment=body.comment,
    )
    return LabelTaskOut.model_validate(fixed)


@router.post(
    "/tasks/{task_id}/comments",
    response_model=TaskCommentOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="comment_label_task",
    summary="Comment on a task",
)
def post_comment(
    project: str,
    task_id: str,
    body: TaskCommentCreate,
    application: ApplicationDep,
    actor: ActorDep,
) -> TaskCommentOut:
    """Leave a note, pinned to a place or a shape or in reply to another."""
    pin = Pin(x=body.x, y=body.y, annotation_id=body.annotation_id, reply_to=body.reply_to)
    said = talk.add_comment(application.database, actor, project, task_id, text=body.text, pin=pin)
    return TaskCommentOut.model_validate(said)


@router.post(
    "/tasks/{task_id}/comments/{comment_id}/resolve",
    response_model=TaskCommentOut,
    operation_id="resolve_label_comment",
    summary="Close a thread of comments",
)
def post_resolve(
    project: str, task_id: str, comment_id: str, application: ApplicationDep, actor: ActorDep
) -> TaskCommentOut:
    """Close the thread that a comment belongs to."""
    closed = talk.resolve_comment(application.database, actor, project, task_id, comment_id)
    return TaskCommentOut.model_validate(closed)


@router.post(
    "/tasks/{task_id}/comments/{comment_id}/reopen",
    response_model=TaskCommentOut,
    operation_id="reopen_label_comment",
    summary="Open a thread of comments again",
)
def post_unresolve(
    project: str, task_id: str, comment_id: str, application: ApplicationDep, actor: ActorDep
) -> TaskCommentOut:
    """Open the thread that a comment belongs to again."""
    opened = talk.resolve_comment(
        application.database, actor, project, task_id, comment_id, is_resolved=False
    )
    return TaskCommentOut.model_validate(opened)


@router.get(
    "/conflicts",
    response_model=LabelConflictList,
    operation_id="list_label_conflicts",
    summary="List refused saves",
)
def get_conflicts(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    task_id: str | None = None,
    *,
    open_only: bool = True,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LabelConflictList:
    """Return saves that came too late and are kept, newest first."""
    found = conflicts.list_conflicts(
        application.database, actor, project, task_id=task_id, open_only=open_only, limit=limit
    )
    items = [LabelConflictOut.model_validate(item) for item in found]
    return LabelConflictList(items=items, total=len(items))


@router.post(
    "/conflicts/{conflict_id}/resolve",
    response_model=AnnotationSetOut,
    operation_id="resolve_label_conflict",
    summary="Adopt or discard a refused save",
)
def post_conflict(
    project: str,
    conflict_id: str,
    body: ConflictResolve,
    application: ApplicationDep,
    actor: ActorDep,
) -> AnnotationSetOut:
    """Put the refused version in place of the present one, or let the present one stand."""
    labels = conflicts.resolve_conflict(
        application.database,
        actor,
        project,
        conflict_id,
        resolution=body.resolution,
        expected_revision=body.expected_revision,
    )
    return AnnotationSetOut.model_validate(labels)
