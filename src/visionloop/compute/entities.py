"""What a job is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the job will never change again."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Job:
    """Work that runs in a process of its own.

    Attributes:
        id: Sortable id.
        project: Whose job.
        kind: What sort of work, for people: ``ingest``, ``train``.
        entry_point: ``module:function`` that takes a JobContext and returns the outputs.
        inputs: JSON-serialisable arguments.
        outputs: What the entry point returned; empty until it succeeded.
        state: Where it stands.
        progress: Share done, in [0, 1].
        message: What it does now, or how it ended, in one sentence.
        error_code: Stable code of the error that ended it.
        attempt: How often it was started.
        max_attempts: How often it may be started when its process dies.
        timeout_s: Longest time one attempt may take.
        cancel_requested: Whether somebody asked to stop it.
        pid: Process id of the running attempt.
        pid_started: Start time of that process in seconds, so a recycled id is not mistaken.
        node: Host that runs it.
        created_by: Name of the actor.
    """

    id: str
    project: str
    kind: str
    entry_point: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    state: JobState
    progress: float
    message: str
    error_code: str | None
    attempt: int
    max_attempts: int
    timeout_s: float
    cancel_requested: bool
    pid: int | None
    pid_started: float | None
    node: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
