"""How alike two shapes are, in [0, 1], for every kind of shape.

Areas (boxes, rotated boxes, polygons, masks, in any mixture) by intersection over union; keypoints
by COCO's object keypoint similarity; polylines by their mean distance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from visionloop.data.formats import masks
from visionloop.kernel.geometry import Box, box_iou, polygon_bounds

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

AREAS: Final = frozenset({"box", "rotated_box", "polygon", "mask"})
RASTER_PX: Final = 400
NUM_SAMPLES: Final = 64
# COCO's constants lie between 0.05 (eyes) and 0.21 (hips), doubled; this is about their mean.
KEYPOINT_CONSTANT: Final = 0.15
# Lines that run apart by this share of their length are alike to exp(-1/2).
LINE_TOLERANCE: Final = 0.08
_LEAST_SCALE_PX: Final = 8.0


class Shape(Protocol):
    """What is compared: annotations and drafts both have it."""

    @property
    def category(self) -> str:
        """The class."""

    @property
    def kind(self) -> str:
        """Which kind of shape."""

    @property
    def bbox(self) -> Box | None:
        """Box around it."""

    @property
    def segmentation(self) -> list[Any] | dict[str, Any] | None:
        """Its outline."""

    @property
    def keypoints(self) -> list[list[float]] | None:
        """Its points."""


def similarity(first: Shape, second: Shape) -> float:
    """Return how alike two shapes are, whatever their classes; 0 for kinds that do not compare."""
    if first.kind in AREAS and second.kind in AREAS:
        return area_iou(first, second)
    if first.kind != second.kind:
        return 0.0
    if first.kind == "keypoints":
        return keypoint_similarity(first, second)
    return line_similarity(first, second) if first.kind == "polyline" else 1.0


def area_iou(first: Shape, second: Shape) -> float:
    """Return intersection over union: exact for boxes and for masks, else on a fine raster."""
    if first.kind == second.kind == "box" and first.bbox and second.bbox:
        return box_iou(first.bbox, second.bbox)
    one, two = bounds_of(first), bounds_of(second)
    if one is None or two is None or box_iou(one, two) == 0.0:
        return 0.0
    window = union_box([one, two])
    size = raster_size(window, is_exact=first.kind == second.kind == "mask")
    covered = [cover(shape, window, size) for shape in (first, second)]
    union = int((covered[0] | covered[1]).sum())
    return float((covered[0] & covered[1]).sum() / union) if union else 0.0


def keypoint_similarity(first: Shape, second: Shape) -> float:
    """Return the mean over keypoints that either labeled of exp(-d^2 / (2 s^2 k^2)).

    A point that only one of them labeled counts as 0. ``s`` is the square root of the mean area.
    """
    one, two = first.keypoints or [], second.keypoints or []
    if len(one) != len(two):
        return 0.0
    boxes = [box for box in (first.bbox, second.bbox) if box is not None]
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in boxes]
    scale = max(math.sqrt(sum(areas) / len(areas)) if areas else 0.0, _LEAST_SCALE_PX)
    scores = []
    for (x1, y1, v1), (x2, y2, v2) in zip(one, two, strict=True):
        if v1 > 0 and v2 > 0:
            distance = math.hypot(x1 - x2, y1 - y2)
            scores.append(math.exp(-(distance**2) / (2 * (scale * KEYPOINT_CONSTANT) ** 2)))
        elif v1 > 0 or v2 > 0:
            scores.append(0.0)
    return sum(scores) / len(scores) if scores else 1.0


def line_similarity(first: Shape, second: Shape) -> float:
    """Return exp(-d^2 / (2 t^2)) of the mean distance between two polylines, both ways.

    The tolerance ``t`` is a fixed share of their mean length.
    """
    one, two = sample_line(line_of(first)), sample_line(line_of(second))
    gaps = np.linalg.norm(one[:, None] - two[None], axis=2)
    distance = float((gaps.min(axis=0).mean() + gaps.min(axis=1).mean()) / 2)
    length = (line_length(one) + line_length(two)) / 2
    tolerance = max(LINE_TOLERANCE * length, 1.0)
    return math.exp(-(distance**2) / (2 * tolerance**2))


def line_of(shape: Shape) -> FloatArray:
    """Return the vertices of a polyline, its parts one after the other, as (N, 2)."""
    parts = shape.segmentation if isinstance(shape.segmentation, list) else []
    return np.array([value for part in parts for value in part], dtype=float).reshape(-1, 2)


def line_length(points: FloatArray) -> float:
    """Return the length of a polyline in pixels."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def sample_line(points: FloatArray, count: int = NUM_SAMPLES) -> FloatArray:
    """Return (count, 2) points at equal distances along a polyline."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    places = np.linspace(0.0, steps[-1], count)
    return np.column_stack([np.interp(places, steps, points[:, axis]) for axis in (0, 1)])


def bounds_of(shape: Shape) -> Box | None:
    """Return the box around a shape, from its outline where it carries none."""
    if shape.bbox is not None:
        return shape.bbox
    if isinstance(shape.segmentation, dict):
        return masks.bounds(shape.segmentation)
    points = line_of(shape)
    return polygon_bounds([tuple(point) for point in points]) if len(points) else None


def union_box(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes."""
    x1, y1, x2, y2 = zip(*boxes, strict=True)
    return (min(x1), min(y1), max(x2), max(y2))


def raster_size(window: Box, *, is_exact: bool = False) -> tuple[int, int]:
    """Return height and width of the raster for a window.

    Args:
        window: xyxy, absolute pixels.
        is_exact: one cell a pixel, for masks.
    """
    width, height = window[2] - window[0], window[3] - window[1]
    scale = 1.0 if is_exact else RASTER_PX / max(width, height, 1e-9)
    return max(1, round(height * scale)), max(1, round(width * scale))


def cover(shape: Shape, window: Box, size: tuple[int, int]) -> BoolArray:
    """Return which cells of a raster an area covers, by the centres of the cells.

    Args:
        shape: box, rotated box, polygon or mask.
        window: xyxy in absolute pixels, the part of the image that the raster spans.
        size: (height, width) of the raster.
    """
    height, width = size
    step_x, step_y = (window[2] - window[0]) / width, (window[3] - window[1]) / height
    xs = window[0] + (np.arange(width) + 0.5) * step_x
    ys = window[1] + (np.arange(height) + 0.5) * step_y
    if shape.kind == "mask" and isinstance(shape.segmentation, dict):
        return _sample_mask(masks.decode(shape.segmentation), xs, ys)
    if shape.kind == "box" and shape.bbox is not None:
        x1, y1, x2, y2 = shape.bbox
        return np.outer((ys >= y1) & (ys < y2), (xs >= x1) & (xs < x2))
    canvas = np.zeros(size, dtype=bool)
    parts = shape.segmentation if isinstance(shape.segmentation, list) else []
    for part in parts:
        # Pillow counts from the centre of the first cell.
        flat = [
            ((x - window[0]) / step_x - 0.5, (y - window[1]) / step_y - 0.5)
            for x, y in zip(part[::2], part[1::2], strict=True)
        ]
        layer = Image.new("1", (width, height))
        ImageDraw.Draw(layer).polygon(flat, fill=1)
        canvas |= np.asarray(layer, dtype=bool)
    return canvas


def _sample_mask(mask: BoolArray, xs: NDArray[Any], ys: NDArray[Any]) -> BoolArray:
    height, width = mask.shape
    columns, rows = np.floor(xs).astype(int), np.floor(ys).astype(int)
    inside = np.outer((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
    sampled = mask[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)]
    return np.asarray(sampled & inside)
