"""The JSON form of a Responsible AI report; saliency maps become small grids."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.evaluation.responsible.entities import ResponsibleReport

GRID = 28


def report_to_dict(report: ResponsibleReport) -> dict[str, Any]:
    """Return the JSON form of a report."""
    told = asdict(report)
    for explanation in told["explanations"]:
        explanation["saliency"] = shrink_saliency(explanation["saliency"])
    return told


def shrink_saliency(saliency: NDArray[np.float32], side: int = GRID) -> list[list[float]]:
    """Return a saliency map as a square grid of numbers in [0, 1], row by row."""
    picture = PillowImage.fromarray(saliency).resize((side, side), PillowImage.Resampling.BOX)
    grid = np.clip(np.asarray(picture, dtype=np.float64), 0.0, 1.0)
    return [[round(float(value), 3) for value in row] for row in grid]
