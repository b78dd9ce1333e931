"""The regions that a segmenter saw, in a form that travels as JSON."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.data.preprocessing import Preprocessing


@dataclass(frozen=True)
class FoundRegions:
    """A label map and how much of it each class covers.

    Attributes:
        mask: (h, w) uint8, 0 for the background, i + 1 for class i; the whole picture at the
            model's resolution, without what a letterbox adds.
        shares: class -> share of the pixels; classes that are nowhere are left out.
    """

    mask: NDArray[np.uint8]
    shares: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return its JSON form; the map is a PNG whose pixel values are class numbers."""
        buffer = io.BytesIO()
        PillowImage.fromarray(self.mask).save(buffer, "PNG")
        height, width = self.mask.shape
        png = base64.b64encode(buffer.getvalue()).decode()
        return {"shares": self.shares, "mask": {"width": width, "height": height, "png": png}}


def read_regions(
    mask: NDArray[np.uint8],
    *,
    preprocessing: Preprocessing,
    size: tuple[int, int],
    labels: Sequence[str],
) -> FoundRegions:
    """Cut a (H, W) label map of the model's input to the picture in it.

    Args:
        mask: of the model.
        preprocessing: that the picture went through.
        size: (height, width) of the whole upright picture.
        labels: class names in index order.
    """
    placement = preprocessing.placement(*size)
    picture = np.array([[0.0, 0.0, size[1], size[0]]])
    limits = np.array([mask.shape[1], mask.shape[0]] * 2)
    x1, y1, x2, y2 = np.clip(np.round(placement.to_input(picture)[0]), 0, limits).astype(int)
    inner = np.ascontiguousarray(mask[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)])
    counts = np.bincount(inner.ravel(), minlength=len(labels) + 1)[1:]
    shares = {
        label: round(float(count) / inner.size, 4)
        for label, count in zip(labels, counts, strict=False)
        if count
    }
    return FoundRegions(inner, shares)
