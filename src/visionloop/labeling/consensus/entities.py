"""What several answers about one image add up to, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.agreement.entities import ObjectVote


class CaseState(StrEnum):
    """How an image with several answers was decided, or that it waits."""

    AGREED = "agreed"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class ConsensusCase:
    """An image that several people answered.

    Attributes:
        task_ids: the blind tasks.
        choice: what a reviewer took: "merged", a person's name, or "own".
    """

    id: str
    project: str
    queue: str
    image_id: str
    state: CaseState
    agreement: float
    annotators: tuple[str, ...]
    task_ids: tuple[str, ...]
    merged: tuple[AnnotationDraft, ...]
    objects: tuple[ObjectVote, ...]
    created_at: datetime
    choice: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class CaseDetail:
    """A case with what everybody said."""

    case: ConsensusCase
    answers: dict[str, tuple[AnnotationDraft, ...]]
    attributes: dict[str, dict[str, object]]
