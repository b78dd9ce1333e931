"""What a gate is, for built-in ones and plugins alike (entry points ``visionloop.gates``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from visionloop.promotion.entities import Champion, GateResult
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home


@dataclass(frozen=True)
class GateContext:
    """What a gate may look at.

    Attributes:
        project, model, version, digest: the candidate.
        package_dir: its package, already checked to be complete and unchanged.
        endpoint: the staging endpoint, on which the candidate is loaded and ready.
        deployment: name of the candidate's deployment there; force it with the header
            ``visionloop-deployment``.
        champion: what production serves now; None before the first promotion.
        settings: thresholds of this gate from the project's policy.
    """

    database: Database
    blobs: BlobStore
    home: Home
    project: str
    model: str
    version: int
    digest: str
    package_dir: Path
    endpoint: str
    deployment: str
    champion: Champion | None
    settings: Mapping[str, Any]


class Gate(Protocol):
    """Judges a candidate on staging.

    ``evaluate`` may run more than once for the same candidate, after a crash, so it leaves
    nothing behind; its result is recorded once. An exception fails the promotion.
    """

    @property
    def name(self) -> str:
        """Name under which policies ask for it, equal to the name of the entry point."""
        ...

    def evaluate(self, context: GateContext, /) -> GateResult:
        """Measure, compare with the threshold, and say why."""
        ...
