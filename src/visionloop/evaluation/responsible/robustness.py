"""How quality falls when light, lens, sensor or storage damage the images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from visionloop.evaluation.responsible.entities import RobustnessRow
from visionloop.evaluation.responsible.gaps import measure_quality

Pixels = NDArray[np.uint8]
Judge = Callable[[Sequence[Pixels]], NDArray[np.float64]]
"""Maps damaged pictures, in the order of the sources, to the quality of each, (N,)."""


def measure_robustness(
    sources: Sequence[Pixels],
    keys: Sequence[str],
    judge: Judge,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[RobustnessRow, ...]:
    """Judge the same images under 12 corruptions at 3 severities; the first row is undamaged.

    Args:
        sources: N decoded photos, (H, W, 3) uint8 each.
        keys: N seeds of the damage, for example image ids.
        judge: scores damaged photos.
        on_progress: called with the share done; may raise to stop.
    """
    clean = measure_quality(judge(sources))
    rows = [RobustnessRow("none", 0, clean, 0.0)]
    grid = list(product(CORRUPTIONS, SEVERITIES))
    for done, (name, severity) in enumerate(grid):
        damaged = [
            corrupt(source, name, severity, key=key)
            for source, key in zip(sources, keys, strict=True)
        ]
        quality = measure_quality(judge(damaged))
        rows.append(RobustnessRow(name, severity, quality, clean.value - quality.value))
        if on_progress:
            on_progress((done + 1) / len(grid))
    return tuple(rows)
