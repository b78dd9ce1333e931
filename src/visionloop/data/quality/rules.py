"""Pure decisions: what is odd about an image or a label, and how a label is mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.data.entities import Annotation, Image
from visionloop.data.quality.entities import FindingKind, Observation
from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.kernel.geometry import Box, box_iou, clip_box

# CleanVision's published defaults (MIT), in the units of our statistics.
_DARK_P99: Final = 0.32 * 255
_LIGHT_P01: Final = 0.95 * 255
_MIN_ENTROPY: Final = 3.0
_MIN_ASPECT: Final = 0.35
# CleanVision calls an image blurry when 1 - exp(-variance / 100) is under 0.29.
_MIN_LAPLACIAN: Final = -100.0 * float(np.log(1.0 - 0.29))
OUTLIER_Z: Final = 4.0
_MAD_TO_SIGMA: Final = 1.4826
_MIN_REFERENCE: Final = 20

_TOLERANCE_PX: Final = 1.0
_TINY_SIDE_PX: Final = 4.0
_SAME_BOX_IOU: Final = 0.95
_RARE_SHARE: Final = 0.1
_MAX_CORNERS: Final = 2000
_UNUSUAL_SHARE: Final = 0.2
_Points = NDArray[np.float64]
_UPRIGHT: Final = (None, 1, "1")


def check_looks(statistics: Sequence[float]) -> Iterator[tuple[FindingKind, str, float]]:
    """Flag what is odd by absolute bounds: (kind, message, score)."""
    values = dict(zip(STATISTIC_NAMES, statistics, strict=True))
    if values["luminance_p99"] < _DARK_P99:
        level = values["luminance_p99"]
        yield (
            "dark",
            f"99 % of the pixels are darker than {level:.0f} of 255",
            1 - level / _DARK_P99,
        )
    if values["luminance_p01"] > _LIGHT_P01:
        level = values["luminance_p01"]
        score = (level - _LIGHT_P01) / (255 - _LIGHT_P01)
        yield "light", f"99 % of the pixels are brighter than {level:.0f} of 255", score
    if values["entropy"] < _MIN_ENTROPY:
        bits = values["entropy"]
        yield "low-information", f"brightness holds {bits:.1f} bits", 1 - bits / _MIN_ENTROPY
    if values["laplacian_variance"] < _MIN_LAPLACIAN:
        sharpness = values["laplacian_variance"]
        text = f"the Laplacian's variance is {sharpness:.1f}"
        yield "blurry", text, 1 - sharpness / _MIN_LAPLACIAN
    aspect = min(values["aspect"], 1 / values["aspect"])
    if aspect < _MIN_ASPECT:
        yield "odd-aspect", f"one side is {1 / aspect:.1f} times the other", 1 - aspect


def robust_z(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure how far each image is from the usual, in robust standard deviations.

    Args:
        statistics: (N, 14), the project's own images are the reference.

    Returns:
        (N, 14) signed z; 0 where a statistic does not vary or there are too few images.
    """
    if len(statistics) < _MIN_REFERENCE:
        return np.zeros_like(statistics)
    median = np.median(statistics, axis=0)
    spread = _MAD_TO_SIGMA * np.median(np.abs(statistics - median), axis=0)
    usable = spread > 1e-6 * np.maximum(1.0, np.abs(median))
    z = np.zeros_like(statistics)
    z[:, usable] = (statistics[:, usable] - median[usable]) / spread[usable]
    return z


def describe_outlier(z: NDArray[np.float64], values: Sequence[float]) -> tuple[str, float]:
    """Say which statistic makes an image an outlier: (message, score)."""
    worst = int(np.abs(z).argmax())
    text = (
        f"{STATISTIC_NAMES[worst].replace('_', ' ')} is {values[worst]:.4g}, "
        f"{abs(z[worst]):.1f} robust deviations {'above' if z[worst] > 0 else 'below'} the usual"
    )
    return text, float(1 - OUTLIER_Z / max(OUTLIER_Z, abs(z[worst])))


