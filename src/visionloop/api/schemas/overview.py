"""Shapes of the home page."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from visionloop.api.schemas.common import Schema
from visionloop.promotion.overview.entities import ElementState


class FactOut(Schema):
    """One number or word in a box."""

    label: str
    value: str


class ElementOut(Schema):
    """One box of the diagram."""

    key: str
    state: ElementState
    headline: str
    facts: list[FactOut]
    link: str


class RunningOut(Schema):
    """Something that moves right now, or waits for a person."""

    kind: str
    id: str
    title: str
    state: str
    progress: float | None
    link: str


class RecentEvent(BaseModel):
    """A state change in one line."""

    id: int
    time: datetime
    type: str
    subject: str
    actor: str
    summary: str


class OverviewOut(BaseModel):
    """The ten elements of a project at a glance."""

    elements: list[ElementOut]
    running: list[RunningOut]
    recent_events: list[RecentEvent]
