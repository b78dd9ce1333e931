"""Geometry that several formats need: bounds, areas, corners, angles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from visionloop.data.entities import Annotation, AnnotationDraft
from visionloop.data.formats import masks
from visionloop.kernel.geometry import Box

_STRAIGHT = 1e-6


def bounds(label: AnnotationDraft | Annotation) -> Box | None:
    """Return the box around a label, from its shape where it carries none; None without any."""
    if label.bbox is not None:
        return label.bbox
    if label.kind == "mask" and isinstance(label.segmentation, dict):
        return masks.bounds(label.segmentation)
    if isinstance(label.segmentation, list) and label.segmentation:
        return line_bounds(label.segmentation)
    seen = [point for point in label.keypoints or () if point[2] > 0]
    if not seen:
        return None
    return line_bounds([[value for x, y, _ in seen for value in (x, y)]])


def line_bounds(parts: Sequence[Sequence[float]]) -> Box:
    """Return the box around flat [x1, y1, x2, y2, ...] lists."""
    xs = [value for part in parts for value in part[::2]]
    ys = [value for part in parts for value in part[1::2]]
    return (min(xs), min(ys), max(xs), max(ys))


def area(label: AnnotationDraft | Annotation) -> float:
    """Return the area in square pixels: of the polygons, of the mask, else of the box."""
    if label.kind in ("polygon", "rotated_box") and isinstance(label.segmentation, list):
        return sum(ring_area(part) for part in label.segmentation)
    if label.kind == "mask" and isinstance(label.segmentation, dict):
        return float(masks.area(label.segmentation))
    box = bounds(label)
    return 0.0 if box is None else (box[2] - box[0]) * (box[3] - box[1])


def ring_area(points: Sequence[float]) -> float:
    """Return the area inside a flat [x1, y1, ...] ring (shoelace formula)."""
    xs, ys = points[::2], points[1::2]
    total = xs[-1] * ys[0] - xs[0] * ys[-1]
    for i in range(len(xs) - 1):
        total += xs[i] * ys[i + 1] - xs[i + 1] * ys[i]
    return abs(total) / 2.0


def corners_of(box: Box) -> list[float]:
    """Return the four corners of a box as a ring, top left first."""
    x1, y1, x2, y2 = box
    return [x1, y1, x2, y1, x2, y2, x1, y2]


def rotated_corners(box: Box, degrees: float) -> list[float]:
    """Turn a box clockwise about its centre; the first edge stays its top."""
    x1, y1, x2, y2 = box
    cx, cy, turn = (x1 + x2) / 2, (y1 + y2) / 2, math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    ring = corners_of(box)
    turned: list[float] = []
    for x, y in zip(ring[::2], ring[1::2], strict=True):
        turned += [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos]
    return turned


def unrotated(corners: Sequence[float]) -> tuple[Box, float]:
    """Return the upright box and the clockwise angle in [0, 360) that give these corners."""
    x1, y1, x2, y2, x3, y3, _, _ = corners
    width, height = math.hypot(x2 - x1, y2 - y1), math.hypot(x3 - x2, y3 - y2)
    cx, cy = sum(corners[::2]) / 4, sum(corners[1::2]) / 4
    degrees = math.degrees(math.atan2(y2 - y1, x2 - x1)) % 360.0
    return (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2), degrees


def is_skewed(label: AnnotationDraft | Annotation) -> bool:
    """Tell whether the corners of a rotated box are not those of a rectangle."""
    if not isinstance(label.segmentation, list):
        return False
    ring = label.segmentation[0]
    again = rotated_corners(*unrotated(ring))
    scale = max(1.0, *(abs(value) for value in ring))
    return any(abs(a - b) > _STRAIGHT * scale for a, b in zip(ring, again, strict=True))


def scaled(label: AnnotationDraft, width: float, height: float) -> AnnotationDraft:
    """Turn shares of width and height into pixels; a mask has no coordinates to scale."""
    changes: dict[str, Any] = {}
    if label.bbox is not None:
        x1, y1, x2, y2 = label.bbox
        changes["bbox"] = (x1 * width, y1 * height, x2 * width, y2 * height)
    if isinstance(label.segmentation, list):
        changes["segmentation"] = [scaled_line(p, width, height) for p in label.segmentation]
    if label.keypoints is not None:
        changes["keypoints"] = [[x * width, y * height, v] for x, y, v in label.keypoints]
    return replace(label, **changes) if changes else label


def scaled_line(points: Sequence[float], width: float, height: float) -> list[float]:
    """Multiply the x and y of a flat list by two factors."""
    factors = (width, height)
    return [value * factors[i & 1] for i, value in enumerate(points)]
