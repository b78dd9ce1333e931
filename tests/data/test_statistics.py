"""Statistics of images against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.data.statistics import NUM_STATISTICS, STATISTIC_NAMES, measure_image


def measured(image: np.ndarray) -> dict[str, float]:
    return dict(zip(STATISTIC_NAMES, map(float, measure_image(image)), strict=True))


def test_there_are_fourteen_named_statistics() -> None:
    assert NUM_STATISTICS == len(set(STATISTIC_NAMES)) == 14


def test_small_image_matches_definitions() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    values = measured(image)
    pixels = image.reshape(-1, 3).astype(np.float64)
    luminance = np.floor(pixels @ (0.299, 0.587, 0.114) + 0.5)
    assert values["red_mean"] == pytest.approx(pixels[:, 0].mean(), rel=1e-4)
    assert values["blue_mean"] == pytest.approx(pixels[:, 2].mean(), rel=1e-4)
    assert values["green_std"] == pytest.approx(pixels[:, 1].std(), rel=1e-3)
    assert values["luminance_mean"] == pytest.approx(luminance.mean(), abs=0.05)
    assert values["luminance_std"] == pytest.approx(luminance.std(), rel=1e-2)
    assert values["luminance_p01"] == pytest.approx(np.percentile(luminance, 1), abs=2)
    assert values["luminance_p99"] == pytest.approx(np.percentile(luminance, 99), abs=2)
    assert values["aspect"] == pytest.approx(1.5)
    assert values["area"] == 5400


def test_flat_image_has_no_detail() -> None:
    values = measured(np.full((200, 300, 3), 128, dtype=np.uint8))
    assert values["luminance_mean"] == 128
    for name in ("luminance_std", "red_std", "entropy", "laplacian_variance"):
        assert values[name] == pytest.approx(0.0, abs=1e-3)


def test_blur_lowers_detail() -> None:
    sharp = np.random.default_rng(1).integers(0, 256, (480, 640, 3)).astype(np.float64)
    blurred = sum(np.roll(sharp, (dy, dx), (0, 1)) for dy in range(3) for dx in range(3)) / 9
    before, after = measured(sharp.astype(np.uint8)), measured(blurred.astype(np.uint8))
    assert after["laplacian_variance"] < before["laplacian_variance"] / 5


@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (3, 3), (1, 4000), (3024, 3024)])
def test_any_shape_is_measured(shape: tuple[int, int]) -> None:
    values = measure_image(np.zeros((*shape, 3), dtype=np.uint8))
    assert values.shape == (14,)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
