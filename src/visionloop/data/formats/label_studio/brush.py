"""The run-length text of Label Studio's brush: bits that pack the RGBA bytes of a mask.

The packing is that of the thi.ng "rle-pack" library: a 32-bit count of values, 5 bits for the
width of a value, four 4-bit widths of run lengths, then blocks of one flag bit (a run of equal
values, or a list of values), 2 bits that choose the width of the length, the length, and the
values. Every number but the first is stored less one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.data.formats.masks import runs

_CHANNELS: Final = 4
_WIDTHS: Final = (3, 4, 8, 16)
_WORD: Final = 8


def unpack(data: Sequence[int], height: int, width: int) -> NDArray[np.bool_]:
    """Return a brush text as a (height, width) mask.

    Raises:
        ValueError: it does not describe an image of this size.
    """
    bits = np.unpackbits(np.asarray(data, dtype=np.uint8))
    reader = _Bits(bits)
    total, word = reader.take(32), reader.take(5) + 1
    widths = [reader.take(4) + 1 for _ in range(4)]
    if total != height * width * _CHANNELS:
        raise ValueError(f"{total} values are no RGBA image of {width} x {height}")
    values = np.zeros(total, dtype=np.uint8)
    place = 0
    while place < total:
        is_run = reader.take(1)
        length = reader.take(widths[reader.take(2)]) + 1
        if is_run:
            values[place : place + length] = reader.take(word) & 0xFF
        else:
            values[place : place + length] = [reader.take(word) & 0xFF for _ in range(length)]
        place += length
    # Label Studio draws with its colour and keeps the mask in the opacity.
    return values.reshape(height, width, _CHANNELS)[:, :, 3] > 0


def pack(mask: NDArray[np.bool_]) -> list[int]:
    """Return a (height, width) mask as brush text."""
    flat = np.asarray(mask, dtype=bool).reshape(-1)
    pieces = [_bits(flat.size * _CHANNELS, 32), _bits(_WORD - 1, 5)]
    pieces += [_bits(width - 1, 4) for width in _WIDTHS]
    for number, length in enumerate(runs(flat)):
        left = length * _CHANNELS
        while left > 0:
            now = min(left, 1 << _WIDTHS[3])
            choice = next(i for i, width in enumerate(_WIDTHS) if now <= 1 << width)
            value = 255 if number % 2 else 0
            pieces.append(
                "1" + _bits(choice, 2) + _bits(now - 1, _WIDTHS[choice]) + _bits(value, _WORD)
            )
            left -= now
    text = "".join(pieces)
    text += "0" * (-len(text) % 8)
    return [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]


class _Bits:
    """Reads numbers off a row of bits."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self._text = "".join(map(str, bits.tolist()))
        self._place = 0

    def take(self, count: int) -> int:
        """Return the number in the next bits."""
        chunk = self._text[self._place : self._place + count]
        if len(chunk) < count:
            raise ValueError("the brush text ends too early")
        self._place += count
        return int(chunk, 2)


def _bits(value: int, count: int) -> str:
    return format(value, f"0{count}b")
