"""Corruptions: named, seeded, and of growing damage."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.evaluation.corruptions import CORRUPTIONS, corrupt


def _photo(side: int = 64) -> np.ndarray:
    random = np.random.default_rng(0)
    coarse = random.integers(30, 220, (8, 8, 3)).astype(np.uint8)
    blocks = np.repeat(np.repeat(coarse, side // 8, axis=0), side // 8, axis=1)
    return (blocks + random.integers(-20, 20, blocks.shape)).astype(np.uint8)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_damage_is_reproducible_and_grows(name: str):
    photo = _photo()
    mild = corrupt(photo, name, 1, key="a")
    assert mild.dtype == np.uint8
    assert mild.shape == photo.shape
    assert (corrupt(photo, name, 1, key="a") == mild).all()
    damage = [
        np.mean([np.abs(corrupt(photo, name, s, key=key).astype(int) - photo) for key in "abcdef"])
        for s in (1, 2, 3)
    ]
    assert 0.5 < damage[0] < damage[1] < damage[2]


def test_noise_differs_from_image_to_image():
    photo = _photo()
    assert (corrupt(photo, "noise", 1, key="a") != corrupt(photo, "noise", 1, key="b")).any()
