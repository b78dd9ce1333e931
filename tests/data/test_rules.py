from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visionloop.data.entities import AnnotationDraft
from visionloop.data.errors import AnnotationInvalid, MetadataInvalid, UnknownClasses
from visionloop.data.rules import (
    check_annotations,
    check_metadata,
    fit_box,
    status_after_save,
)


def test_metadata_becomes_what_every_store_can_hold() -> None:
    given_values = {"line": 3, "wet": True, "note": "a\x00b", "gone": None, "share": 0.5}
    assert check_metadata(given_values) == {"line": 3, "wet": "true", "note": "ab", "share": 0.5}


@pytest.mark.parametrize(
    "values", [{"a": [1]}, {"a": {"b": 1}}, {"a=b": 1}, {"a": float("nan")}, {"": 1}]
)
def test_nested_metadata_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(MetadataInvalid):
        check_metadata(values)


def checked(*drafts: AnnotationDraft, task: str = "detection") -> list[AnnotationDraft]:
    return check_annotations(drafts, task=task, classes=("bolt", "nut"), width=100, height=50)


def box(*corners: float, category: str = "bolt") -> AnnotationDraft:
    return AnnotationDraft(category, "box", bbox=corners)  # type: ignore[arg-type]


coordinates = st.floats(-200, 300, allow_nan=False)


@given(coordinates, coordinates, coordinates, coordinates)
def test_a_box_is_inside_the_image_or_refused(x1: float, y1: float, x2: float, y2: float) -> None:
    fitted, problem = fit_box((x1, y1, x2, y2), 100, 50)
    if fitted is None:
        assert problem
        return
    assert 0 <= fitted[0] < fitted[2] <= 100
    assert 0 <= fitted[1] < fitted[3] <= 50
    assert fit_box(fitted, 100, 50) == (fitted, None)


def test_a_box_over_the_border_is_cut() -> None:
    assert checked(box(-0.5, 10, 30, 60))[0].bbox == (0, 10, 30, 50)


@pytest.mark.parametrize(
    "corners", [(10, 10, 10, 20), (30, 10, 20, 20), (200, 10, 220, 20), (float("nan"), 0, 5, 5)]
)
def test_a_box_without_area_in_the_image_is_refused(corners: tuple[float, ...]) -> None:
    with pytest.raises(AnnotationInvalid):
        checked(box(*corners))


def test_unknown_classes_are_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownClasses, match=r"'screw'.*'bolt', 'nut'") as caught:
        checked(box(0, 0, 5, 5, category="screw"))
    assert caught.value.details == {"unknown": ["screw"], "known": ["bolt", "nut"]}


def test_a_classification_takes_one_class() -> None:
    one = AnnotationDraft("bolt", "class")
    assert checked(one, task="classification") == [one]
    with pytest.raises(AnnotationInvalid, match="one class"):
        checked(one, AnnotationDraft("nut", "class"), task="classification")


def test_several_classes_are_for_multilabel_projects() -> None:
    two = [AnnotationDraft("bolt", "class"), AnnotationDraft("nut", "class")]
    assert checked(*two, task="multilabel_classification") == two
    with pytest.raises(AnnotationInvalid, match="twice"):
        checked(two[0], two[0], task="multilabel_classification")


@pytest.mark.parametrize(
    ("task", "kind"),
    [("classification", "box"), ("detection", "class"), ("semantic_segmentation", "box")],
)
def test_a_kind_that_the_task_cannot_use_is_refused(task: str, kind: str) -> None:
    draft = AnnotationDraft("bolt", kind, bbox=(0, 0, 5, 5))  # type: ignore[arg-type]
    with pytest.raises(AnnotationInvalid, match=task):
        checked(draft, task=task)


def test_a_polygon_gets_the_box_around_it() -> None:
    draft = AnnotationDraft("bolt", "polygon", segmentation=[[5, 5, 20, 8, 10, 30]])
    assert checked(draft)[0].bbox == (5, 5, 20, 30)


@pytest.mark.parametrize(
    "shape", [None, [], [[1, 2, 3, 4]], [[1, 2, 3, 4, 5]], [["a"] * 6], {"x": 1}]
)
def test_a_malformed_polygon_is_refused(shape: Any) -> None:
    with pytest.raises(AnnotationInvalid):
        checked(AnnotationDraft("bolt", "polygon", segmentation=shape))


def test_keypoints_keep_their_box_and_hidden_points() -> None:
    points = [[10, 10, 2], [0, 0, 0], [30, 20, 1]]
    plain = checked(AnnotationDraft("bolt", "keypoints", keypoints=points))[0]
    assert plain.bbox == (10, 10, 30, 20)
    assert plain.keypoints == points
    boxed = AnnotationDraft("bolt", "keypoints", bbox=(0, 0, 60, 40), keypoints=points)
    assert checked(boxed)[0].bbox == (0, 0, 60, 40)


def test_any_shape_may_carry_keypoints() -> None:
    points = [[10, 10, 2], [0, 0, 0]]
    outline = AnnotationDraft(
        "bolt", "polygon", segmentation=[[5, 5, 20, 8, 10, 30]], keypoints=points
    )
    assert checked(outline)[0].keypoints == points
    assert checked(AnnotationDraft("bolt", "box", bbox=(1, 1, 9, 9), keypoints=points))


@pytest.mark.parametrize(
    ("points", "shape"),
    [(None, None), ([], None), ([[1, 2]], None), ([[1, 2, 3]], None), ([[1, 2, 2]], [[1, 2, 2]])],
)
def test_malformed_keypoints_are_refused(points: Any, shape: Any) -> None:
    with pytest.raises(AnnotationInvalid):
        checked(AnnotationDraft("bolt", "keypoints", segmentation=shape, keypoints=points))


def test_a_rotated_box_has_four_corners() -> None:
    corners = [20.0, 10.0, 40.0, 20.0, 30.0, 40.0, 10.0, 30.0]
    drawn = checked(AnnotationDraft("bolt", "rotated_box", segmentation=[corners]))[0]
    assert (drawn.segmentation, drawn.bbox) == ([corners], (10, 10, 40, 40))
    for wrong in ([corners[:6]], [corners, corners], None):
        with pytest.raises(AnnotationInvalid):
            checked(AnnotationDraft("bolt", "rotated_box", segmentation=wrong))


def test_a_polyline_may_be_straight() -> None:
    line = checked(AnnotationDraft("bolt", "polyline", segmentation=[[5, 5, 60, 5]]))[0]
    assert line.bbox == (5, 5, 60, 5)
    with pytest.raises(AnnotationInvalid, match="2 points"):
        checked(AnnotationDraft("bolt", "polyline", segmentation=[[5, 5]]))


def test_a_mask_must_have_the_size_of_the_image() -> None:
    rle = {"size": [50, 100], "counts": [4000, 1000]}
    assert checked(AnnotationDraft("bolt", "mask", segmentation=rle))[0].segmentation == rle
    for wrong in ({"size": [100, 50], "counts": [5000]}, {"size": [50, 100], "counts": [1]}, [1]):
        with pytest.raises(AnnotationInvalid):
            checked(AnnotationDraft("bolt", "mask", segmentation=wrong))


def test_an_image_without_boxes_is_labeled_but_without_class_is_not() -> None:
    assert status_after_save("detection", []) == "labeled"
    assert status_after_save("classification", []) == "unlabeled"
    assert status_after_save("classification", [AnnotationDraft("bolt", "class")]) == "labeled"
