"""Which deployment answers: one immutable table, swapped whole when the endpoint file changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visionloop.serving import rules
from visionloop.serving.configuration import DeploymentEntry
from visionloop.serving.errors import PackageUnusable
from visionloop.serving.inference import ModelRuntime, load_runtime


class Tally:
    """Counts of one deployment since its process started; survives a change of shares."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.num_requests = 0
        self.num_errors = 0
        self.num_mirrored = 0
        self.num_agreed = 0

    def count_request(self, *, failed: bool) -> None:
        """Count a live request."""
        with self._lock:
            self.num_requests += 1
            self.num_errors += failed

    def count_shadow(self, *, agreed: bool) -> None:
        """Count a mirrored request."""
        with self._lock:
            self.num_mirrored += 1
            self.num_agreed += agreed

    @property
    def agreement(self) -> float | None:
        """Share of mirrored requests with the live label."""
        return self.num_agreed / self.num_mirrored if self.num_mirrored else None


@dataclass(frozen=True)
class ActiveDeployment:
    """A loaded deployment."""

    entry: DeploymentEntry
    runtime: ModelRuntime
    tally: Tally

    @property
    def name(self) -> str:
        """Name of the deployment."""
        return self.entry.name

    @property
    def version(self) -> str:
        """Version as the Open Inference Protocol shows it."""
        return self.entry.model_version or "1"

    def describe_model(self) -> dict[str, str | None]:
        """Say which model answers."""
        return {
            "name": self.runtime.package.name,
            "version": self.entry.model_version,
            "digest": self.entry.digest,
        }

    def describe(self) -> dict[str, Any]:
        """Describe it for the status page."""
        return {
            "name": self.name,
            "model_name": self.runtime.package.name,
            "model_version": self.entry.model_version,
            "model_digest": self.entry.digest,
            "weight": self.entry.weight,
            "mirror": self.entry.mirror,
            "num_requests": self.tally.num_requests,
            "num_errors": self.tally.num_errors,
            "num_mirrored": self.tally.num_mirrored,
            "agreement": self.tally.agreement,
        }


@dataclass(frozen=True)
class DeploymentTable:
    """Every loaded deployment of an endpoint by name."""

    deployments: dict[str, ActiveDeployment] = field(default_factory=dict)

    def choose(
        self, key: str, among: Sequence[ActiveDeployment] | None = None
    ) -> ActiveDeployment | None:
        """Choose who answers a request.

        Args:
            key: Session key or request id; the same key gets the same answerer.
            among: The candidates; None for all. When none of them takes live traffic, the first
                answers, because the caller asked for one of them by name.
        """
        candidates = self.deployments.values() if among is None else among
        weights = {candidate.name: candidate.entry.weight for candidate in candidates}
        name = rules.choose_deployment(key, weights)
        if name is None:
            return among[0] if among else None
        return self.deployments[name]

    def find(self, endpoint: str, model: str, version: str | None) -> list[ActiveDeployment]:
        """Return the deployments that a model name and version stand for.

        Args:
            endpoint: The endpoint's own name, which stands for all of its live deployments.
            model: Name of the endpoint, of a deployment or of a model.
            version: Version of the model; None for any.
        """
        found = [
            deployment
            for deployment in self.deployments.values()
            if model in (endpoint, deployment.name, deployment.runtime.package.name)
        ]
        if version is not None:
            found = [deployment for deployment in found if deployment.version == version]
        return found

    def mirrors(self, request_id: str, answering: str) -> list[ActiveDeployment]:
        """Return the shadows that also score a request."""
        return [
            deployment
            for deployment in self.deployments.values()
            if deployment.entry.mirror > 0
            and deployment.name != answering
            and rules.is_mirrored(request_id, deployment.name, deployment.entry.mirror)
        ]


def load_table(
    entries: Sequence[DeploymentEntry],
    present: DeploymentTable,
    load: Callable[[Path], ModelRuntime] = load_runtime,
) -> DeploymentTable:
    """Load what is new, keep what is there, leave out what is gone.

    Raises:
        PackageUnusable: a package does not load, or is not the one that was asked for.
    """
    runtimes = {d.entry.digest: d.runtime for d in present.deployments.values()}
    table: dict[str, ActiveDeployment] = {}
    for entry in entries:
        if entry.digest not in runtimes:
            runtime = load(Path(entry.package_dir))
            if runtime.package.digest != entry.digest:
                raise PackageUnusable(
                    entry.package_dir,
                    f"its digest is {runtime.package.digest}, expected {entry.digest}",
                )
            runtimes[entry.digest] = runtime
        old = present.deployments.get(entry.name)
        same = old is not None and old.entry.digest == entry.digest
        tally = old.tally if old is not None and same else Tally()
        table[entry.name] = ActiveDeployment(entry, runtimes[entry.digest], tally)
    return DeploymentTable(table)
