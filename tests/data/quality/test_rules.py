from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from visionloop.data.entities import Annotation, Image
from visionloop.data.quality import rules
from visionloop.data.statistics import measure_image


def _kinds(pixels: np.ndarray[Any, Any]) -> set[str]:
    return {kind for kind, _, _ in rules.check_looks(measure_image(pixels).tolist())}


def _box(name: str, *box: float, category: str = "nut") -> Annotation:
    return Annotation(name, "image", category, "box", bbox=(box[0], box[1], box[2], box[3]))


def _found(*annotations: Annotation) -> list[tuple[str, str | None]]:
    return [(item.kind, item.annotation_id) for item in rules.check_labels(annotations, 100, 80)]


def test_looks_are_flagged_by_absolute_bounds() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert "dark" in _kinds((noise * 0.2).astype(np.uint8))
    assert "light" in _kinds((250 + noise / 64).astype(np.uint8))
    assert {"blurry", "low-information"} <= _kinds(np.full((64, 64, 3), 120, np.uint8))
    assert "odd-aspect" in _kinds(noise[:20])
    assert _kinds(noise) == set()


def test_outliers_are_measured_against_the_rest() -> None:
    random = np.random.default_rng(1)
    statistics = random.uniform(90, 110, (200, 14))
    statistics[:, 12] = 1.0  # does not vary, so it tells nothing
    statistics[7, 3] = 200.0
    z = rules.robust_z(statistics)
    assert np.flatnonzero(np.abs(z).max(axis=1) > rules.OUTLIER_Z).tolist() == [7]
    text, score = rules.describe_outlier(z[7], statistics[7].tolist())
    assert text.startswith("blue mean is 200")
    assert 0.5 < score < 1
    assert not rules.robust_z(statistics[:10]).any()


def test_boxes_that_cannot_be_right() -> None:
    assert _found(_box("a", 1, 1, 50, 50)) == []
    assert _found(_box("a", -5, 1, 50, 50), _box("b", 1, 1, 100.5, 50)) == [("box-outside", "a")]
    assert _found(_box("a", 10, 10, 10, 30)) == [("box-empty", "a")]
    assert _found(_box("a", 10, 10, 12, 30)) == [("box-tiny", "a")]


def test_doubled_boxes_are_the_later_ones_of_a_class() -> None:
    first, second = _box("a", 10, 10, 50, 50), _box("b", 10, 10, 50.5, 50)
    assert _found(first, second, _box("c", 10, 10, 50, 51)) == [
        ("box-duplicate", "b"),
        ("box-duplicate", "c"),
    ]
    assert _found(first, _box("b", 10, 10, 50, 50, category="bolt")) == []
    assert _found(first, _box("b", 14, 10, 50, 50), _box("c", 60, 10, 90, 50)) == []


@pytest.mark.parametrize(
    ("outline", "crosses"),
    [
        ([0, 0, 10, 0, 10, 10, 0, 10], False),
        ([0, 0, 10, 10, 10, 0, 0, 10], True),  # a bow tie
        ([0, 0, 10, 0, 10, 10, 5, 2, 0, 10], False),  # a notch
        ([0, 0, 10, 0, 10, 10, 5, -2, 0, 10], True),  # the notch goes through
        ([0, 0, 10, 0, 5, 5], False),
        ([0, 0, 10, 0, 10, 0, 10, 10, 0, 10], False),  # a corner twice
    ],
)
def test_outlines_that_cross_themselves(outline: list[float], crosses: bool) -> None:
    assert rules.crosses_itself(outline) is crosses
    polygon = Annotation("p", "image", "nut", "polygon", segmentation=[outline])
    assert [item.kind for item in rules.check_labels([polygon], 100, 80)] == (
        ["polygon-crossing"] if crosses else []
    )


def test_labels_are_mended() -> None:
    labels = (_box("a", -5, 1, 50, 50), _box("b", 10, 10, 10, 30), _box("c", 200, 1, 250, 50))
    size = (100, 80)
    clipped = rules.mend_labels(labels, "box-outside", "a", size=size)
    assert clipped[0] == replace(labels[0], bbox=(0.0, 1.0, 50.0, 50.0))
    assert clipped[1:] == labels[1:]
    assert rules.mend_labels(labels, "box-empty", "b", size=size) == (labels[0], labels[2])
    # A box wholly outside has nothing left after clipping.
    assert rules.mend_labels(labels, "box-outside", "c", size=size) == labels[:2]
    assert rules.mend_labels(labels, "box-outside", "gone", size=size) == labels


def test_classes_without_images_and_rare_ones() -> None:
    found = rules.check_classes({"nut": 100, "bolt": 9, "gear": 10, "screw": 0})
    assert [(item.kind, item.category) for item in found] == [
        ("class-rare", "bolt"),
        ("class-empty", "screw"),
    ]
    assert rules.check_classes({}) == []


def test_rare_pixel_modes_and_rotation() -> None:
    usual = rules.usual_modes({"RGB": 90, "L": 9, "CMYK": 1})
    assert usual == {"RGB"}
    assert rules.usual_modes({"RGB": 60, "L": 40}) == {"RGB", "L"}
    image = Image(
        id="a", project="parts", uri="blob://a", datastore=None, name="a.jpg", width=10, height=10,
        mode="CMYK", format="JPEG", size_bytes=1, exif={"Orientation": 6}, statistics=None,
        dhash="0" * 16, group_key=None, origin="ingest", metadata={}, status="active",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert [kind for kind, _ in rules.check_file_facts(image, usual)] == ["odd-mode", "rotated"]
    upright = replace(image, mode="RGB", exif={"Orientation": 1})
    assert list(rules.check_file_facts(upright, usual)) == []
