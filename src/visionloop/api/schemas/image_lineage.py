"""Shapes of what became of an image."""

from __future__ import annotations

from datetime import datetime

from visionloop.api.schemas.admin import EventOut
from visionloop.api.schemas.common import Schema
from visionloop.data.entities import Split
from visionloop.labeling.entities import TaskState
from visionloop.training.entities import RunStatus


class MembershipOut(Schema):
    """A frozen version that holds the image."""

    version_id: str
    reference: str
    split: Split
    label: str | None
    num_annotations: int
    created_by: str
    created_at: datetime


class ImageRunOut(Schema):
    """A run on such a version; it learned from the image if the split is train."""

    run_id: str
    name: str
    recipe: str
    status: RunStatus
    dataset_version: str | None
    split: Split
    created_by: str
    created_at: datetime


class ImageModelOut(Schema):
    """A registered model that learned from the image."""

    model: str
    version: int
    aliases: list[str]
    run_id: str | None
    created_at: datetime


class ImagePredictionOut(Schema):
    """What a model in production said about the image."""

    request_id: str
    endpoint: str
    deployment: str
    label: str
    score: float
    true_label: str | None
    time: datetime


class ImageTaskOut(Schema):
    """A labeling task of the image."""

    id: str
    queue: str
    state: TaskState
    assignee: str | None
    labeler: str | None
    reviewer: str | None
    created_at: datetime
    ended_at: datetime | None


class ImageLineageOut(Schema):
    """Everything that an image went into and came from, newest first."""

    versions: list[MembershipOut]
    runs: list[ImageRunOut]
    models: list[ImageModelOut]
    predictions: list[ImagePredictionOut]
    tasks: list[ImageTaskOut]
    events: list[EventOut]
