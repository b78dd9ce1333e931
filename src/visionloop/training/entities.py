"""What an experiment leaves behind: runs, their metrics over time, and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

EXTERNAL = "external"
"""The recipe of a run whose code is not ours and only logs here."""


class RunStatus(StrEnum):
    """Where a run stands; the first two can still change."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether the run has ended."""
        return self not in (RunStatus.SCHEDULED, RunStatus.RUNNING)


@dataclass(frozen=True)
class Experiment:
    """A named group of runs that answer one question.

    Attributes:
        tags: free facts about it.
        deleted_at: when it was put aside; it can be restored.
    """

    id: str
    project: str
    name: str
    description: str
    created_by: str
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_at: datetime | None = None
    num_runs: int = 0


@dataclass(frozen=True)
class Run:
    """One attempt to learn something, with what it was given and what came out.

    Attributes:
        recipe: name of the built-in recipe, or "external" for code that only logs here.
        parameters: the complete configuration, defaults included.
        metrics: the value of every metric at its highest step; NaN where that is no number.
        dataset_version: NAME:NUMBER of what it learns from.
        package_dir: folder of what registration needs, once the run has finished.
        warm_start_run_id: the run whose checkpoint this one began from.
        progress: 0 to 1.
        inputs: data sets that outside code says it read, as MLflow's clients describe them.
        deleted_at: when it was put aside; it can be restored.
    """

    id: str
    project: str
    experiment_id: str
    experiment: str
    name: str
    recipe: str
    status: RunStatus
    parameters: Mapping[str, Any]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    created_by: str
    created_at: datetime
    dataset_version_id: str | None = None
    dataset_version: str | None = None
    job_id: str | None = None
    warm_start_run_id: str | None = None
    evaluation_id: str | None = None
    package_dir: str | None = None
    error: str | None = None
    progress: float = 0.0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    inputs: tuple[Mapping[str, Any], ...] = ()
    deleted_at: datetime | None = None

    @property
    def is_external(self) -> bool:
        """Tell whether code outside leads the run, so that no job of ours ends it."""
        return self.recipe == EXTERNAL

    @property
    def has_model(self) -> bool:
        """Tell whether the run left a model that can be registered."""
        return self.status is RunStatus.FINISHED and self.package_dir is not None


@dataclass(frozen=True)
class MetricPoint:
    """One logged value of one metric."""

    key: str
    step: int
    value: float
    time: datetime


@dataclass(frozen=True)
class RunArtifact:
    """A file that a run left in the blob store."""

    path: str
    digest: str
    size_bytes: int


@dataclass(frozen=True)
class RunDetail:
    """A run with everything it logged."""

    run: Run
    history: Mapping[str, tuple[MetricPoint, ...]]
    artifacts: tuple[RunArtifact, ...]


@dataclass(frozen=True)
class RunComparison:
    """Runs side by side.

    Attributes:
        changed_parameters: name -> value per run, only where the runs differ.
        metrics: name -> last value per run, None where a run never logged it.
    """

    runs: tuple[Run, ...]
    changed_parameters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    metrics: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RecipeParameter:
    """One setting of a recipe, as a form shows it."""

    name: str
    kind: str
    default: Any
    description: str


@dataclass(frozen=True)
class Recipe:
    """A built-in way to train."""

    name: str
    task: str
    description: str
    parameters: tuple[RecipeParameter, ...]
