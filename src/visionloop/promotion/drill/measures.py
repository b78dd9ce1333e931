"""Figures of a drill, each with its interval and the bar it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visionloop.evaluation.intervals import paired_difference, wilson
from visionloop.promotion.drill.entities import Figure, Photo
from visionloop.serving.inference import load_runtime


def judge_package(folder: Path, photos: Sequence[Photo]) -> list[bool]:
    """Score photos with a model package and tell for each whether it was right."""
    runtime = load_runtime(folder)
    return [runtime.classify(photo.path.read_bytes()).label == photo.label for photo in photos]


def accuracy(name: str, right: Sequence[bool]) -> Figure:
    """Return a share of right answers with its Wilson interval."""
    measure = wilson(sum(right), len(right))
    return Figure(name, measure.value, measure.low, measure.high, count=len(right))


def gap_closed(clean: Figure, before: Sequence[bool], after: Sequence[bool]) -> Figure:
    """Return which share of the accuracy gap between clean and shifted photos was closed.

    The gain is measured on the same photos before and after, so its interval is the paired one;
    the gap itself is taken as measured.
    """
    shifted = sum(before) / len(before)
    gap = clean.value - shifted
    # paired_difference counts photos that only one of the two models gets right.
    gained = sum(new and not old for old, new in zip(before, after, strict=True))
    lost = sum(old and not new for old, new in zip(before, after, strict=True))
    gain = paired_difference(gained, lost, len(before))
    if gap <= 0:
        return Figure("Share of the gap closed", 1.0, count=len(before), target="at least 0.5")
    return Figure(
        "Share of the gap closed",
        gain.value / gap,
        gain.low / gap,
        gain.high / gap,
        count=len(before),
        target="at least 0.5",
        is_met=gain.value / gap >= 0.5,
    )


def lift(num_hits: int, num_reviewed: int, base_rate: float) -> Figure:
    """Return how many times more often than by chance a queued image was an error."""
    measure = wilson(num_hits, num_reviewed)
    scale = 1.0 / base_rate if base_rate > 0 else 0.0
    return Figure(
        "Review queue, hits against the base error rate",
        measure.value * scale,
        measure.low * scale,
        measure.high * scale,
        unit="ratio",
        count=num_reviewed,
        target="at least 1.5",
        is_met=measure.value * scale >= 1.5,
    )
