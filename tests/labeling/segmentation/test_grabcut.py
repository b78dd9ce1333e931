from __future__ import annotations

import numpy as np
import pytest

from visionloop.labeling.segmentation.entities import SegmentPrompt
from visionloop.labeling.segmentation.grabcut import GrabCut, cut


def _scene(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A disk of 35 pixels on ground of another colour, both noisy; and where it is."""
    rng = np.random.default_rng(seed)
    ys, xs = np.mgrid[:160, :200] + 0.5
    disk = (xs - 90) ** 2 + (ys - 80) ** 2 < 35**2
    image = np.where(disk[..., None], (190, 120, 70), (90, 110, 140)) + rng.normal(
        0, 22, (160, 200, 3)
    )
    return np.clip(image, 0, 255).astype(np.uint8), disk


def _iou(sure: np.ndarray, window: tuple[float, ...], truth: np.ndarray) -> float:
    x1, y1, x2, y2 = (int(value) for value in window)
    ys = np.linspace(0, sure.shape[0] - 1, y2 - y1).round().astype(int)
    xs = np.linspace(0, sure.shape[1] - 1, x2 - x1).round().astype(int)
    found = np.zeros(truth.shape, dtype=bool)
    found[y1:y2, x1:x2] = sure[ys][:, xs] > 0.5
    return float((found & truth).sum() / (found | truth).sum())


def test_a_box_is_enough_for_an_object_that_stands_out() -> None:
    image, disk = _scene()
    prompt = SegmentPrompt(box=(50, 40, 130, 120))
    sure, window = GrabCut().segment(image, prompt, key="a")
    assert _iou(sure, window, disk) > 0.9


def test_one_click_finds_it_too() -> None:
    image, disk = _scene()
    sure, window = GrabCut().segment(image, SegmentPrompt(inside=((90, 80),)), key="a")
    assert _iou(sure, window, disk) > 0.8


def test_a_large_image_is_searched_scaled_down() -> None:
    image, disk = _scene()
    large = image.repeat(6, axis=0).repeat(6, axis=1)
    prompt = SegmentPrompt(box=(300, 240, 780, 720))
    sure, window = GrabCut().segment(large, prompt, key="a")
    assert max(sure.shape) <= 192
    assert _iou(sure, window, disk.repeat(6, axis=0).repeat(6, axis=1)) > 0.85


def test_what_is_certain_stays_certain() -> None:
    image, disk = _scene()
    inside, outside = np.zeros(disk.shape, dtype=bool), np.zeros(disk.shape, dtype=bool)
    inside[5:9, 5:9] = True
    outside[:, 150:] = True
    mask = cut(image.astype(float), inside, outside)
    assert mask[inside].all()
    assert not mask[outside].any()


@pytest.mark.parametrize("value", [0, 128])
def test_a_flat_image_gives_something_and_does_not_fail(value: int) -> None:
    image = np.full((40, 40, 3), value, dtype=np.uint8)
    sure, _ = GrabCut().segment(image, SegmentPrompt(box=(10, 10, 30, 30)), key="a")
    assert set(np.unique(sure)) <= {0.0, 1.0}
