"""What the training routes take and give."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from visionloop.training.entities import RunStatus


def _finite_or_none(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


FiniteOrNone = Annotated[float | None, BeforeValidator(_finite_or_none)]
"""JSON has no word for what is no number."""


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ExperimentCreate(_Schema):
    """A new experiment."""

    name: str = Field(min_length=1, max_length=120)
    description: str = ""


class ExperimentOut(_Schema):
    """A named group of runs."""

    id: str
    project: str
    name: str
    description: str
    created_by: str
    created_at: datetime
    num_runs: int


class ExperimentList(_Schema):
    """Experiments, newest first."""

    items: list[ExperimentOut]
    total: int


class RunCreate(_Schema):
    """What to train, on what, and how; settings left out take the recipe's defaults."""

    dataset_version: str = Field(description="Id, NAME:NUMBER, or NAME for the newest.")
    experiment: str = Field(default="default", min_length=1, max_length=120)
    name: str | None = Field(default=None, max_length=120)
    recipe: str | None = Field(
        default=None, description="Left out, the one that trains the project's task."
    )
    parameters: dict[str, Any] = Field(default_factory=dict)
    warm_start_run_id: str | None = Field(
        default=None, description="Begin from the checkpoint of this finished run."
    )
    tags: dict[str, str] = Field(default_factory=dict)


class RunOut(_Schema):
    """One run with the last value of each of its metrics."""

    id: str
    project: str
    experiment_id: str
    experiment: str
    name: str
    recipe: str
    status: RunStatus
    progress: float
    parameters: dict[str, Any]
    tags: dict[str, str]
    metrics: dict[str, FiniteOrNone]
    dataset_version_id: str | None
    dataset_version: str | None
    job_id: str | None
    warm_start_run_id: str | None
    evaluation_id: str | None
    has_model: bool
    error: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class RunList(_Schema):
    """Runs, newest first."""

    items: list[RunOut]
    total: int


class MetricPointOut(_Schema):
    """One logged value."""

    key: str
    step: int
    value: FiniteOrNone
    time: datetime


class RunArtifactOut(_Schema):
    """A file of a run."""

    path: str
    digest: str
    size_bytes: int


class RunDetailOut(_Schema):
    """A run with the history of every metric."""

    run: RunOut
    history: dict[str, list[MetricPointOut]]
    artifacts: list[RunArtifactOut]


class MetricsLog(_Schema):
    """Values to append to a run, all at one step."""

    step: int = Field(default=0, ge=0)
    metrics: dict[str, float] = Field(min_length=1)


class RunLogOut(_Schema):
    """The end of a run's log."""

    text: str
    next_offset: int


class RunComparisonOut(_Schema):
    """Runs side by side; lists are in the order of ``runs``."""

    runs: list[RunOut]
    changed_parameters: dict[str, list[Any]]
    metrics: dict[str, list[FiniteOrNone]]


class RecipeParameterOut(_Schema):
    """One setting of a recipe."""

    name: str
    kind: str
    default: Any
    description: str


class RecipeOut(_Schema):
    """A built-in way to train."""

    name: str
    task: str
    description: str
    parameters: list[RecipeParameterOut]


class RecipeList(_Schema):
    """The built-in recipes."""

    items: list[RecipeOut]
    total: int
