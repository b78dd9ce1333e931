"""Pure decisions about images and their labels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft, AnnotationKind, AnnotationStatus
from visionloop.data.errors import AnnotationInvalid, MetadataInvalid, UnknownClasses
from visionloop.kernel.geometry import Box, clip_box, polygon_bounds

_SHAPES: Final[frozenset[AnnotationKind]] = frozenset(
    {"box", "rotated_box", "polygon", "polyline", "mask", "keypoints"}
)
_LINES: Final[frozenset[AnnotationKind]] = frozenset({"rotated_box", "polygon", "polyline"})
_KINDS_BY_TASK: Final[Mapping[str, frozenset[AnnotationKind]]] = {
    "classification": frozenset({"class"}),
    "multilabel_classification": frozenset({"class"}),
    "detection": _SHAPES,
    "instance_segmentation": _SHAPES,
    "semantic_segmentation": frozenset({"polygon", "mask"}),
}
# Annotation tools and resized exports overshoot the border by fractions of a pixel; more than
# this is a mistake that someone should hear of.
_OVERSHOOT_PX: Final = 1.0
MIN_SIDE_PX: Final = 1.0


def check_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    """Accept custom columns that every database and Parquet can hold.

    Raises:
        MetadataInvalid: nested values, too many keys, or a key that filters cannot name.
    """
    if len(values) > 100:
        raise MetadataInvalid(f"{len(values)} keys", "there are more than 100 keys")
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if not re.fullmatch(r"[^=!~\x00]{1,100}", key):
            raise MetadataInvalid(key, "a key has 1 to 100 characters, none of = ! ~")
        if isinstance(value, bool):
            checked[key] = "true" if value else "false"
        elif isinstance(value, int | float) and math.isfinite(value):
            checked[key] = value
        elif isinstance(value, str) and len(value) <= 1000:
            checked[key] = value.replace("\x00", "")
        elif value is not None:
            raise MetadataInvalid(value, f"the value of {key!r} is no short text or number")
    return checked


def check_annotations(
    drafts: Sequence[AnnotationDraft],
    *,
    task: str,
    classes: Sequence[str],
    width: int,
    height: int,
) -> list[AnnotationDraft]:
    """Refuse what a project cannot mean, and clip what reaches over the border.

    The rule: coordinates must be finite and ``x1 < x2``, ``y1 < y2``; a box is cut to the image;
    what is left must be at least 1 pixel wide and high.

    Returns:
        The drafts with clipped boxes and, for drawn shapes, the box around them.

    Raises:
        UnknownClasses: a category is not in the label schema.
        AnnotationInvalid: wrong kind for the task, wrong shape, or too many labels.
    """
    unknown = sorted({draft.category for draft in drafts} - set(classes))
    if unknown:
        raise UnknownClasses(unknown, classes)
    checked = []
    for index, draft in enumerate(drafts):
        allowed = _KINDS_BY_TASK[task]
        if draft.kind not in allowed:
            reason = f"a {task} project takes {', '.join(sorted(allowed))}, not {draft.kind!r}"
            raise AnnotationInvalid(reason, index, kind=draft.kind, task=task)
        if draft.score is not None and not 0.0 <= draft.score <= 1.0:
            raise AnnotationInvalid(f"score {draft.score} is outside [0, 1]", index)
        checked.append(_check_shape(draft, index, width, height))
    if task == "classification" and len(checked) > 1:
        reason = f"a classification project takes one class per image, received {len(checked)}"
        raise AnnotationInvalid(reason, 1)
    if task == "multilabel_classification":
        categories = [draft.category for draft in checked]
        repeated = next((name for name in categories if categories.count(name) > 1), None)
        if repeated is not None:
            raise AnnotationInvalid(
                f"class {repeated!r} is given twice", categories.index(repeated)
            )
    return checked


def _check_shape(draft: AnnotationDraft, index: int, width: int, height: int) -> AnnotationDraft:
    if draft.kind == "class":
        return replace(draft, bbox=None, segmentation=None, keypoints=None)
    keypoints = _keypoints(draft, index)
    box = draft.bbox
    if draft.kind in _LINES:
        box = polygon_bounds(_points(draft, index))
    if draft.kind == "keypoints" and box is None:
        # A given box may hold more than the visible points (COCO), so it is kept.
        seen = [(x, y) for x, y, visibility in keypoints or () if visibility > 0]
        box = polygon_bounds(seen or [(0.0, 0.0)])
    if draft.kind == "mask":
        _check_mask(draft, index, width, height)
        if box is None:
            return replace(draft, keypoints=keypoints)
    if box is None:
        raise AnnotationInvalid(f"a {draft.kind} needs a bbox", index)
    if not all(math.isfinite(value) for value in box):
        raise AnnotationInvalid(f"bbox {list(box)} is not finite", index)
    # One-keypoint and straight-line shapes have no area and are still meaningful.
    least = 0.0 if draft.kind in ("keypoints", "polyline") else MIN_SIDE_PX
    clipped, problem = fit_box(box, width, height, min_side=least)
    if clipped is None:
        raise AnnotationInvalid(f"bbox {list(box)} {problem}", index, width=width, height=height)
    return replace(draft, bbox=clipped, keypoints=keypoints)


def fit_box(
    box: Box, width: int, height: int, *, min_side: float = MIN_SIDE_PX
) -> tuple[Box | None, str | None]:
    """Clip a box to the image.

    Returns:
        The clipped box, or None when too little is left; and what was wrong with it, in words,
        None when nothing worth a warning.
    """
    x1, y1, x2, y2 = box
    if x2 < x1 or y2 < y1:
        return None, "has its corners in the wrong order"
    clipped = clip_box(box, width, height)
    if min(clipped[2] - clipped[0], clipped[3] - clipped[1]) < min_side:
        if box == clipped:
            return None, f"is less than {min_side:g} pixel wide or high"
        return None, f"lies outside the {width} x {height} image"
    overshoot = max(abs(a - b) for a, b in zip(box, clipped, strict=True))
    if overshoot > _OVERSHOOT_PX:
        return clipped, f"reaches {overshoot:.0f} pixels over the border and was cut"
    return clipped, None


def _points(draft: AnnotationDraft, index: int) -> list[tuple[float, float]]:
    parts = draft.segmentation
    if not isinstance(parts, list) or not parts:
        raise AnnotationInvalid(f"a {draft.kind} needs a list of points as segmentation", index)
    if draft.kind == "rotated_box" and (len(parts) != 1 or len(parts[0]) != 8):
        reason = "a rotated box is [[x1, y1, x2, y2, x3, y3, x4, y4]], its four corners"
        raise AnnotationInvalid(reason, index)
    least = 2 if draft.kind == "polyline" else 3
    points: list[tuple[float, float]] = []
    for part in parts:
        flat = isinstance(part, list | tuple) and all(_is_number(value) for value in part)
        if not flat or len(part) < 2 * least or len(part) % 2:
            reason = f"a {draft.kind} is [x1, y1, x2, y2, ...] with at least {least} points"
            raise AnnotationInvalid(reason, index)
        points.extend(zip(part[::2], part[1::2], strict=True))
    return points


def _keypoints(draft: AnnotationDraft, index: int) -> list[list[float]] | None:
    if draft.kind == "keypoints":
        if not draft.keypoints:
            raise AnnotationInvalid("an annotation of kind keypoints needs keypoints", index)
        if draft.segmentation is not None:
            reason = "keypoints stand in the field keypoints; its segmentation stays empty"
            raise AnnotationInvalid(reason, index)
    for point in draft.keypoints or ():
        if len(point) != 3 or not all(_is_number(value) for value in point):
            raise AnnotationInvalid("a keypoint is [x, y, visibility]", index)
        if point[2] not in (0, 1, 2):
            raise AnnotationInvalid(f"visibility {point[2]} of a keypoint is not 0, 1 or 2", index)
    if draft.keypoints is None:
        return None
    return [[float(x), float(y), int(visibility)] for x, y, visibility in draft.keypoints]


def _check_mask(draft: AnnotationDraft, index: int, width: int, height: int) -> None:
    rle = draft.segmentation
    if not isinstance(rle, dict) or "counts" not in rle or "size" not in rle:
        raise AnnotationInvalid('a mask is a COCO RLE {"size": [h, w], "counts": ...}', index)
    if list(rle["size"]) != [height, width]:
        reason = f"the mask is {rle['size']}, the image [{height}, {width}] (height, width)"
        raise AnnotationInvalid(reason, index)
    counts = rle["counts"]
    if isinstance(counts, list) and sum(counts) != width * height:
        raise AnnotationInvalid(f"the mask covers {sum(counts)} of {width * height} pixels", index)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def status_after_save(task: str, drafts: Sequence[AnnotationDraft]) -> AnnotationStatus:
    """Decide what a person's save means: a class is needed, an image without boxes is a fact."""
    needs_label = task in ("classification", "multilabel_classification")
    return "unlabeled" if needs_label and not drafts else "labeled"
