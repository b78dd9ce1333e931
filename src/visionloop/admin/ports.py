"""What administration needs from the domains above it; bootstrap joins them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from visionloop.admin.entities import Actor
from visionloop.admin.spec import ResourceSpec


class ResourceApplier(Protocol):
    """Creates and changes one kind of resource that a project file names."""

    kind: str

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the values of every resource of this kind, by name."""
        ...

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values of a file in the form in which :meth:`current` tells them."""
        ...

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        """Create the resource, or change it to what the file says; safe to call twice."""
        ...
