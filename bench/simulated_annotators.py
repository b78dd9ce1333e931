"""Labelers with known error rates, and truths for every kind of shape, for measuring consensus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from visionloop.data.entities import AnnotationDraft, AnnotationKind
from visionloop.data.formats import masks
from visionloop.labeling.agreement.regions import cover

CLASSES = ("washer", "bolt", "nut", "gear")
SIZE = 320
KINDS: tuple[AnnotationKind, ...] = (
    "box",
    "rotated_box",
    "polygon",
    "mask",
    "polyline",
    "keypoints",
)


@dataclass(frozen=True)
class Annotator:
    """How somebody errs.

    Attributes:
        wrong_class, missed, invented: rates per object.
        jitter: standard deviation of every coordinate, share of the object's size.
    """

    name: str
    wrong_class: float
    missed: float
    invented: float
    jitter: float


TEAM = (
    Annotator("careful", 0.05, 0.04, 0.03, 0.04),
    Annotator("usual", 0.12, 0.10, 0.06, 0.06),
    Annotator("hasty", 0.22, 0.18, 0.12, 0.08),
    Annotator("poor", 0.38, 0.30, 0.25, 0.11),
)
"""From best to worst."""


def make_truth(
    kind: AnnotationKind, rng: np.random.Generator, count: int = 4
) -> list[AnnotationDraft]:
    """Return one object in each of ``count`` cells of an image of 320 x 320 pixels."""
    cells = rng.permutation(9)[:count]
    drafts = []
    for cell in cells.tolist():
        center = np.array([cell % 3, cell // 3]) * 105 + 52 + rng.uniform(-8, 8, 2)
        category = CLASSES[int(rng.integers(len(CLASSES)))]
        drafts.append(_draw(kind, category, center, rng.uniform(24, 40), rng))
    return drafts


def make_class_truth(rng: np.random.Generator) -> list[AnnotationDraft]:
    """Return the class of an image."""
    return [AnnotationDraft(CLASSES[int(rng.integers(len(CLASSES)))], "class")]


def answer(
    truth: Sequence[AnnotationDraft], who: Annotator, rng: np.random.Generator
) -> list[AnnotationDraft]:
    """Return what an annotator says about an image."""
    said = []
    for draft in truth:
        if draft.kind != "class" and rng.random() < who.missed:
            continue
        category = draft.category
        if rng.random() < who.wrong_class:
            category = str(rng.choice([name for name in CLASSES if name != category]))
        said.append(_shake(replace(draft, category=category), who.jitter, rng))
    if truth and truth[0].kind != "class" and rng.random() < who.invented:
        place = rng.uniform(40, SIZE - 40, 2)
        said.append(_draw(truth[0].kind, str(rng.choice(CLASSES)), place, 24.0, rng))
    return said


def _draw(
    kind: AnnotationKind,
    category: str,
    center: np.ndarray,
    radius: float,
    rng: np.random.Generator,
) -> AnnotationDraft:
    if kind == "box":
        half = radius * rng.uniform(0.6, 1.0, 2)
        return AnnotationDraft(category, kind, bbox=_box(np.array([center - half, center + half])))
    if kind == "rotated_box":
        angle = float(rng.uniform(0, math.pi))
        return _with_points(category, kind, _ring(center, radius, 4, 0.45, angle))
    if kind == "polyline":
        steps = np.linspace(-1, 1, 6)
        bend = rng.uniform(-0.5, 0.5)
        line = np.column_stack([steps, bend * steps**2]) * radius + center
        return _with_points(category, kind, line)
    if kind == "keypoints":
        points = center + rng.uniform(-1, 1, (5, 2)) * radius
        rows = [[float(x), float(y), 2] for x, y in points]
        return AnnotationDraft(category, kind, bbox=_box(points), keypoints=rows)
    ring = _ring(center, radius, 12, 0.85, float(rng.uniform(0, math.pi)))
    return _with_points(category, kind, ring)


def _ring(
    center: np.ndarray, radius: float, count: int, squeeze: float, angle: float
) -> np.ndarray:
    turns = np.arange(count) * 2 * math.pi / count + math.pi / 4
    flat = np.column_stack([np.cos(turns), np.sin(turns) * squeeze]) * radius
    cosine, sine = math.cos(angle), math.sin(angle)
    return flat @ np.array([[cosine, sine], [-sine, cosine]]) + center


def _with_points(category: str, kind: AnnotationKind, points: np.ndarray) -> AnnotationDraft:
    flat = [float(value) for value in points.reshape(-1)]
    if kind != "mask":
        return AnnotationDraft(category, kind, bbox=_box(points), segmentation=[flat])
    outline = AnnotationDraft(category, "polygon", bbox=_box(points), segmentation=[flat])
    rle = masks.encode(cover(outline, (0.0, 0.0, float(SIZE), float(SIZE)), (SIZE, SIZE)))
    return AnnotationDraft(
        category, kind, bbox=masks.bounds(rle), segmentation=rle, attributes={"outline": flat}
    )


def _shake(draft: AnnotationDraft, jitter: float, rng: np.random.Generator) -> AnnotationDraft:
    if draft.bbox is None:
        return draft
    size = max(draft.bbox[2] - draft.bbox[0], draft.bbox[3] - draft.bbox[1])
    sigma = jitter * size
    if draft.kind == "box":
        corners = np.array(draft.bbox).reshape(2, 2) + rng.normal(0, sigma, (2, 2))
        return replace(draft, bbox=_box(corners))
    if draft.kind == "keypoints":
        moved = np.array(draft.keypoints)
        moved[:, :2] += rng.normal(0, sigma, (len(moved), 2))
        return replace(draft, keypoints=moved.tolist(), bbox=_box(moved[:, :2]))
    flat = draft.attributes.get("outline") if draft.kind == "mask" else draft.segmentation[0]
    points = np.array(flat).reshape(-1, 2)
    if draft.kind == "rotated_box":
        center = points.mean(axis=0)
        turn, grow = rng.normal(0, jitter), 1 + rng.normal(0, jitter)
        spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        moved = (points - center) @ spin * grow + center + rng.normal(0, sigma, 2)
        return _with_points(draft.category, draft.kind, moved)
    moved = points + rng.normal(0, sigma, points.shape) + rng.normal(0, sigma / 2, 2)
    return _with_points(draft.category, draft.kind, moved)


def _box(points: np.ndarray) -> tuple[float, float, float, float]:
    low, high = points.min(axis=0), points.max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
