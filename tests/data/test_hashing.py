"""Perceptual hashes and the groups they form."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.data.hashing import dhash, hamming, near_duplicate_groups, parse_hashes


def brute_force_groups(hashes: list[str], distance: int) -> list[int]:
    groups = list(range(len(hashes)))
    for i, first in enumerate(hashes):
        for j in range(i):
            if hamming(first, hashes[j]) <= distance:
                old, new = groups[i], groups[j]
                groups = [new if group == old else group for group in groups]
    order: dict[int, int] = {}
    return [order.setdefault(group, len(order)) for group in groups]


def clustered_hashes(count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2**63, count // 4, dtype=np.uint64)
    values = [int(value) for value in rng.choice(centres, count)]
    flips = rng.integers(0, 64, (count, 3))
    return [
        f"{value ^ (1 << int(a)) ^ (1 << int(b)) ^ (1 << int(c)):016x}"
        for value, (a, b, c) in zip(values, flips, strict=True)
    ]


def test_hash_survives_noise_and_resizing() -> None:
    rng = np.random.default_rng(0)
    smooth = np.kron(rng.integers(0, 256, (8, 9, 3)), np.ones((60, 70, 1)))
    noisy = np.clip(smooth + rng.normal(0, 4, smooth.shape), 0, 255)
    original = dhash(smooth.astype(np.uint8))
    assert len(original) == 16
    assert hamming(original, dhash(noisy.astype(np.uint8))) <= 4
    assert hamming(original, dhash(smooth[::2, ::2].astype(np.uint8))) <= 4
    assert hamming(original, dhash(smooth[:, ::-1].astype(np.uint8))) > 20


def test_hash_of_tiny_image() -> None:
    assert dhash(np.zeros((1, 1, 3), dtype=np.uint8)) == "0" * 16


@pytest.mark.parametrize("distance", [0, 4, 8])
def test_groups_match_brute_force(distance: int) -> None:
    hashes = clustered_hashes(160, seed=distance)
    assert near_duplicate_groups(hashes, distance).tolist() == brute_force_groups(hashes, distance)


def test_banded_search_equals_all_pairs() -> None:
    hashes = clustered_hashes(6000, seed=9)
    values = parse_hashes(hashes)
    groups = near_duplicate_groups(hashes, 4)
    for index in np.random.default_rng(1).choice(6000, 200, replace=False):
        close = np.bitwise_count(values ^ values[index]) <= 4
        assert len(set(groups[close])) == 1


def test_no_hashes_no_groups() -> None:
    assert near_duplicate_groups([]).shape == (0,)
