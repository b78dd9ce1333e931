"""Boxes and polygons: float pixels, ``xyxy``, origin at the top left of the image."""

from __future__ import annotations

from collections.abc import Sequence

Box = tuple[float, float, float, float]


def clip_box(box: Box, width: int, height: int) -> Box:
    """Return the part of a box that lies inside an image of ``width`` by ``height`` pixels."""
    x1, y1, x2, y2 = box
    return (
        min(max(x1, 0.0), float(width)),
        min(max(y1, 0.0), float(height)),
        min(max(x2, 0.0), float(width)),
        min(max(y2, 0.0), float(height)),
    )


def box_area(box: Box) -> float:
    """Return the area in square pixels; 0 when the corners are not in order."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def box_iou(first: Box, second: Box) -> float:
    """Return intersection over union in [0, 1]; 0 when both boxes are empty."""
    overlap = (
        max(first[0], second[0]),
        max(first[1], second[1]),
        min(first[2], second[2]),
        min(first[3], second[3]),
    )
    shared = box_area(overlap)
    union = box_area(first) + box_area(second) - shared
    return shared / union if union > 0 else 0.0


def polygon_bounds(points: Sequence[tuple[float, float]]) -> Box:
    """Return the smallest box around the vertices of a polygon."""
    xs = [point[0] for point in points]
    ys = [point[1] for point in points]
    return (min(xs), min(ys), max(xs), max(ys))


def polygon_area(points: Sequence[tuple[float, float]]) -> float:
    """Return the area of a simple polygon in square pixels (shoelace formula)."""
    total = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        total += x1 * y2 - x2 * y1
    return abs(total) / 2.0
