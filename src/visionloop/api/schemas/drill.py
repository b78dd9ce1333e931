"""Shapes of drills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from visionloop.api.schemas.common import Schema


class FigureSchema(Schema):
    """One measured number with its 95 % interval and the bar it is held against."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str
    count: int | None = None
    target: str | None = None
    is_met: bool | None = None


class DrillIn(BaseModel):
    """The report of a finished drill."""

    shift: str
    passed: bool
    figures: list[FigureSchema]
    steps: list[dict[str, Any]]
    evidence: dict[str, Any]


class DrillOut(BaseModel):
    """A drill that was kept as evidence."""

    report: str
    time: datetime
    actor: str
    shift: str
    passed: bool
    figures: list[FigureSchema]


class DrillList(BaseModel):
    """Drills, newest first."""

    items: list[DrillOut]
    total: int


class DrillKept(BaseModel):
    """Digest under which a report is kept."""

    report: str
