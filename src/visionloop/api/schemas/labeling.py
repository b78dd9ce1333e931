"""What the labeling routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from visionloop.api.schemas.common import Schema
from visionloop.api.schemas.data import AnnotationIn, AnnotationSetOut, ImageOut
from visionloop.data.entities import AnnotationKind, AnnotationSource, AnnotationStatus
from visionloop.labeling.entities import LABEL_QUEUE, CommentKind, TaskState


class TasksCreate(Schema):
    """Which images to queue: by id, or all in an annotation state."""

    image_ids: list[str] = Field(default_factory=list, max_length=20_000)
    annotation_status: AnnotationStatus | None = Field(
        default=None, description="Instead of ids: the images in this state, oldest first"
    )
    filter: str | None = Field(
        default=None,
        max_length=4000,
        description="Instead of ids: the active images that this filter chooses, oldest first",
    )
    limit: int = Field(default=1000, ge=1, le=20_000, description="At most so many of them")
    queue: str = Field(default=LABEL_QUEUE, max_length=63)
    assignee: str | None = None
    priority: int = Field(default=0, ge=-1000, le=1000, description="Higher comes first")
    reason: dict[str, Any] = Field(default_factory=dict)


class SuggestedAnnotation(Schema):
    """One label that a model proposes."""

    category: str
    kind: AnnotationKind
    bbox: tuple[float, float, float, float] | None
    segmentation: list[Any] | dict[str, Any] | None
    keypoints: list[tuple[float, float, float]] | None
    attributes: dict[str, Any]
    score: float | None
    source: AnnotationSource
    author: str | None


class SuggestionOut(Schema):
    """What a model proposed; nothing of it counts until a person saves it."""

    model: str
    digest: str
    annotations: list[SuggestedAnnotation]
    created_at: datetime


class LabelTaskOut(Schema):
    """One image that somebody shall label."""

    id: str
    project: str
    image_id: str
    queue: str
    state: TaskState
    priority: int
    assignee: str | None
    labeler: str | None
    reviewer: str | None
    reason: dict[str, Any]
    revision: int | None
    num_rejections: int
    active_s: float
    created_by: str
    created_at: datetime
    started_at: datetime | None
    submitted_at: datetime | None
    ended_at: datetime | None
    suggestion: SuggestionOut | None
    batch_id: str | None
    is_fixed: bool
    is_blind: bool = Field(description="One person's answer, apart from the image's labels")


class LabelTaskList(Schema):
    """A page of tasks in the order of work."""

    items: list[LabelTaskOut]
    total: int
    limit: int
    offset: int


class TasksCreatedOut(Schema):
    """New tasks, and the number that were already open."""

    items: list[LabelTaskOut]
    num_created: int
    num_existing: int


class TaskCommentOut(Schema):
    """What one person tells the next about a task."""

    id: str
    task_id: str
    kind: CommentKind
    author: str
    text: str
    created_at: datetime
    x: float | None
    y: float | None
    annotation_id: str | None
    reply_to: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class LockOut(Schema):
    """Who has the image open, and until when."""

    holder: str
    expires_at: datetime


class LabelTaskDetailOut(Schema):
    """A task with all that the canvas shows."""

    task: LabelTaskOut
    image: ImageOut
    annotations: AnnotationSetOut
    comments: list[TaskCommentOut]
    lock: LockOut | None


class NextTaskRequest(Schema):
    """Which task to open next."""

    queue: str | None = None
    except_ids: list[str] = Field(
        default_factory=list, max_length=200, description="Tasks to leave for later"
    )


class NextTaskOut(Schema):
    """The task that the caller now holds; null when the queue is empty."""

    detail: LabelTaskDetailOut | None
    remaining: int
    upcoming: list[str] = Field(description="Ids of the next images, to load ahead")


class LabelsSave(Schema):
    """The labels that replace those of ``expected_revision``."""

    annotations: list[AnnotationIn] = Field(max_length=20_000)
    expected_revision: int = Field(ge=0)
    attributes: dict[str, Any] | None = Field(
        default=None, description="Facts about the whole image; left out, they stay as they are"
    )


class LabelsSavedOut(Schema):
    """The task and its labels after a save."""

    task: LabelTaskOut
    annotations: AnnotationSetOut


class TaskSkip(Schema):
    """Why a task cannot be labeled."""

    reason: str = Field(max_length=2000)


class TaskAccept(Schema):
    """The revision that the reviewer looked at, and anything to say."""

    expected_revision: int | None = Field(default=None, ge=0)
    comment: str = Field(default="", max_length=2000)


class TaskReject(Schema):
    """What is wrong with the labels."""

    comment: str = Field(max_length=2000)
    expected_revision: int | None = Field(default=None, ge=0)


class TaskAssign(Schema):
    """Who gets the task; null leaves it to everybody."""

    assignee: str | None


class TaskCommentCreate(Schema):
    """A note for whoever works on the task next."""

    text: str = Field(max_length=2000)
    x: float | None = Field(default=None, description="Place it is pinned to, upright pixels")
    y: float | None = None
    annotation_id: str | None = Field(default=None, max_length=40)
    reply_to: str | None = Field(default=None, max_length=40)


class TaskFix(Schema):
    """The labels as the reviewer wants them."""

    annotations: list[AnnotationIn] = Field(max_length=20_000)
    expected_revision: int = Field(ge=0)
    attributes: dict[str, Any] | None = None
    comment: str = Field(default="", max_length=2000)


class LabelConflictOut(Schema):
    """A save that was refused because somebody else had saved."""

    id: str
    task_id: str
    image_id: str
    author: str
    expected_revision: int
    current_revision: int
    annotations: list[SuggestedAnnotation]
    attributes: dict[str, Any] | None
    created_at: datetime
    resolution: str | None
    resolved_by: str | None


class LabelConflictList(Schema):
    """Refused saves, newest first."""

    items: list[LabelConflictOut]
    total: int


class ConflictResolve(Schema):
    """What becomes of a refused save."""

    resolution: Literal["adopted", "discarded"]
    expected_revision: int | None = Field(
        default=None, ge=0, description="Of the labels that it was compared with"
    )


class QueueSummaryOut(Schema):
    """How full a queue is."""

    name: str
    total: int
    open: int
    in_progress: int
    submitted: int
    rejected: int
    accepted: int
    skipped: int
    oldest_open_at: datetime | None


class QueueList(Schema):
    """The queues of a project."""

    items: list[QueueSummaryOut]
    total: int


class LabelerFiguresOut(Schema):
    """What one person did."""

    name: str
    num_submitted: int
    num_accepted: int
    num_rejections: int
    num_skipped: int
    median_s: float | None
    acceptance_rate: float | None


class LabelingProgressOut(Schema):
    """How far the work is, and when it will be done at the present pace."""

    queue: str | None
    total: int
    by_state: dict[str, int]
    labelers: list[LabelerFiguresOut]
    median_s: float | None
    num_last_hour: int
    remaining_s: float | None
    forecast_at: datetime | None
