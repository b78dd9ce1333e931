"""Shapes that all domains share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Schema(BaseModel):
    """Base of every response: built from dataclasses by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Problem(BaseModel):
    """An error as RFC 9457 tells it."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What happened, what was expected and how to mend it.")
    code: str = Field(description="Stable code for programs.")
    details: dict[str, Any] = Field(default_factory=dict, description="Facts for programs.")


class Empty(BaseModel):
    """Nothing to tell."""
