"""What a person points at, and the outline that comes back, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from visionloop.kernel.geometry import Box


@dataclass(frozen=True)
class SegmentPrompt:
    """What a person pointed at, in upright pixels, origin top left.

    Attributes:
        box: xyxy around the object.
        inside: (x, y) places on the object.
        outside: (x, y) places beside it.
    """

    box: Box | None = None
    inside: tuple[tuple[float, float], ...] = ()
    outside: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Outline:
    """The object that was meant.

    Attributes:
        polygons: flat [x1, y1, ...] rings, largest first; empty when nothing was found.
        bbox: around them.
        runtime: what found it.
    """

    polygons: tuple[tuple[float, ...], ...]
    bbox: Box | None
    runtime: str
    seconds: float
