"""Label maps from polygons and masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw

from visionloop.data.entities import Annotation
from visionloop.data.formats.masks import decode
from visionloop.data.preprocessing import Placement
from visionloop.evaluation.entities import Example
from visionloop.evaluation.regions.entities import BACKGROUND

_OUTLINED = ("polygon", "rotated_box")


def paint_mask(
    annotation: Annotation, height: int, width: int, *, placement: Placement | None = None
) -> NDArray[np.bool_]:
    """Return the (height, width) pixels of one object; a box without outline is filled.

    Args:
        annotation: in pixels of the source image.
        height: of the result.
        width: of the result.
        placement: where the source lands in the result; the result is the source by default.
    """
    if isinstance(annotation.segmentation, dict):
        mask = decode(annotation.segmentation)
        return mask if placement is None else _move_mask(mask, height, width, placement)
    canvas = PillowImage.new("1", (width, height))
    draw = ImageDraw.Draw(canvas)
    for outline in _outlines(annotation):
        points = np.reshape(np.asarray(outline, dtype=np.float64), (-1, 2))
        if placement is not None:
            points = placement.to_input(np.concatenate([points, points], axis=1))[:, :2]
        if len(points) >= 3:
            # Pixel centres lie at halves: 0.5 makes the covered pixels those inside the outline.
            draw.polygon([tuple(point) for point in (points - 0.5).tolist()], fill=1)
    return np.asarray(canvas, dtype=bool)


def paint_labels(
    example: Example,
    labels: Sequence[str],
    *,
    size: tuple[int, int] | None = None,
    placement: Placement | None = None,
) -> NDArray[np.uint8]:
    """Return the label map of an image: 0 where nothing is labeled, i + 1 for class i.

    Smaller regions lie on larger ones, as a window lies on its facade.

    Args:
        example: with its annotations.
        labels: class names in index order, at most 254.
        size: (height, width) of the result; the source image's by default.
        placement: where the source lands in the result.
    """
    height, width = size or (example.height, example.width)
    index = {label: position + 1 for position, label in enumerate(labels)}
    painted = [
        (index[item.category], paint_mask(item, height, width, placement=placement))
        for item in example.annotations
        if item.category in index and (item.segmentation or item.bbox)
    ]
    result = np.full((height, width), BACKGROUND, dtype=np.uint8)
    for value, mask in sorted(painted, key=lambda entry: -int(entry[1].sum())):
        result[mask] = value
    return result


def _outlines(annotation: Annotation) -> list[Any]:
    if annotation.kind in _OUTLINED and isinstance(annotation.segmentation, list):
        return annotation.segmentation
    if annotation.bbox is None:
        return []
    x1, y1, x2, y2 = annotation.bbox
    return [[x1, y1, x2, y1, x2, y2, x1, y2]]


def _move_mask(
    mask: NDArray[np.bool_], height: int, width: int, placement: Placement
) -> NDArray[np.bool_]:
    """Look up every pixel of the result in the mask."""
    rows = (np.arange(height) + 0.5 - placement.offset_y) / placement.scale_y
    columns = (np.arange(width) + 0.5 - placement.offset_x) / placement.scale_x
    inside_rows = (rows >= 0) & (rows < mask.shape[0])
    inside_columns = (columns >= 0) & (columns < mask.shape[1])
    result = np.zeros((height, width), dtype=bool)
    looked_up = mask[np.ix_(rows[inside_rows].astype(int), columns[inside_columns].astype(int))]
    result[np.ix_(inside_rows, inside_columns)] = looked_up
    return result
