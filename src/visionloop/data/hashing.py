"""Perceptual hashes: find images that look the same although their bytes differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

NEAR_DUPLICATE_DISTANCE: Final = 4
_ROWS, _COLUMNS, _SAMPLES = 8, 9, 5
_BRUTE_FORCE_LIMIT: Final = 2048
_CHUNK: Final = 512
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def dhash(rgb: NDArray[np.uint8]) -> str:
    """Hash an image by the signs of its horizontal brightness steps (difference hash).

    The picture is averaged down to 8 rows of 9 cells from a 40 x 45 sample; bit k tells
    whether cell k is darker than its right neighbour. Resizing, recompression and mild
    light changes move few bits.

    Args:
        rgb: (H, W, 3) uint8, upright.

    Returns:
        64 bits as 16 hexadecimal digits.
    """
    height, width = rgb.shape[:2]
    rows = _centres(height, _ROWS * _SAMPLES)
    columns = _centres(width, _COLUMNS * _SAMPLES)
    sample = rgb.take(rows, axis=0).take(columns, axis=1).reshape(-1, 3).astype(np.float32) @ _LUMA
    cells = sample.reshape(_ROWS, _SAMPLES, _COLUMNS, _SAMPLES).sum(axis=3).sum(axis=1)
    bits = (cells[:, :-1] < cells[:, 1:]).ravel()
    return np.packbits(bits).tobytes().hex()


def _centres(side: int, count: int) -> NDArray[np.int64]:
    """Indices of `count` evenly spread pixels along a side of any length."""
    return (np.arange(count) * 2 + 1) * side // (2 * count)


def hamming(first: str, second: str) -> int:
    """Count the bits in which two hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def parse_hashes(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Turn hexadecimal hashes into (N,) uint64."""
    return np.fromiter((int(value, 16) for value in hashes), dtype=np.uint64, count=len(hashes))


def near_duplicate_groups(
    hashes: Sequence[str], max_distance: int = NEAR_DUPLICATE_DISTANCE
) -> NDArray[np.int64]:
    """Number the groups of images that look the same.

    Two images share a group when a chain of images, each at most `max_distance` bits
    from the next, joins them. Exact for any size: two hashes that differ in at most d
    bits must agree on one of d + 1 bands, so only images that share a band are compared.

    Args:
        hashes: N hashes made by `dhash`.
        max_distance: bits that two near-duplicates may differ in.

    Returns:
        (N,) int64 group numbers, counted from 0 in order of first appearance; an image
        without near-duplicates is alone in its group.
    """
    # Late, because every endpoint imports this module and scipy.sparse doubles its start.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not hashes:
        return np.empty(0, dtype=np.int64)
    values, inverse = np.unique(parse_hashes(hashes), return_inverse=True)
    left, right = _pairs(values, max_distance)
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(values),) * 2)
    _, components = connected_components(links, directed=False)
    return _number_by_appearance(components[inverse])


def close_pairs(values: NDArray[np.uint64], max_distance: int = NEAR_DUPLICATE_DISTANCE) -> Pairs:
    """Return every pair of different hashes that differ in at most ``max_distance`` bits.

    Args:
        values: (N,) uint64, no value twice.
        max_distance: bits that a pair may differ in.

    Returns:
        (P,) and (P,) indices into ``values``, the smaller first, each pair once.
    """
    if not len(values):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    left, right = _pairs(values, max_distance)
    once = np.unique(np.stack([left, right], axis=1), axis=0)
    return once[:, 0], once[:, 1]


def _pairs(values: NDArray[np.uint64], max_distance: int) -> Pairs:
    """Close pairs; one that agrees on several bands may come several times."""
    if len(values) <= _BRUTE_FORCE_LIMIT:
        return _close_pairs(values, np.arange(len(values)), max_distance)
    return _banded_pairs(values, max_distance)


def _close_pairs(values: NDArray[np.uint64], members: NDArray[np.int64], distance: int) -> Pairs:
    """Pairs among `members` that differ in at most `distance` bits."""
    chosen = values[members]
    lefts, rights = [], []
    for start in range(0, len(chosen), _CHUNK):
        block = chosen[start : start + _CHUNK, None] ^ chosen[None, start:]
        rows, columns = np.nonzero(np.bitwise_count(block) <= distance)
        later = columns > rows
        lefts.append(members[rows[later] + start])
        rights.append(members[columns[later] + start])
    return np.concatenate(lefts), np.concatenate(rights)


def _banded_pairs(values: NDArray[np.uint64], distance: int) -> Pairs:
    """Close pairs of many hashes, by comparing only those that agree on a band."""
    edges = np.linspace(0, 64, distance + 2).astype(np.int64)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for low, high in pairwise(edges):
        mask = np.uint64((1 << int(high - low)) - 1)
        band = (values >> np.uint64(low)) & mask
        order = np.argsort(band, kind="stable")
        cuts = np.flatnonzero(np.diff(band[order])) + 1
        for members in np.split(order, cuts):
            if len(members) > 1:
                left, right = _close_pairs(values, members, distance)
                lefts.append(left)
                rights.append(right)
    return np.concatenate(lefts), np.concatenate(rights)


def _number_by_appearance(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), dtype=np.int64)
    numbers[np.argsort(first)] = np.arange(len(first))
    return numbers[inverse]
