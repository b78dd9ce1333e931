"""Shapes of compute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from visionloop.api.schemas.common import Schema
from visionloop.compute.entities import JobState


class JobOut(Schema):
    """A job."""

    id: str
    project: str
    kind: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    state: JobState
    progress: float
    message: str
    error_code: str | None
    attempt: int
    cancel_requested: bool
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class JobList(BaseModel):
    """Jobs, newest first."""

    items: list[JobOut]
    total: int


class JobLog(BaseModel):
    """A piece of a job's log; ask again with ``offset`` = ``next_offset``."""

    text: str
    next_offset: int
