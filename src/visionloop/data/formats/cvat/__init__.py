"""CVAT for images 1.1: every shape that CVAT draws, in one XML file."""

from __future__ import annotations

from typing import Final

from visionloop.data.formats.cvat.reader import find_files, read
from visionloop.data.formats.cvat.writer import write
from visionloop.data.formats.entities import ALL_KINDS, Holds
from visionloop.data.formats.ports import AnnotationFormat, LabelSource


def detect(source: LabelSource) -> str | None:
    """Say which files come from CVAT."""
    found = find_files(source)
    return f"{len(found)} XML files such as {found[0]}" if found else None


FORMAT: Final = AnnotationFormat(
    name="cvat",
    title="CVAT XML 1.1",
    holds=Holds(
        kinds=ALL_KINDS,
        multi_part=True,
        uneven_keypoints=True,
        crowd=True,
        attributes=None,
        mixed_attributes=False,
        several_classes=True,
        classes_beside_shapes=True,
    ),
    detect=detect,
    read=read,
    write=write,
)
