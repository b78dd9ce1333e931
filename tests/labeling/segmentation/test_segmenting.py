from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.uploads import ImageUpload, add_image_bytes
from visionloop.kernel.errors import Invalid
from visionloop.labeling.segmentation.errors import RuntimeUnknown, SegmenterUnusable

PATH = "/projects/parts/labeling/images"


@pytest.fixture
def image_id(application: Application) -> str:
    """A bright square of 60 pixels in a dark image of 160 x 120."""
    pixels = np.full((120, 160, 3), 40, dtype=np.uint8)
    pixels[30:90, 50:110] = (200, 180, 60)
    pixels += np.random.default_rng(0).integers(0, 20, pixels.shape, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    upload = ImageUpload(data=file.getvalue(), name="square.png")
    added = add_image_bytes(application.database, application.blobs, SYSTEM, "parts", upload)
    return added.image.id


def test_an_outline_comes_back_in_pixels_of_the_image(
    api_as: Callable[..., Client], image_id: str
) -> None:
    lena = api_as("labeler", name="lena")
    found = lena.post(f"{PATH}/{image_id}/segment", json={"box": [45, 25, 115, 95]})
    assert found["runtime"] == "grabcut"
    assert found["bbox"] == pytest.approx([50, 30, 110, 90], abs=2)
    assert len(found["polygons"]) == 1
    clicked = lena.post(
        f"{PATH}/{image_id}/segment", json={"inside": [[80, 60]], "outside": [[10, 10]]}
    )
    assert clicked["bbox"] == pytest.approx([50, 30, 110, 90], abs=4)


@pytest.mark.parametrize(
    "prompt",
    [{}, {"outside": [[5, 5]]}, {"inside": [[500, 5]]}, {"box": [50, 50, 10, 10]}],
)
def test_nothing_pointed_at_is_said(
    api_as: Callable[..., Client], image_id: str, prompt: dict[str, object]
) -> None:
    with pytest.raises(Invalid, match="Nothing can be outlined"):
        api_as("labeler", name="lena").post(f"{PATH}/{image_id}/segment", json=prompt)


def test_the_project_names_the_runtime(application: Application) -> None:
    name, _ = application.segmenters.get({})
    assert name == "grabcut"
    with pytest.raises(RuntimeUnknown, match="known are grabcut, sam"):
        application.segmenters.get({"labeling": {"segmenter": {"runtime": "magic"}}})
    with pytest.raises(SegmenterUnusable):
        application.segmenters.get({"labeling": {"segmenter": {"runtime": "sam", "path": "/no"}}})
