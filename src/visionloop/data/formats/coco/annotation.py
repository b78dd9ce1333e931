"""One COCO annotation, read and written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import CROWD, Label
from visionloop.data.formats.shapes import area, bounds

_KNOWN: Final = frozenset(
    {
        "id", "image_id", "category_id", "bbox", "segmentation", "area", "iscrowd", "keypoints",
        "num_keypoints", "attributes", "score", "kind", "source", "author", "external_id",
    }
)  # fmt: skip
_SOURCES: Final = ("human", "import", "model")


def draft_of(entry: Mapping[str, Any], category: str) -> AnnotationDraft | None:
    """Read an annotation; None when it has neither box nor shape."""
    attributes = dict(entry.get("attributes") or {})
    if not _KNOWN.issuperset(entry):
        attributes |= {name: value for name, value in entry.items() if name not in _KNOWN}
    if entry.get("iscrowd"):
        attributes[CROWD] = 1
    kind, box, shape = _geometry(entry)
    points = _keypoints(entry.get("keypoints"))
    if kind is None and points is None and box is None:
        return None
    score, number = entry.get("score"), entry.get("external_id", entry.get("id"))
    source = entry.get("source", "import")
    return AnnotationDraft(
        category=category,
        kind=kind or ("box" if points is None else "keypoints"),
        bbox=box,
        segmentation=shape,
        attributes=attributes,
        score=float(score) if isinstance(score, int | float) else None,
        source=source if source in _SOURCES else "import",
        author=entry.get("author"),
        keypoints=points,
        external_id=None if number is None else str(number),
    )


def entry_of(label: Label, number: int, image_id: int, category_id: int) -> dict[str, Any] | None:
    """Write a label as an annotation; None for what COCO cannot say."""
    box = bounds(label)
    if label.kind in ("class", "polyline") or box is None:
        return None
    x1, y1, x2, y2 = box
    entry: dict[str, Any] = {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": area(label),
        "iscrowd": 1 if label.attributes.get(CROWD) else 0,
    }
    if label.segmentation is not None:
        entry["segmentation"] = label.segmentation
    if label.kind == "rotated_box":
        entry["kind"] = label.kind
    if label.keypoints is not None:
        entry["keypoints"] = [value for point in label.keypoints for value in point]
        entry["num_keypoints"] = sum(point[2] > 0 for point in label.keypoints)
        # Without a word, COCO's keypoints with a box are one thing; here they may be two.
        if label.kind == "box" or (label.kind == "keypoints" and label.bbox is None):
            entry["kind"] = label.kind
    _add_facts(entry, label, number)
    return entry


def _add_facts(entry: dict[str, Any], label: Label, number: int) -> None:
    attributes = {name: value for name, value in label.attributes.items() if name != CROWD}
    if attributes:
        entry["attributes"] = attributes
    if label.score is not None:
        entry["score"] = label.score
    if label.source != "import":
        entry["source"] = label.source
        if label.author:
            entry["author"] = label.author
    if label.external_id is not None and label.external_id != str(number):
        entry["external_id"] = label.external_id


def _geometry(entry: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    box, shape, kind = _box(entry.get("bbox")), entry.get("segmentation"), entry.get("kind")
    if isinstance(shape, dict) and "counts" in shape:
        return "mask", box, shape
    if isinstance(shape, list):
        parts = [
            [float(value) for value in part]
            for part in shape
            if isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0
        ]
        if parts:
            turned = kind == "rotated_box" and len(parts) == 1 and len(parts[0]) == 8
            return "rotated_box" if turned else "polygon", None, parts
    if kind == "keypoints":
        return "keypoints", None, None
    if kind == "box" and box is not None:
        return "box", box, None
    return None, box, None


def _keypoints(points: Any) -> list[list[float]] | None:
    if not isinstance(points, list) or not any(points[2::3]):
        return None
    return [points[i : i + 3] for i in range(0, len(points) - 2, 3)]


def _box(value: Any) -> tuple[float, float, float, float] | None:
    """COCO writes x, y, width, height."""
    try:
        x, y, width, height = map(float, value)
    except (TypeError, ValueError):
        return None
    # One check for all four: a sum with infinity or NaN in it is never finite.
    return (x, y, x + width, y + height) if math.isfinite(x + y + width + height) else None