def usual_modes(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the pixel modes that are common enough in a project to be meant."""
    total = sum(counts.values())
    return frozenset(mode for mode, count in counts.items() if count >= _UNUSUAL_SHARE * total)


def check_file_facts(image: Image, usual: frozenset[str]) -> Iterator[tuple[FindingKind, str]]:
    """Flag pixel modes that few images have, and EXIF rotation."""
    if image.mode not in usual:
        named = ", ".join(sorted(usual))
        yield "odd-mode", f"its mode is {image.mode}, most images have {named}"
    orientation = image.exif.get("Orientation")
    if orientation not in _UPRIGHT:
        yield "rotated", f"EXIF orientation {orientation}: labels drawn without it lie elsewhere"


def check_labels(annotations: Sequence[Annotation], width: int, height: int) -> list[Observation]:
    """Find labels of one image whose shape cannot be right.

    Outside the ``width`` by ``height`` pixels of the upright image, empty, tiny, doubled, or
    crossing itself.
    """
    found = []
    for annotation in annotations:
        if annotation.bbox is not None:
            found += _check_box(annotation, annotation.bbox, width, height)
        if _has_crossing(annotation):
            text = f"an outline of {annotation.category!r} crosses itself"
            found.append(_observe("polygon-crossing", text, annotation))
    return found + _check_doubles(annotations)


def _has_crossing(annotation: Annotation) -> bool:
    parts = annotation.segmentation
    if annotation.kind != "polygon" or not isinstance(parts, list):
        return False
    return any(crosses_itself(part) for part in parts)


def crosses_itself(points: Sequence[float]) -> bool:
    """Tell whether a closed outline [x1, y1, x2, y2, ...] has two edges that properly cross.

    Outlines of more than 2,000 corners are not looked at: the work grows with the square.
    """
    corners = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not 4 <= len(corners) <= _MAX_CORNERS:
        return False
    start, end = corners, np.roll(corners, -1, axis=0)
    sides = (
        _side(start[:, None], end[:, None], start[None]),
        _side(start[:, None], end[:, None], end[None]),
    )
    parted = sides[0] * sides[1] < 0
    return bool(np.any(parted & parted.T))


def _side(start: _Points, end: _Points, point: _Points) -> _Points:
    """Tell on which side of the line from start to end a point lies: -1, 0 or 1."""
    edge, offset = end - start, point - start
    signs: _Points = np.sign(edge[..., 0] * offset[..., 1] - edge[..., 1] * offset[..., 0])
    return signs


def check_classes(counts: Mapping[str, int]) -> list[Observation]:
    """Find classes that no image shows, or far fewer than the most frequent one.

    Args:
        counts: class to number of images that show it, of every class in the schema.
    """
    most = max(counts.values(), default=0)
    found = []
    for name, count in counts.items():
        facts = {"num_images": count, "most": most}
        if count == 0:
            text = f"no image shows {name!r}"
            found.append(Observation("class-empty", text, category=name, score=1.0, facts=facts))
        elif count < _RARE_SHARE * most:
            text = f"{count} images show {name!r}, the most frequent class has {most}"
            score = 1 - count / most
            found.append(Observation("class-rare", text, category=name, score=score, facts=facts))
    return found


def mend_labels(
    annotations: Sequence[Annotation],
    kind: FindingKind,
    annotation_id: str,
    *,
    size: tuple[int, int],
) -> tuple[Annotation, ...]:
    """Return the labels of an image with one mended: a box clipped, an empty or doubled one gone.

    Args:
        annotations: of one image.
        kind: what is wrong, "box-outside", "box-empty" or "box-duplicate".
        annotation_id: which label; when it is not there, nothing changes.
        size: width and height of the image.
    """
    mended = []
    for annotation in annotations:
        if annotation.id != annotation_id or annotation.bbox is None:
            mended.append(annotation)
        elif kind == "box-outside":
            clipped = clip_box(annotation.bbox, *size)
            if not _is_empty(clipped):
                mended.append(replace(annotation, bbox=clipped))
    return tuple(mended)


def _check_box(annotation: Annotation, box: Box, width: int, height: int) -> list[Observation]:
    name = f"a box of {annotation.category!r}"
    over = max(-box[0], -box[1], box[2] - width, box[3] - height)
    found = []
    if over > _TOLERANCE_PX:
        text = f"{name} reaches {over:.1f} pixels beyond the {width} x {height} image"
        score = min(1.0, over / max(width, height))
        found.append(_observe("box-outside", text, annotation, score=score, overshoot_px=over))
    if _is_empty(box):
        text = f"{name} has no area: {_size_text(box)}"
        found.append(_observe("box-empty", text, annotation, score=1.0))
    elif min(box[2] - box[0], box[3] - box[1]) < _TINY_SIDE_PX:
        found.append(_observe("box-tiny", f"{name} is only {_size_text(box)}", annotation))
    return found


def _check_doubles(annotations: Sequence[Annotation]) -> list[Observation]:
    """Find boxes of one class that lie on top of each other; the later one is the double."""
    found = []
    by_class: dict[tuple[str, str], list[Annotation]] = {}
    for annotation in annotations:
        if annotation.bbox is None or _is_empty(annotation.bbox):
            continue
        kept = by_class.setdefault((annotation.category, annotation.kind), [])
        for other in kept:
            assert other.bbox is not None
            overlap = box_iou(annotation.bbox, other.bbox)
            if overlap >= _SAME_BOX_IOU:
                text = f"a box of {annotation.category!r} lies on another, IoU {overlap:.2f}"
                facts = {"other": other.id, "iou": overlap}
                found.append(_observe("box-duplicate", text, annotation, score=overlap, **facts))
                break
        else:
            kept.append(annotation)
    return found


def _observe(
    kind: FindingKind, text: str, annotation: Annotation, *, score: float = 0.5, **facts: object
) -> Observation:
    return Observation(
        kind,
        text,
        image_id=annotation.image_id,
        annotation_id=annotation.id,
        category=annotation.category,
        score=score,
        facts=facts | {"bbox": annotation.bbox and list(annotation.bbox)},
    )


def _is_empty(box: Box) -> bool:
    return box[2] - box[0] <= 0.0 or box[3] - box[1] <= 0.0


def _size_text(box: Box) -> str:
    return f"{box[2] - box[0]:.1f} x {box[3] - box[1]:.1f} pixels"
