from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visionloop.data.entities import AnnotationDraft, AnnotationKind
from visionloop.data.formats import masks
from visionloop.kernel.geometry import Box
from visionloop.labeling.agreement.regions import bounds_of, similarity


def _box(*box: float) -> AnnotationDraft:
    return AnnotationDraft("nut", "box", bbox=(box[0], box[1], box[2], box[3]))


def _area(kind: AnnotationKind, *points: float) -> AnnotationDraft:
    return AnnotationDraft("nut", kind, segmentation=[list(points)])


def _mask(box: Box, size: tuple[int, int] = (60, 80)) -> AnnotationDraft:
    pixels = np.zeros(size, dtype=bool)
    pixels[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])] = True
    return AnnotationDraft("nut", "mask", segmentation=masks.encode(pixels))


def _square(kind: AnnotationKind, x1: float, y1: float, x2: float, y2: float) -> AnnotationDraft:
    if kind == "box":
        return _box(x1, y1, x2, y2)
    if kind == "mask":
        return _mask((x1, y1, x2, y2))
    return _area(kind, x1, y1, x2, y1, x2, y2, x1, y2)


KINDS: list[AnnotationKind] = ["box", "rotated_box", "polygon", "mask"]


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_areas_compare_in_any_mixture(first: AnnotationKind, second: AnnotationKind) -> None:
    one = _square(first, 10, 10, 30, 30)
    half = _square(second, 20, 10, 40, 30)
    apart = _square(second, 50, 40, 60, 50)
    assert similarity(one, half) == pytest.approx(1 / 3, abs=0.01)
    assert similarity(one, _square(second, 10, 10, 30, 30)) == pytest.approx(1, abs=0.01)
    assert similarity(one, apart) == 0


def test_a_diamond_covers_half_of_its_box() -> None:
    diamond = _area("rotated_box", 20, 0, 40, 20, 20, 40, 0, 20)
    assert similarity(diamond, _box(0, 0, 40, 40)) == pytest.approx(0.5, abs=0.01)


def test_a_polygon_of_two_parts_is_one_area() -> None:
    parts = AnnotationDraft(
        "nut",
        "polygon",
        segmentation=[[0, 0, 10, 0, 10, 20, 0, 20], [10, 0, 20, 0, 20, 20, 10, 20]],
    )
    assert similarity(parts, _box(0, 0, 20, 20)) == pytest.approx(1, abs=0.02)


def test_lines_are_alike_whichever_way_they_were_drawn() -> None:
    line = _area("polyline", 0, 0, 50, 0, 100, 0)
    back = _area("polyline", 100, 0, 0, 0)
    near = _area("polyline", 0, 8, 100, 8)
    assert similarity(line, back) == pytest.approx(1)
    assert similarity(line, near) == pytest.approx(math.exp(-0.5), abs=0.01)
    assert similarity(line, _area("polyline", 0, 90, 100, 90)) < 0.01


def _points(*points: tuple[float, float, int]) -> AnnotationDraft:
    return AnnotationDraft(
        "nut", "keypoints", bbox=(0, 0, 100, 100), keypoints=[list(point) for point in points]
    )


def test_keypoints_compare_as_coco_does() -> None:
    both = _points((10, 10, 2), (90, 90, 2))
    assert similarity(both, both) == 1
    moved = _points((25, 10, 2), (90, 90, 2))  # 15 pixels are one standard deviation
    assert similarity(both, moved) == pytest.approx((math.exp(-0.5) + 1) / 2)
    assert similarity(both, _points((10, 10, 2), (0, 0, 0))) == 0.5
    assert similarity(both, _points((10, 10, 2))) == 0
    assert similarity(both, _box(0, 0, 100, 100)) == 0


BOXES = st.tuples(
    st.integers(0, 40), st.integers(0, 30), st.integers(2, 39), st.integers(2, 29)
).map(lambda v: (float(v[0]), float(v[1]), float(v[0] + v[2]), float(v[1] + v[3])))


@given(BOXES, BOXES, st.sampled_from(KINDS), st.sampled_from(KINDS))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_likeness_is_symmetric_and_follows_the_exact_overlap(
    one: Box, two: Box, first: AnnotationKind, second: AnnotationKind
) -> None:
    a, b = _square(first, *one), _square(second, *two)
    exact = similarity(_box(*one), _box(*two))
    assert similarity(a, b) == pytest.approx(similarity(b, a), abs=1e-9)
    assert similarity(a, b) == pytest.approx(exact, abs=0.03)
    assert bounds_of(a) == pytest.approx(one)
