"""COCO: boxes, polygons, run-length masks, crowd marks and keypoints in one JSON file a split."""

from __future__ import annotations

from typing import Final

from visionloop.data.formats.coco.reader import find_files, read
from visionloop.data.formats.coco.writer import write
from visionloop.data.formats.entities import Holds
from visionloop.data.formats.ports import AnnotationFormat, LabelSource


def detect(source: LabelSource) -> str | None:
    """Say which files are COCO."""
    found = find_files(source)
    return f"{len(found)} JSON files such as {found[0]}" if found else None


FORMAT: Final = AnnotationFormat(
    name="coco",
    title="COCO",
    holds=Holds(
        kinds=frozenset({"box", "rotated_box", "polygon", "mask", "keypoints"}),
        multi_part=True,
        keypoints_beside=True,
        uneven_keypoints=True,
        skewed_boxes=True,
        crowd=True,
        attributes=None,
        nested_attributes=True,
        image_attributes=True,
        scores=True,
        authors=True,
        external_ids=True,
        image_ids=True,
        category_ids=True,
        supercategories=True,
        skeletons=True,
    ),
    detect=detect,
    read=read,
    write=write,
)
