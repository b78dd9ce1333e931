"""What the routes of labeling projects and batches take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from visionloop.api.schemas.common import Schema
from visionloop.data.entities import AnnotationStatus


class LabelingProjectSave(Schema):
    """How a queue is labeled."""

    title: str = Field(default="", max_length=200)
    instructions: str = Field(default="", max_length=100_000, description="Markdown")
    where: list[str] = Field(
        default_factory=list, max_length=50, description="Filters such as exif.Model=iPhone 7"
    )
    annotation_status: AnnotationStatus | None = None
    classes: list[str] = Field(default_factory=list, description="Empty offers the whole schema")
    members: list[str] = Field(default_factory=list, description="Empty admits every labeler")
    num_annotators: int = Field(default=1, description="People that label each image on their own")
    min_agreement: float = Field(default=0.7, description="Below it a reviewer decides")
    gold_share: float = Field(default=0.0, description="Share of hidden tests among tasks")


class LabelingProjectOut(Schema):
    """A labeling project; its tasks stand in the queue of its name."""

    project: str
    name: str
    title: str
    instructions: str
    where: list[str]
    annotation_status: AnnotationStatus | None
    classes: list[str]
    members: list[str]
    num_annotators: int
    min_agreement: float
    gold_share: float
    created_by: str
    created_at: datetime


class LabelingProjectList(Schema):
    """The labeling projects of a project."""

    items: list[LabelingProjectOut]
    total: int


class LabelBatchCreate(Schema):
    """How to choose the images of a batch."""

    size: int = Field(ge=1, le=20_000)
    strategy: Literal["oldest", "random"] = "oldest"
    assignee: str | None = None
    seed: int = 0


class LabelBatchOut(Schema):
    """Images that were queued together, and where their tasks stand."""

    id: str
    project: str
    queue: str
    name: str
    strategy: str
    num_tasks: int
    facts: dict[str, Any]
    created_by: str
    created_at: datetime
    by_state: dict[str, int]


class LabelBatchList(Schema):
    """Batches, newest first."""

    items: list[LabelBatchOut]
    total: int


class LabelBatchAssign(Schema):
    """Who gets the tasks that nobody has started; null leaves them to everybody."""

    assignee: str | None


class LabelBatchAssigned(Schema):
    """How many tasks changed hands."""

    num_tasks: int
