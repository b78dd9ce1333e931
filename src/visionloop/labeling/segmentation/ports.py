"""What a segmentation runtime offers; built-ins and plugins alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from visionloop.kernel.geometry import Box
from visionloop.labeling.segmentation.entities import SegmentPrompt


class Segmenter(Protocol):
    """Finds the object that a person points at; plugins of ``visionloop.runtimes`` open one."""

    def segment(
        self, image: NDArray[np.uint8], prompt: SegmentPrompt, *, key: str
    ) -> tuple[NDArray[np.float64], Box]:
        """Return how sure each cell of a window is the object.

        Args:
            image: (H, W, 3) uint8 RGB, upright.
            prompt: box and clicks in pixels of the image.
            key: names the image, so that work on it can be kept for the next click.

        Returns:
            (h, w) float64 in [0, 1], and xyxy of the window that it spans, in pixels of the image.
        """
        ...


OpenSegmenter = Callable[[Mapping[str, Any]], Segmenter]
"""What an entry point of ``visionloop.runtimes`` names: options of the project to a segmenter."""
