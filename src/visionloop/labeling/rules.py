"""Pure decisions of labeling: who may do what to a task, and what follows."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from visionloop.admin.entities import TaskType
from visionloop.data.entities import Annotation
from visionloop.labeling.entities import (
    LabelerFigures,
    LabelTask,
    Lock,
    Progress,
    TaskFigure,
    TaskState,
)
from visionloop.labeling.errors import (
    BlindTask,
    NothingLabeled,
    OwnWork,
    QueueNameBad,
    ReasonMissing,
    TaskLocked,
    TaskNotYours,
    WrongTaskState,
)

LONGEST_PAUSE = timedelta(seconds=90)
"""A longer gap between two actions was a break, not work."""

_QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LABELABLE = (TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.REJECTED)
_EXPECTED = {
    TaskType.CLASSIFICATION: "exactly one class",
    TaskType.MULTILABEL_CLASSIFICATION: "at least one class",
}


@dataclass(frozen=True)
class LabelingPolicy:
    """How a project labels; project settings under the key "labeling".

    Attributes:
        review: submitted work waits for a reviewer; otherwise it counts at once.
        allow_self_review: the labeler may be the reviewer.
        lease: how long an image stays with the one who opened it, after the last action.
    """

    review: bool = True
    allow_self_review: bool = False
    lease: timedelta = timedelta(minutes=10)


def read_policy(settings: Mapping[str, Any]) -> LabelingPolicy:
    """Read the policy from the settings of a project."""
    values = settings.get("labeling")
    if not isinstance(values, Mapping):
        return LabelingPolicy()
    return LabelingPolicy(
        review=bool(values.get("review", True)),
        allow_self_review=bool(values.get("allow_self_review", False)),
        lease=timedelta(minutes=float(values.get("lease_minutes", 10))),
    )


def check_queue_name(name: str) -> None:
    """Refuse a name that does not fit a URL.

    Raises:
        QueueNameBad: It has other characters, or none.
    """
    if not _QUEUE_NAME.fullmatch(name):
        raise QueueNameBad(name)


def check_lock(task_id: str, lock: Lock | None, actor: str, now: datetime) -> None:
    """Refuse if somebody else holds the image.

    Raises:
        TaskLocked: And the lock has not expired.
    """
    if lock is not None and lock.holder != actor and lock.expires_at > now:
        raise TaskLocked(task_id, lock.holder, lock.expires_at)


def check_labelable(task: LabelTask, actor: str, action: str = "label") -> None:
    """Refuse unless this person may work on the task now.

    Raises:
        TaskNotYours: It is assigned to somebody else.
        WrongTaskState: It waits for a reviewer or is done.
    """
    if task.assignee is not None and task.assignee != actor:
        raise TaskNotYours(task.id, task.assignee, actor)
    _check_state(task, action, _LABELABLE)


def check_complete(task: LabelTask, kind: TaskType, annotations: Sequence[Annotation]) -> None:
    """Refuse to submit a classification without its class; an image without objects is fine.

    Raises:
        NothingLabeled: The class is missing.
    """
    if kind not in _EXPECTED:
        return
    num_classes = sum(annotation.kind == "class" for annotation in annotations)
    if num_classes == 0 or (kind == TaskType.CLASSIFICATION and num_classes != 1):
        raise NothingLabeled(task.id, _EXPECTED[kind])


def check_reviewable(
    task: LabelTask, reviewer: str, policy: LabelingPolicy, action: str = "review"
) -> None:
    """Refuse unless this person may decide on the task now.

    Raises:
        WrongTaskState: Nothing was submitted.
        BlindTask: It holds one answer of several, or tests somebody.
        OwnWork: The reviewer labeled it.
    """
    _check_state(task, action, (TaskState.SUBMITTED,))
    if task.is_blind:
        raise BlindTask(task.id, action)
    if task.labeler == reviewer and not policy.allow_self_review:
        raise OwnWork(task.id, reviewer)


def check_reason(task: LabelTask, action: str, text: str) -> str:
    """Return the trimmed reason.

    Raises:
        ReasonMissing: It is empty.
    """
    trimmed = text.strip()
    if not trimmed:
        raise ReasonMissing(task.id, action)
    return trimmed


def _check_state(task: LabelTask, action: str, allowed: tuple[TaskState, ...]) -> None:
    if task.state not in allowed:
        raise WrongTaskState(task.id, action, task.state.value, [s.value for s in allowed])


def touch(task: LabelTask, actor: str, now: datetime) -> LabelTask:
    """Count the time since the last action as work, unless it was a break or another person's."""
    gap = timedelta(0)
    if task.worked_at is not None and task.labeler == actor:
        gap = now - task.worked_at
    worked = gap.total_seconds() if timedelta(0) < gap <= LONGEST_PAUSE else 0.0
    return replace(
        task,
        state=TaskState.IN_PROGRESS,
        labeler=actor,
        active_s=task.active_s + worked,
        worked_at=now,
        started_at=task.started_at or now,
    )


