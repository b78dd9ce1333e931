"""How tasks with their images are rendered."""

from __future__ import annotations

from visionloop.api.schemas.data import AnnotationSetOut, ImageOut
from visionloop.api.schemas.labeling import (
    LabelTaskDetailOut,
    LabelTaskOut,
    LockOut,
    NextTaskOut,
    TaskCommentOut,
)
from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.labeling.entities import NextTask, TaskDetail


def next_out(found: NextTask) -> NextTaskOut:
    """Return the answer to whoever asked for the next task."""
    return NextTaskOut(
        detail=None if found.detail is None else detail_out(found.detail),
        remaining=found.remaining,
        upcoming=list(found.upcoming),
    )


def detail_out(detail: TaskDetail) -> LabelTaskDetailOut:
    """Return a task with all that the canvas shows."""
    image = detail.image
    measured = image.statistics
    named = None if measured is None else dict(zip(STATISTIC_NAMES, measured, strict=True))
    values = {name: getattr(image, name) for name in ImageOut.model_fields if name != "statistics"}
    return LabelTaskDetailOut(
        task=LabelTaskOut.model_validate(detail.task),
        image=ImageOut(**values, statistics=named),
        annotations=AnnotationSetOut.model_validate(detail.annotations),
        comments=[TaskCommentOut.model_validate(comment) for comment in detail.comments],
        lock=None if detail.lock is None else LockOut.model_validate(detail.lock),
    )
