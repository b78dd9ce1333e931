"""Masks of objects as COCO run-length encodings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.evaluation.errors import EvaluationExtrasMissing

Masks = tuple[Mapping[str, Any], ...]


def encode_masks(masks: NDArray[np.bool_]) -> Masks:
    """Encode (K, H, W) masks; the counts are text, so that they can be stored as JSON.

    Raises:
        EvaluationExtrasMissing: faster-coco-eval is not installed.
    """
    try:
        from faster_coco_eval.core import mask as library
    except ModuleNotFoundError as error:
        raise EvaluationExtrasMissing(str(error.name)) from error
    encoded = []
    for mask in masks:
        item = library.encode(np.asfortranarray(mask.astype(np.uint8)))
        counts = item["counts"]
        text = counts.decode() if isinstance(counts, bytes) else str(counts)
        encoded.append({"size": [int(side) for side in item["size"]], "counts": text})
    return tuple(encoded)


def masks_in_source(
    levels: NDArray[np.uint8], example: Example, preprocessing: Preprocessing
) -> NDArray[np.bool_]:
    """Carry (K, h, w) masks, 255 times a probability, to the pixels of the source image.

    Args:
        levels: over the whole input of the model, at any resolution.
        example: with its size.
        preprocessing: that the image went through.
    """
    placement = preprocessing.placement(example.height, example.width)
    whole = placement.to_input(np.array([[0.0, 0.0, example.width, example.height]]))[0]
    scale = levels.shape[2] / preprocessing.width, levels.shape[1] / preprocessing.height
    region = (whole[0] * scale[0], whole[1] * scale[1], whole[2] * scale[0], whole[3] * scale[1])
    limits = (levels.shape[2], levels.shape[1])
    region = (
        max(0.0, region[0]),
        max(0.0, region[1]),
        min(float(limits[0]), region[2]),
        min(float(limits[1]), region[3]),
    )
    size = (example.width, example.height)
    bilinear = PillowImage.Resampling.BILINEAR
    moved = [
        np.asarray(PillowImage.fromarray(level).resize(size, bilinear, box=region)) > 127
        for level in levels
    ]
    return np.array(moved, dtype=bool).reshape(len(levels), example.height, example.width)
