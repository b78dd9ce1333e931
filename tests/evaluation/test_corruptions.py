"""Corruptions: named, seeded, and of growing damage."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.evaluation.corruptions import CORRUPTIONS, corrupt


def _photo(side: int = 64) -> np.ndarray:
    random = np.random.default_rng(0)
    coarse = random.integers(30, 220, (8, 8, 3)).astype(np.uint8)
    return np.repeat(np.repeat(coarse, side // 8, axis=0), side // 8, axis=1)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_damage_is_reproducible_and_grows(name: str):
    photo = _photo()
    mild, strong = (corrupt(photo, name, severity, key="a") for severity in (1, 2))
    assert mild.dtype == np.uint8
    assert mild.shape == photo.shape
    assert (corrupt(photo, name, 1, key="a") == mild).all()
    damage = [np.abs(image.astype(int) - photo).mean() for image in (mild, strong)]
    assert 0.5 < damage[0] < damage[1]


def test_noise_differs_from_image_to_image():
    photo = _photo()
    assert (corrupt(photo, "noise", 1, key="a") != corrupt(photo, "noise", 1, key="b")).any()
