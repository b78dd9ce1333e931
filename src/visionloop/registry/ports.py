"""What the registry needs from the layers above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from visionloop.registry.entities import LineageNode


class DeploymentFinder(Protocol):
    """Finds where a package serves; the layer of endpoints implements it."""

    def __call__(self, digest: str, /) -> Sequence[LineageNode]:
        """Return one node of kind "deployment" for each deployment of the package."""
        ...
