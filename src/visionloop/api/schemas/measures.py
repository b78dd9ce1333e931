"""Estimates that every report shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MeasureOut(_Schema):
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


class ScoreSliceOut(_Schema):
    """How one part of the images fares, where every image has a score."""

    attribute: str
    value: str
    support: int
    score: MeasureOut
    gap: MeasureOut
    p_value: float
    q_value: float
    is_weak: bool
