"""What cannot be trained is refused in one sentence, before hours are spent."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from visionloop.data.imaging import MAX_PIXELS
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.training.errors import DatasetUnfit, MemoryTooSmall
from visionloop.training.images import decode_examples


def _png(width: int, height: int, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    PillowImage.new(mode, (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("resize", ["squash", "letterbox", "center_crop"])
def test_images_of_one_pixel_are_learned_from(tmp_path: Path, resize):
    examples = [Example("dot", "a", lambda: _png(1, 1))]
    preprocessing = Preprocessing(32, 32, resize=resize)
    images, unreadable = decode_examples(examples, preprocessing, path=tmp_path / "pixels")
    assert unreadable == ()
    assert images.pixels.shape == (1, 32, 32, 3)


def test_images_of_a_hundred_megapixels_are_left_out_before_they_are_decoded(tmp_path: Path):
    huge = _png(10_000, 10_000, "1")
    assert len(huge) < 1_000_000 < MAX_PIXELS < 10_000 * 10_000
    examples = [Example("huge", "a", lambda: huge), Example("small", "a", lambda: _png(8, 8))]
    images, unreadable = decode_examples(examples, Preprocessing(32, 32), path=tmp_path / "pixels")
    assert unreadable == ("huge",)
    assert len(images) == 1
    with pytest.raises(DatasetUnfit, match="not one of its image files"):
        decode_examples(examples[:1], Preprocessing(32, 32), path=tmp_path / "none")


def test_a_batch_that_does_not_fit_says_what_to_lower():
    torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
    from visionloop.training.recipes.hardware import memory_explained

    with pytest.raises(MemoryTooSmall, match="accumulate"):
        with memory_explained(batch_size=64):
            torch.empty(1 << 50, dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="other"):
        with memory_explained(batch_size=64):
            raise RuntimeError("other trouble")
    assert np.isfinite(torch.ones(1).item())
