"""What is kept beside tasks: blind answers, refused saves, batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from visionloop.data.entities import AnnotationDraft


@dataclass(frozen=True)
class Answer:
    """What one person said about an image in a blind task.

    Attributes:
        revision: counts the saves, from 1.
        attributes: of the whole image.
    """

    task_id: str
    project: str
    image_id: str
    revision: int
    annotations: tuple[AnnotationDraft, ...]
    attributes: Mapping[str, Any]
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True)
class LabelConflict:
    """A save that was refused because somebody else had saved; kept until somebody decides.

    Attributes:
        annotations: what the refused save held.
        attributes: of the image, if the save held any.
        resolution: "adopted" or "discarded"; None while nobody decided.
    """

    id: str
    project: str
    task_id: str
    image_id: str
    author: str
    expected_revision: int
    current_revision: int
    annotations: tuple[AnnotationDraft, ...]
    attributes: Mapping[str, Any] | None
    created_at: datetime
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class LabelBatch:
    """Images that were queued together.

    Attributes:
        strategy: how they were chosen: oldest, random, active, or by hand.
        facts: what the choice rested on.
        by_state: tasks by state.
    """

    id: str
    project: str
    queue: str
    name: str
    strategy: str
    num_tasks: int
    created_by: str
    created_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    by_state: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class AssistOutcome:
    """What became of the labels that a model proposed for one task.

    Attributes:
        num_unchanged: proposals that are among the labels as they were proposed.
        num_edited: proposals that were moved, reshaped or given another class.
        num_own: labels without a proposal.
    """

    task_id: str
    project: str
    queue: str
    model: str
    num_proposed: int
    num_unchanged: int
    num_edited: int
    num_rejected: int
    num_own: int
