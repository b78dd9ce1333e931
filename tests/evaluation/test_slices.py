"""Slices: real weaknesses are found, chance is not reported."""

from __future__ import annotations

import numpy as np

from visionloop.data.statistics import NUM_STATISTICS
from visionloop.evaluation.entities import Example
from visionloop.evaluation.slices import find_slices, slice_attributes


def _examples(count: int, seed: int = 0) -> list[Example]:
    random = np.random.default_rng(seed)
    return [
        Example(
            image_id=f"image{row}",
            label="nut",
            read=lambda: b"",
            attributes={"camera": "left" if row % 3 else "right", "shift": float(random.random())},
            statistics=tuple(random.random(NUM_STATISTICS)),
        )
        for row in range(count)
    ]


def test_a_weak_camera_is_found_and_stands_first():
    examples = _examples(300)
    random = np.random.default_rng(1)
    right = np.array([item.attributes["camera"] == "right" for item in examples])
    correct = random.random(300) < np.where(right, 0.6, 0.95)
    worst = find_slices(examples, correct)[0]
    assert (worst.attribute, worst.value) == ("camera", "right")
    assert worst.is_weak
    assert worst.gap.high < 0
    assert worst.support == 100


def test_weakness_by_an_image_statistic_is_found():
    examples = _examples(300)
    dark = np.array([item.statistics[0] < 0.33 for item in examples if item.statistics])
    worst = find_slices(examples, ~dark | (np.arange(300) % 2 == 0))[0]
    assert (worst.attribute, worst.value, worst.is_weak) == ("luminance_mean", "low", True)


def test_chance_is_rarely_called_a_weakness():
    alarms = 0
    for seed in range(40):
        correct = np.random.default_rng(100 + seed).random(200) < 0.9
        alarms += any(item.is_weak for item in find_slices(_examples(200, seed), correct))
    assert alarms <= 5


def test_slices_with_few_images_are_left_out():
    examples = _examples(45)
    found = find_slices(examples, np.ones(45, dtype=bool), min_support=20)
    assert all(item.attribute != "camera" for item in found)


def test_attributes_are_the_camera_and_plain_values():
    exif = {"Model": "iPhone 7", "Orientation": 6}
    metadata = {"line": 3, "nested": {"a": 1}, "shift": "night"}
    assert slice_attributes(exif, metadata) == {"camera": "iPhone 7", "line": 3, "shift": "night"}
