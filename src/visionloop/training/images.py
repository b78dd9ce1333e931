"""Decode the photos of a dataset version once, into one array that every epoch reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_for
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.training.errors import DatasetUnfit

_CHUNK = 256

OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class ImageSet:
    """Decoded images with what is known about them.

    Attributes:
        pixels: (N, H, W, 3) uint8, memory-mapped: the system keeps in memory what fits.
        examples: N, with their labels.
    """

    pixels: NDArray[np.uint8]
    examples: tuple[Example, ...]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.examples)


def decode_examples(
    examples: Sequence[Example],
    preprocessing: Preprocessing,
    *,
    path: Path,
    num_threads: int = 2,
    on_progress: OnProgress | None = None,
) -> tuple[ImageSet, tuple[str, ...]]:
    """Decode examples into a file of pixels.

    Args:
        examples: what to decode.
        preprocessing: of the model.
        path: file that is written and mapped.
        num_threads: decoders that work at the same time.
        on_progress: called with the share done; may raise to stop.

    Returns:
        The decoded images, and the ids of unreadable files, which are left out.

    Raises:
        DatasetUnfit: not one file can be read.
    """
    shape = (len(examples), preprocessing.height, preprocessing.width, 3)
    pixels = np.memmap(path, dtype=np.uint8, mode="w+", shape=shape)
    kept: list[Example] = []
    unreadable: list[str] = []
    with ThreadPoolExecutor(num_threads) as pool:
        for start in range(0, len(examples), _CHUNK):
            chunk = examples[start : start + _CHUNK]
            decoded = pool.map(lambda example: _decode(example, preprocessing), chunk)
            for example, image in zip(chunk, decoded, strict=True):
                if image is None:
                    unreadable.append(example.image_id)
                else:
                    pixels[len(kept)] = image
                    kept.append(example)
            if on_progress:
                on_progress(min(1.0, (start + _CHUNK) / len(examples)))
    if not kept:
        raise DatasetUnfit("not one of its image files can be read", unreadable=unreadable[:20])
    return ImageSet(pixels[: len(kept)], tuple(kept)), tuple(unreadable)


def _decode(example: Example, preprocessing: Preprocessing) -> NDArray[np.uint8] | None:
    try:
        return decode_for(example.read(), preprocessing)
    except (NotAnImage, ImageTooLarge, OSError):
        return None