def submit(
    task: LabelTask, actor: str, now: datetime, *, revision: int, policy: LabelingPolicy
) -> LabelTask:
    """Hand the work in: to a reviewer, or for good where the project has no review."""
    worked = touch(task, actor, now)
    state = TaskState.SUBMITTED if policy.review else TaskState.ACCEPTED
    return replace(
        worked,
        state=state,
        revision=revision,
        submitted_at=now,
        worked_at=None,
        ended_at=None if policy.review else now,
    )


def skip(task: LabelTask, actor: str, now: datetime) -> LabelTask:
    """Take the task out of the queue; a reviewer can open it again."""
    worked = touch(task, actor, now)
    return replace(worked, state=TaskState.SKIPPED, worked_at=None, ended_at=now)


def accept(task: LabelTask, reviewer: str, now: datetime, *, revision: int) -> LabelTask:
    """Close the task: its labels are true."""
    return replace(
        task, state=TaskState.ACCEPTED, reviewer=reviewer, ended_at=now, revision=revision
    )


def reject(task: LabelTask, reviewer: str) -> LabelTask:
    """Give the task back to the one who labeled it."""
    return replace(
        task,
        state=TaskState.REJECTED,
        reviewer=reviewer,
        assignee=task.labeler,
        num_rejections=task.num_rejections + 1,
        worked_at=None,
    )


def reopen(task: LabelTask) -> LabelTask:
    """Put a finished task back into its queue.

    Raises:
        WrongTaskState: Somebody still has to work on it anyway.
    """
    _check_state(task, "reopen", (TaskState.ACCEPTED, TaskState.SKIPPED))
    return replace(
        task,
        state=TaskState.OPEN,
        ended_at=None,
        submitted_at=None,
        reviewer=None,
        worked_at=None,
    )


def release(task: LabelTask) -> LabelTask:
    """Undo the opening of a task; its labels stay."""
    if task.state is not TaskState.IN_PROGRESS:
        return task
    back = TaskState.REJECTED if task.num_rejections and task.submitted_at else TaskState.OPEN
    return replace(task, state=back, worked_at=None)


def measure_progress(
    tasks: Sequence[TaskFigure], now: datetime, *, queue: str | None = None
) -> Progress:
    """Work out pace and forecast from all tasks of a queue."""
    by_state = {state.value: 0 for state in TaskState}
    for task in tasks:
        by_state[task.state.value] += 1
    submitted = [task for task in tasks if task.submitted_at is not None and task.active_s > 0]
    median_s = statistics.median(task.active_s for task in submitted) if submitted else None
    recent = [
        task
        for task in tasks
        if task.submitted_at is not None and task.submitted_at > now - timedelta(hours=1)
    ]
    num_left = sum(task.state in _LABELABLE for task in tasks)
    remaining_s = None if median_s is None else num_left * median_s
    num_people = len({task.labeler for task in recent})
    forecast_at = None
    if remaining_s is not None and (num_people or not num_left):
        forecast_at = now + timedelta(seconds=remaining_s / max(num_people, 1))
    return Progress(
        queue=queue,
        total=len(tasks),
        by_state=by_state,
        labelers=_measure_labelers(tasks),
        median_s=median_s,
        num_last_hour=len(recent),
        remaining_s=remaining_s,
        forecast_at=forecast_at,
    )


def _measure_labelers(tasks: Sequence[TaskFigure]) -> tuple[LabelerFigures, ...]:
    figures = []
    for name in sorted({task.labeler for task in tasks if task.labeler}):
        own = [task for task in tasks if task.labeler == name]
        handed_in = [task for task in own if task.submitted_at is not None]
        seconds = [task.active_s for task in handed_in if task.active_s > 0]
        accepted = [task for task in own if task.state is TaskState.ACCEPTED]
        num_rejections = sum(task.num_rejections for task in own)
        decided = sum(task.reviewer is not None for task in accepted) + num_rejections
        figures.append(
            LabelerFigures(
                name=name,
                num_submitted=len(handed_in),
                num_accepted=len(accepted),
                num_rejections=num_rejections,
                num_skipped=sum(task.state is TaskState.SKIPPED for task in own),
                median_s=statistics.median(seconds) if seconds else None,
                acceptance_rate=(decided - num_rejections) / decided if decided else None,
            )
        )
    return tuple(figures)
