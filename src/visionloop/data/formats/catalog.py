"""The annotation formats of this installation; built-ins and plugins come through one door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from visionloop.data.formats.errors import FormatsMissing, FormatUnknown
from visionloop.data.formats.ports import AnnotationFormat
from visionloop.plugins import PluginBroken, load_plugins

GROUP: Final = "visionloop.importers"


@cache
def all_formats() -> Mapping[str, AnnotationFormat]:
    """Return every installed format by its name.

    Raises:
        FormatsMissing: the installation's metadata is older than its code.
        PluginBroken: an installed plugin does not load or offers something else.
    """
    found: dict[str, AnnotationFormat] = {}
    for name, offered in sorted(load_plugins(GROUP).items()):
        if not isinstance(offered, AnnotationFormat):
            raise PluginBroken(GROUP, name, f"it offers a {type(offered).__name__}")
        found[offered.name] = offered
    if "coco" not in found:
        raise FormatsMissing()
    return found


def get_format(name: str) -> AnnotationFormat:
    """Return one format; what follows a colon in its name is for its reader.

    Raises:
        FormatUnknown: no format has this name.
    """
    formats = all_formats()
    base = name.partition(":")[0]
    if base not in formats:
        raise FormatUnknown(name, sorted(formats))
    return formats[base]
