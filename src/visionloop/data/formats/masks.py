"""COCO run-length masks: column by column, background first, as counts or as their text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.kernel.geometry import Box

Rle = Mapping[str, Any]


def counts_of(rle: Rle) -> list[int]:
    """Return the run lengths of a mask, whichever way they are written.

    Raises:
        ValueError: the text is cut short.
    """
    counts = rle["counts"]
    if isinstance(counts, bytes):
        return _unpack(counts.decode("ascii"))
    return _unpack(counts) if isinstance(counts, str) else [int(value) for value in counts]


def pack(counts: Iterable[int]) -> str:
    """Write run lengths as COCO's text: six bits a character, from the third on as differences."""
    values = list(counts)
    text: list[str] = []
    for i, count in enumerate(values):
        rest = count - values[i - 2] if i > 2 else count
        more = True
        while more:
            chunk = rest & 0x1F
            rest >>= 5
            more = rest != -1 if chunk & 0x10 else rest != 0
            text.append(chr((chunk | 0x20 if more else chunk) + 48))
    return "".join(text)


def _unpack(text: str) -> list[int]:
    counts: list[int] = []
    place = 0
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            if place >= len(text):
                raise ValueError("the run lengths end in the middle of a number")
            chunk = ord(text[place]) - 48
            value |= (chunk & 0x1F) << shift
            more = bool(chunk & 0x20)
            place += 1
            shift += 5
            if not more and chunk & 0x10:
                value |= -1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts


def decode(rle: Rle) -> NDArray[np.bool_]:
    """Return the mask as (height, width) booleans.

    Raises:
        ValueError: the runs do not cover the image.
    """
    height, width = (int(value) for value in rle["size"])
    counts = counts_of(rle)
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise ValueError(f"the runs cover {sum(counts)} of {height * width} pixels")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(width, height).T


def encode(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the run-length mask of (height, width) booleans, with counts as a list."""
    flat = np.asarray(mask, dtype=bool).T.reshape(-1)
    return {"size": list(mask.shape), "counts": runs(flat)}


def runs(flat: NDArray[np.bool_]) -> list[int]:
    """Return the lengths of equal runs, the first of them False and maybe of length 0."""
    if flat.size == 0:
        return []
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths = np.diff(np.concatenate(([0], changes, [flat.size]))).tolist()
    return [0, *lengths] if flat[0] else lengths


def area(rle: Rle) -> int:
    """Return the number of pixels in the mask."""
    return sum(counts_of(rle)[1::2])


def bounds(rle: Rle) -> Box | None:
    """Return the box around the mask, None when it is empty."""
    height = int(rle["size"][0])
    if height == 0:
        return None
    ends = np.cumsum(counts_of(rle))
    starts, stops = ends[0::2][: len(ends) // 2], ends[1::2]
    kept = stops > starts
    starts, lasts = starts[kept], stops[kept] - 1
    if starts.size == 0:
        return None
    left, right = int(starts[0]) // height, int(lasts[-1]) // height
    # A run that goes on into the next column touches the bottom of one and the top of the next.
    across = bool(np.any(starts // height != lasts // height))
    top = 0 if across else int(np.min(starts % height))
    bottom = height - 1 if across else int(np.max(lasts % height))
    return (float(left), float(top), float(right + 1), float(bottom + 1))
