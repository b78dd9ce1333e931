"""Extension points: built-ins and installed plugins come through the same door (D14)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from visionloop.kernel.errors import Conflict, Invalid

GROUPS = (
    "visionloop.importers",
    "visionloop.exchanges",
    "visionloop.trainers",
    "visionloop.runtimes",
    "visionloop.metrics",
    "visionloop.gates",
    "visionloop.signals",
    "visionloop.notifiers",
)


class PluginBroken(Invalid):
    """An installed plugin does not load."""

    code = "plugin_broken"

    def __init__(self, group: str, name: str, reason: str) -> None:
        super().__init__(
            f"The plugin '{name}' of {group} does not load: {reason}. Update or uninstall it.",
            group=group,
            name=name,
        )


class PluginNameTaken(Conflict):
    """Two plugins of a group share a name."""

    code = "plugin_name_taken"

    def __init__(self, group: str, name: str) -> None:
        super().__init__(
            f"Two plugins of {group} are named '{name}'. Uninstall one of them.",
            group=group,
            name=name,
        )


def load_plugins(group: str) -> Mapping[str, Any]:
    """Load every plugin of a group, by name.

    Args:
        group: One of :data:`GROUPS`.

    Raises:
        PluginBroken: One does not import.
        PluginNameTaken: Two share a name.
    """
    if group not in GROUPS:
        raise Invalid(f"There is no plugin group '{group}'; known are {', '.join(GROUPS)}.")
    plugins: dict[str, Any] = {}
    for entry in entry_points(group=group):
        if entry.name in plugins:
            raise PluginNameTaken(group, entry.name)
        try:
            plugins[entry.name] = entry.load()
        except Exception as error:
            raise PluginBroken(group, entry.name, f"{type(error).__name__}: {error}") from error
    return plugins
