from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.pictures import picture
from visionloop.data.preprocessing import Preprocessing, PreprocessingInvalid

resizes = st.sampled_from(["squash", "letterbox", "center_crop"])
sides = st.integers(8, 300)


@given(resizes, sides, sides, sides, sides)
def test_boxes_survive_the_way_there_and_back(
    resize: str, height: int, width: int, out_height: int, out_width: int
) -> None:
    preprocessing = Preprocessing(out_height, out_width, resize=resize)  # type: ignore[arg-type]
    placement = preprocessing.placement(height, width)
    boxes = np.array([[0.0, 0.0, width, height], [1.5, 2.0, 7.0, 7.5]])
    assert np.allclose(placement.to_source(placement.to_input(boxes)), boxes)


@given(resizes, sides, sides)
def test_every_shape_gives_the_input_size(resize: str, height: int, width: int) -> None:
    preprocessing = Preprocessing(32, 48, resize=resize)  # type: ignore[arg-type]
    shown = preprocessing.apply(np.zeros((height, width, 3), dtype=np.uint8))
    assert shown.shape == (32, 48, 3)
    assert shown.dtype == np.uint8


@pytest.mark.parametrize("resize", ["squash", "letterbox", "center_crop"])
def test_a_marked_spot_lands_where_the_placement_says(resize: str) -> None:
    image = np.zeros((200, 120, 3), dtype=np.uint8)
    image[90:110, 50:70] = 255
    preprocessing = Preprocessing(64, 96, resize=resize)  # type: ignore[arg-type]
    shown = preprocessing.apply(image)[..., 0] == 255
    ys, xs = np.nonzero(shown)
    x1, y1, x2, y2 = preprocessing.placement(200, 120).to_input(np.array([[50, 90, 70, 110]]))[0]
    assert abs((xs.min() + xs.max() + 1) / 2 - (x1 + x2) / 2) < 1
    assert abs((ys.min() + ys.max() + 1) / 2 - (y1 + y2) / 2) < 1


def test_letterbox_pads_with_its_grey() -> None:
    shown = Preprocessing(50, 50, resize="letterbox", fill=7).apply(picture(1, 100, 50))
    assert (shown[:12] == 7).all()
    assert (shown[-12:] == 7).all()


def test_the_right_size_is_left_alone() -> None:
    image = picture(2, 40, 30)
    assert np.array_equal(Preprocessing(30, 40).apply(image), image)


@pytest.mark.parametrize(
    ("field", "value"),
    [("height", 0), ("resize", "stretch"), ("interpolation", "magic"), ("crop_fraction", 0.0),
     ("fill", 300)],
)  # fmt: skip
def test_nonsense_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(PreprocessingInvalid, match=field):
        Preprocessing.from_dict({"height": 8, "width": 8, field: value})


def test_unknown_and_missing_fields_are_refused() -> None:
    with pytest.raises(PreprocessingInvalid, match="mean"):
        Preprocessing.from_dict({"height": 8, "width": 8, "mean": 0})
    with pytest.raises(PreprocessingInvalid, match="width"):
        Preprocessing.from_dict({"height": 8})
