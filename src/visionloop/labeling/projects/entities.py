"""A labeling project as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LabelingProject:
    """How one queue is labeled; the tasks of a labeling project stand in the queue of its name.

    Attributes:
        instructions: Markdown that stands beside the canvas.
        where: filters that its images fulfil, such as ``exif.Model=iPhone 7``.
        annotation_status: only images whose labels are in this state; None takes all.
        classes: the classes that labelers are offered; empty means the whole schema.
        members: who may take its tasks; empty means every labeler of the project.
        num_annotators: people that label each image on their own; from 2 on by consensus.
        min_agreement: images whose answers agree less go to a reviewer.
        gold_share: share of a labeler's tasks that are hidden tests with known labels.
    """

    project: str
    name: str
    created_by: str
    created_at: datetime
    title: str = ""
    instructions: str = ""
    where: tuple[str, ...] = ()
    annotation_status: str | None = None
    classes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    num_annotators: int = 1
    min_agreement: float = 0.7
    gold_share: float = 0.0

    @property
    def is_consensus(self) -> bool:
        """Tell whether several people label each image."""
        return self.num_annotators > 1
