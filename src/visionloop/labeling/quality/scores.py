"""How an answer becomes a score."""

from __future__ import annotations

from visionloop.admin.entities import Project, TaskType
from visionloop.kernel.clock import utc_now
from visionloop.labeling.entities import LabelTask
from visionloop.labeling.quality import rules
from visionloop.labeling.quality.entities import Score, ScoreKind


def is_single_class(project: Project) -> bool:
    """Tell whether an image of the project has exactly one class."""
    return project.task is TaskType.CLASSIFICATION


def score_of(task: LabelTask, kind: ScoreKind, value: float) -> Score:
    """Return the score of a task's answer."""
    return Score(
        task_id=task.id,
        project=task.project,
        queue=task.queue,
        image_id=task.image_id,
        annotator=str(task.labeler),
        kind=kind,
        value=value,
        is_right=rules.is_right(value),
        created_at=utc_now(),
    )
