"""Ultralytics YOLO: detect, segment, pose, oriented boxes and class folders."""

from __future__ import annotations

from typing import Final

from visionloop.data.formats.entities import SHAPES, Holds, LabelSet
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.target import ExportTarget
from visionloop.data.formats.yolo.reader import read_variant, variants
from visionloop.data.formats.yolo.writer import write_variant


def _variant(kind: str, title: str, holds: Holds) -> AnnotationFormat:
    def detect(source: LabelSource) -> str | None:
        return variants(source).get(kind)

    def read(source: LabelSource, hints: ReadHints) -> LabelSet:
        return read_variant(source, hints, kind)

    def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
        write_variant(labels, target, survey, kind)

    return AnnotationFormat(
        name=f"yolo_{kind}",
        title=f"YOLO {title}",
        holds=holds,
        detect=detect,
        read=read,
        write=write,
    )


DETECT: Final = _variant(
    "detect",
    "detect",
    Holds(
        kinds=frozenset({"box"}),
        becomes=dict.fromkeys(SHAPES - {"box", "polyline"}, "box"),
        stems=False,
    ),
)
SEGMENT: Final = _variant(
    "segment",
    "segment",
    Holds(
        kinds=frozenset({"polygon"}),
        becomes=dict.fromkeys(SHAPES - {"polygon", "polyline"}, "polygon"),
        stems=False,
    ),
)
OBB: Final = _variant(
    "obb",
    "OBB",
    Holds(
        kinds=frozenset({"rotated_box"}),
        becomes=dict.fromkeys(SHAPES - {"rotated_box", "polyline"}, "rotated_box"),
        skewed_boxes=True,
        stems=False,
    ),
)
POSE: Final = _variant(
    "pose",
    "pose",
    Holds(
        kinds=frozenset({"box", "keypoints"}),
        becomes=dict.fromkeys(SHAPES - {"box", "keypoints", "polyline"}, "box"),
        stems=False,
    ),
)
