"""Counts of the values of a field among chosen images."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facet:
    """How many images have each value of a field.

    Attributes:
        counts: (value, number of images), the most frequent first; None is a missing value.
        is_exact: False where they are estimated from a sample.
    """

    field: str
    counts: tuple[tuple[str | None, int], ...]
    is_exact: bool


@dataclass(frozen=True)
class Histogram:
    """How a number is spread over images.

    Attributes:
        edges: one more than there are counts; empty when no image has the number.
        num_missing: images without it.
    """

    field: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    num_missing: int
    is_exact: bool
