"""Labeling tasks, their queues, comments and figures as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from visionloop.data.entities import AnnotationDraft, AnnotationSet, Image

LABEL_QUEUE = "labeling"
"""Where tasks go that name no queue."""

REVIEW_QUEUE = "review_queue"
"""Where monitoring sends the images most likely wrong."""


class TaskState(StrEnum):
    """Where a task stands; the last two end its work."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"

    @property
    def is_final(self) -> bool:
        """Tell whether nobody has to work on it any more."""
        return self in (TaskState.ACCEPTED, TaskState.SKIPPED)


class TaskKind(StrEnum):
    """Whose labels a task makes.

    The labels of a plain task are the image's; those of the others are one person's answer, which
    nobody else sees before the image is decided.
    """

    LABEL = "label"
    CONSENSUS = "consensus"
    GOLD = "gold"


class CommentKind(StrEnum):
    """Why a comment was written."""

    NOTE = "note"
    REJECTION = "rejection"
    SKIP = "skip"


@dataclass(frozen=True)
class Lock:
    """Who holds an image, and until when; it expires by itself."""

    holder: str
    expires_at: datetime


@dataclass(frozen=True)
class Suggestion:
    """What a model proposed for a task; nothing of it counts until a person saves it.

    Attributes:
        model: reference of the model, for example "parts-classifier:3".
        digest: of the model package.
    """

    model: str
    digest: str
    annotations: tuple[AnnotationDraft, ...]
    created_at: datetime


@dataclass(frozen=True)
class LabelTask:
    """One image that somebody shall label.

    Attributes:
        priority: higher comes first.
        assignee: the only one who gets it; None leaves it to everybody.
        labeler: who did the work, or does it now.
        reason: why it is here; from monitoring {p_error, request_id, prediction, alert_id}.
        active_s: seconds somebody worked on it, pauses left out.
        worked_at: last time its labeler touched it.
        revision: of the annotations that were submitted.
        kind: whose labels it makes.
        slot: tells the tasks of one image in one queue apart.
        batch_id: the batch that it came with.
        is_fixed: a reviewer mended the labels before accepting them.
    """

    id: str
    project: str
    image_id: str
    queue: str
    state: TaskState
    priority: int
    created_by: str
    created_at: datetime
    assignee: str | None = None
    labeler: str | None = None
    reviewer: str | None = None
    reason: Mapping[str, Any] = field(default_factory=dict)
    revision: int | None = None
    num_rejections: int = 0
    active_s: float = 0.0
    worked_at: datetime | None = None
    started_at: datetime | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    suggestion: Suggestion | None = None
    kind: TaskKind = TaskKind.LABEL
    slot: int = 0
    batch_id: str | None = None
    is_fixed: bool = False

    @property
    def is_blind(self) -> bool:
        """Tell whether its labels are one person's answer, not the image's."""
        return self.kind is not TaskKind.LABEL

    @property
    def lock_key(self) -> str:
        """What one person holds while working: the image, or only the own answer about it."""
        return self.id if self.is_blind else self.image_id


@dataclass(frozen=True)
class TaskComment:
    """What one person tells the next about a task.

    Attributes:
        x, y: place in upright pixels that it is pinned to.
        annotation_id: shape that it is pinned to.
        reply_to: comment whose thread it continues.
        resolved_by: who closed the thread; only the first comment of a thread has it.
    """

    id: str
    task_id: str
    kind: CommentKind
    author: str
    text: str
    created_at: datetime
    x: float | None = None
    y: float | None = None
    annotation_id: str | None = None
    reply_to: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Pin:
    """Where a comment belongs: a place, a shape, a thread, or nowhere in particular."""

    x: float | None = None
    y: float | None = None
    annotation_id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True)
class TaskDetail:
    """A task with all that the canvas shows."""

    task: LabelTask
    image: Image
    annotations: AnnotationSet
    comments: tuple[TaskComment, ...]
    lock: Lock | None


@dataclass(frozen=True)
class NextTask:
    """The task that the caller now holds, if there was one.

    Attributes:
        remaining: tasks that the caller could get after this one.
        upcoming: images of the next few, so that a client can load them ahead.
    """

    detail: TaskDetail | None
    remaining: int
    upcoming: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskOrder:
    """How new tasks are queued."""

    queue: str = LABEL_QUEUE
    assignee: str | None = None
    priority: int = 0
    reason: Mapping[str, Any] = field(default_factory=dict)
    batch_id: str | None = None


@dataclass(frozen=True)
class Pull:
    """Who asks for work, and where it may come from.

    Attributes:
        queue: only this one.
        except_queues: not these, because the person is no member there.
        own_review: a reviewer may get what they labeled.
    """

    project: str
    worker: str
    now: datetime
    queue: str | None = None
    except_queues: tuple[str, ...] = ()
    own_review: bool = False


@dataclass(frozen=True)
class TasksCreated:
    """New tasks, and those that were already open for the same image and queue."""

    created: tuple[LabelTask, ...]
    existing: tuple[LabelTask, ...]


@dataclass(frozen=True)
class TaskQuery:
    """Which tasks a list shows; every given condition must hold."""

    queue: str | None = None
    state: TaskState | None = None
    assignee: str | None = None
    labeler: str | None = None
    image_id: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True)
class LabelSaved:
    """The task and its annotations after a save."""

    task: LabelTask
    annotations: AnnotationSet


@dataclass(frozen=True)
class QueueSummary:
    """How full a queue is.

    Attributes:
        oldest_open_at: when the oldest task was made that nobody has finished.
    """

    name: str
    total: int
    open: int
    in_progress: int
    submitted: int
    rejected: int
    accepted: int
    skipped: int
    oldest_open_at: datetime | None


@dataclass(frozen=True)
class TaskFigure:
    """The few columns of a task that figures are made from."""

    state: TaskState
    labeler: str | None
    reviewer: str | None
    active_s: float
    submitted_at: datetime | None
    num_rejections: int
    is_fixed: bool = False


@dataclass(frozen=True)
class LabelerFigures:
    """What one person did.

    Attributes:
        acceptance_rate: accepted of those that a reviewer decided; None before the first.
    """

    name: str
    num_submitted: int
    num_accepted: int
    num_rejections: int
    num_skipped: int
    median_s: float | None
    acceptance_rate: float | None


@dataclass(frozen=True)
class Progress:
    """How far the work is, and when it will be done at the present pace.

    Attributes:
        median_s: active seconds per finished image.
        num_last_hour: images submitted in the last 60 minutes.
        remaining_s: work left: open images times median seconds; None before the first image.
        forecast_at: when it ends if the labelers of the last hour go on; None without them.
    """

    queue: str | None
    total: int
    by_state: Mapping[str, int]
    labelers: tuple[LabelerFigures, ...]
    median_s: float | None
    num_last_hour: int
    remaining_s: float | None
    forecast_at: datetime | None
