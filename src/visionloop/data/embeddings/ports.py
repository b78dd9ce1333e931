"""What embedding images needs from a model; a package and a checkpoint both offer it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns image files into vectors."""

    def prepare(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a file to the pixels that the model reads, (H, W, 3) uint8 RGB.

        Raises:
            NotAnImage, ImageTooLarge: the bytes are no usable image.
        """

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the (N, D) vectors of (N, H, W, 3) pixels, of any length."""
