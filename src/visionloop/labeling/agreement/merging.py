"""One shape out of several that mean the same object, weighted by how good their makers are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import contourpy
import numpy as np
from numpy.typing import NDArray

from visionloop.data.entities import AnnotationDraft, AnnotationKind
from visionloop.data.formats import masks
from visionloop.kernel.geometry import Box, polygon_bounds
from visionloop.labeling.agreement.regions import (
    AREAS,
    Shape,
    bounds_of,
    cover,
    line_of,
    raster_size,
    sample_line,
    union_box,
)

FloatArray = NDArray[np.float64]

_LINE_SAMPLES: Final = 48
_TINY: Final = 1e-9
_HUBER_CONSTANT: Final = 1.345
_HUBER_ROUNDS: Final = 5
_MIN_PART_SHARE: Final = 0.02


@dataclass(frozen=True)
class Weights:
    """How much each maker of a shape counts, in the order of the shapes.

    Attributes:
        votes: for yes-or-no questions: kinds, attributes, pixels.
        precision: for coordinates, like one over their variance.
    """

    votes: tuple[float, ...]
    precision: tuple[float, ...]

    def take(self, indices: Sequence[int]) -> Weights:
        """Return the weights of some of the shapes."""
        return Weights(
            tuple(self.votes[i] for i in indices), tuple(self.precision[i] for i in indices)
        )


def merge_shapes(
    shapes: Sequence[AnnotationDraft], weights: Weights, category: str
) -> AnnotationDraft:
    """Return the shape that these shapes of one object say together.

    The kind is the one with most votes. Boxes, rotated boxes, keypoints and polylines become
    robust means of their coordinates, polygons and masks the area with more than half of the votes.

    Args:
        shapes: at least one, of kinds that compare.
        weights: of their makers, positive.
        category: the class, decided elsewhere.
    """
    kind = weighted_vote([shape.kind for shape in shapes], weights.votes)
    values: dict[str, Any] = {}
    if kind == "box":
        values["bbox"] = _merge_boxes(shapes, weights.precision)
    elif kind == "rotated_box":
        own = [i for i, shape in enumerate(shapes) if shape.kind == kind]
        values = _merge_rotated([shapes[i] for i in own], weights.take(own).precision)
    elif kind in AREAS:
        values = _merge_areas(shapes, weights.votes, kind)
    elif kind == "polyline":
        values = _merge_lines(shapes, weights.precision)
    if kind == "keypoints" or any(shape.keypoints for shape in shapes):
        values |= _merge_keypoints(shapes, weights, with_box=kind == "keypoints")
    return AnnotationDraft(
        category=category,
        kind=kind,
        attributes=merge_attributes([shape.attributes for shape in shapes], weights.votes),
        **values,
    )


def weighted_vote(values: Sequence[Any], weights: Sequence[float]) -> Any:
    """Return the value with most weight; among equals the first."""
    totals: dict[Any, float] = {}
    for value, weight in zip(values, weights, strict=True):
        totals[value] = totals.get(value, 0.0) + weight
    return max(totals, key=lambda value: totals[value])


def robust_mean(values: FloatArray, weights: Sequence[float]) -> FloatArray:
    """Return the weighted mean along the first axis, with far values held back.

    Huber's M-estimator (1964), reweighted a few times from the median on: what lies further from
    the middle than usual counts only as far as usual values would.

    Args:
        values: (N, ...) one row each.
        weights: (N,) positive.
    """
    shape = (-1,) + (1,) * (values.ndim - 1)
    own = np.asarray(weights, dtype=float).reshape(shape)
    center = np.median(values, axis=0)
    for _ in range(_HUBER_ROUNDS):
        gaps = np.abs(values - center)
        usual = _HUBER_CONSTANT * 1.4826 * np.median(gaps, axis=0)
        held = np.minimum(1.0, np.maximum(usual, _TINY) / np.maximum(gaps, _TINY))
        center = (values * own * held).sum(axis=0) / (own * held).sum(axis=0)
    return np.asarray(center)


def merge_attributes(
    attributes: Sequence[Mapping[str, Any]], weights: Sequence[float]
) -> dict[str, Any]:
    """Return each attribute with the value of most weight among those who gave one."""
    merged: dict[str, Any] = {}
    for name in dict.fromkeys(name for own in attributes for name in own):
        given = [
            (own[name], weight)
            for own, weight in zip(attributes, weights, strict=True)
            if name in own
        ]
        keys = [repr(value) for value, _ in given]
        best = weighted_vote(keys, [weight for _, weight in given])
        merged[name] = given[keys.index(best)][0]
    return merged


def _merge_boxes(shapes: Sequence[Shape], weights: Sequence[float]) -> Box:
    boxes = np.array([bounds_of(shape) for shape in shapes], dtype=float)
    x1, y1, x2, y2 = robust_mean(boxes, weights).tolist()
    return (x1, y1, x2, y2)


def _merge_rotated(shapes: Sequence[Shape], weights: Sequence[float]) -> dict[str, Any]:
    """Mean of centre and sides, circular mean of the angle, in the frame of the heaviest."""
    corners = [line_of(shape) for shape in shapes]
    reference = corners[int(np.argmax(weights))]
    frames = np.array([_describe(_align(ring, reference)) for ring in corners])
    cx, cy, width, height = robust_mean(frames[:, :4], weights).tolist()
    sines, cosines = (
        np.average(function(frames[:, 4]), weights=weights) for function in (np.sin, np.cos)
    )
    angle = math.atan2(float(sines), float(cosines))
    across = np.array([math.cos(angle), math.sin(angle)]) * width / 2
    down = np.array([-math.sin(angle), math.cos(angle)]) * height / 2
    center = np.array([cx, cy])
    ring = [center - across - down, center + across - down, center + across + down]
    return _outline([[*ring, center - across + down]])


def _align(ring: FloatArray, reference: FloatArray) -> FloatArray:
    """Start at the corner that fits the reference best, and go round the same way."""
    turns = [np.roll(way, shift, axis=0) for way in (ring, ring[::-1]) for shift in range(4)]
    return min(turns, key=lambda turn: float(np.abs(turn - reference).sum()))


def _describe(ring: FloatArray) -> list[float]:
    cx, cy = ring.mean(axis=0)
    top, side = ring[1] - ring[0], ring[3] - ring[0]
    angle = math.atan2(top[1], top[0])
    return [cx, cy, float(np.linalg.norm(top)), float(np.linalg.norm(side)), angle]


def _merge_areas(
    shapes: Sequence[Shape], weights: Sequence[float], kind: AnnotationKind
) -> dict[str, Any]:
    window = union_box([box for shape in shapes if (box := bounds_of(shape)) is not None])
    sizes = [tuple(s.segmentation["size"]) for s in shapes if isinstance(s.segmentation, dict)]
    if kind == "mask":
        height, width = sizes[0]
        vote = _vote(shapes, weights, (0.0, 0.0, float(width), float(height)), (height, width))
        rle = masks.encode(vote > 0.5)
        return {"segmentation": rle, "bbox": masks.bounds(rle)}
    # A border of empty cells closes outlines that touch the window.
    margin = max(window[2] - window[0], window[3] - window[1]) * 0.02
    window = (window[0] - margin, window[1] - margin, window[2] + margin, window[3] + margin)
    size = raster_size(window)
    return _outline(trace(_vote(shapes, weights, window, size), window))


def _vote(
    shapes: Sequence[Shape], weights: Sequence[float], window: Box, size: tuple[int, int]
) -> FloatArray:
    total = sum(weights)
    votes = np.zeros(size)
    for shape, weight in zip(shapes, weights, strict=True):
        votes += cover(shape, window, size) * (weight / total)
    return votes


def trace(votes: FloatArray, window: Box) -> list[list[FloatArray]]:
    """Return the outlines of where a raster exceeds one half, simplified, largest first.

    Args:
        votes: (height, width) in [0, 1].
        window: xyxy that the raster spans.
    """
    height, width = votes.shape
    step_x, step_y = (window[2] - window[0]) / width, (window[3] - window[1]) / height
    xs = window[0] + (np.arange(width) + 0.5) * step_x
    ys = window[1] + (np.arange(height) + 0.5) * step_y
    rings = [np.asarray(line) for line in contourpy.contour_generator(xs, ys, votes).lines(0.5)]
    rings = [simplify(ring[:-1], 0.6 * max(step_x, step_y)) for ring in rings if len(ring) > 3]
    kept = [ring for ring in rings if len(ring) > 2]
    areas = [_ring_area(ring) for ring in kept]
    least = _MIN_PART_SHARE * max(areas, default=0.0)
    ranked = sorted(zip(areas, kept, strict=True), key=lambda item: -item[0])
    return [[*ring] for area, ring in ranked if area >= least]


def simplify(points: FloatArray, tolerance: float) -> FloatArray:
    """Drop vertices that lie closer than a tolerance to the line without them.

    Ramer (1972), Douglas and Peucker (1973), with a stack in place of recursion.
    """
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        middle = points[start + 1 : end]
        along = points[end] - points[start]
        offset = middle - points[start]
        length = float(np.hypot(*along))
        if length == 0.0:
            gaps = np.hypot(offset[:, 0], offset[:, 1])
        else:
            gaps = np.abs(along[0] * offset[:, 1] - along[1] * offset[:, 0]) / length
        worst = int(gaps.argmax())
        if gaps[worst] > tolerance:
            keep[start + 1 + worst] = True
            spans += [(start, start + 1 + worst), (start + 1 + worst, end)]
    return points[keep]


def _ring_area(ring: FloatArray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _merge_lines(shapes: Sequence[Shape], weights: Sequence[float]) -> dict[str, Any]:
    sampled = [sample_line(line_of(shape), _LINE_SAMPLES) for shape in shapes]
    reference = sampled[int(np.argmax(weights))]
    aligned = [
        min((line, line[::-1]), key=lambda way: float(np.abs(way - reference).sum()))
        for line in sampled
    ]
    merged = robust_mean(np.stack(aligned), weights)
    return _outline([[*simplify(merged, 0.5)]])


def _merge_keypoints(
    shapes: Sequence[Shape], weights: Weights, *, with_box: bool
) -> dict[str, Any]:
    own = [i for i, shape in enumerate(shapes) if shape.keypoints]
    counts = [len(shapes[i].keypoints or ()) for i in own]
    count = weighted_vote(counts, weights.take(own).votes)
    own = [i for i, number in zip(own, counts, strict=True) if number == count]
    given = np.array([shapes[i].keypoints for i in own], dtype=float)
    points = [_merge_point(given[:, k], weights.take(own)) for k in range(count)]
    merged: dict[str, Any] = {"keypoints": points}
    if with_box:
        merged["bbox"] = _merge_boxes([shapes[i] for i in own], weights.take(own).precision)
    return merged


def _merge_point(given: FloatArray, weights: Weights) -> list[float]:
    visibility = int(weighted_vote(given[:, 2].tolist(), weights.votes))
    placed = np.flatnonzero(given[:, 2] > 0).tolist()
    if visibility == 0 or not placed:
        return [0.0, 0.0, 0]
    x, y = robust_mean(given[placed, :2], weights.take(placed).precision).tolist()
    return [x, y, visibility]


def _outline(parts: Sequence[Sequence[FloatArray]]) -> dict[str, Any]:
    flat = [[round(float(value), 3) for point in part for value in point] for part in parts]
    points = [(p[i], p[i + 1]) for p in flat for i in range(0, len(p), 2)]
    return {"segmentation": flat, "bbox": polygon_bounds(points) if points else None}
