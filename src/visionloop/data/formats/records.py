"""A label as a flat record, for tables: CSV, imagefolder, Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft, AnnotationKind, AnnotationSource
from visionloop.data.formats.entities import ALL_KINDS, Holds, Label

FIELDS: Final = (
    "category", "kind", "bbox", "segmentation", "keypoints", "attributes", "score", "source",
    "author", "id",
)  # fmt: skip
_JSON_FIELDS: Final = ("segmentation", "keypoints", "attributes")
_SOURCES: Final[Mapping[Any, AnnotationSource]] = {
    "human": "human", "import": "import", "model": "model",
}  # fmt: skip

RECORDS_HOLD: Final = Holds(
    kinds=ALL_KINDS,
    multi_part=True,
    keypoints_beside=True,
    uneven_keypoints=True,
    skewed_boxes=True,
    crowd=True,
    attributes=None,
    nested_attributes=True,
    image_attributes=True,
    scores=True,
    authors=True,
    external_ids=True,
    image_ids=True,
    unused_categories=False,
    several_classes=True,
    classes_beside_shapes=True,
)
"""What a table of records can say about labels, wherever it is stored."""


def record_of(label: Label) -> dict[str, Any]:
    """Write a label; shapes and attributes as JSON text, the box as xyxy, absent facts as None."""
    record: dict[str, Any] = {
        "category": label.category,
        "kind": label.kind,
        "bbox": None if label.bbox is None else list(label.bbox),
        "segmentation": label.segmentation,
        "keypoints": label.keypoints,
        "attributes": dict(label.attributes) or None,
        "score": label.score,
        "source": None if label.source == "import" else label.source,
        "author": None if label.source == "import" else label.author or None,
        "id": label.external_id,
    }
    for name in _JSON_FIELDS:
        if record[name] is not None:
            record[name] = json.dumps(record[name], ensure_ascii=False, allow_nan=False)
    return record


def label_of(record: Mapping[str, Any]) -> AnnotationDraft:
    """Read what ``record_of`` wrote, or as much of it as a stranger's table says.

    Raises:
        ValueError: a cell does not hold what its column promises.
    """
    parsed = {name: _parsed(record.get(name)) for name in _JSON_FIELDS}
    box = record.get("bbox")
    score = record.get("score")
    number = record.get("id")
    return AnnotationDraft(
        category=str(record["category"]),
        kind=_kind(record.get("kind"), box, parsed["segmentation"], parsed["keypoints"]),
        bbox=None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        segmentation=parsed["segmentation"],
        attributes=parsed["attributes"] or {},
        score=None if score in (None, "") else float(score),
        source=_SOURCES.get(record.get("source"), "import"),
        author=record.get("author") or None,
        keypoints=parsed["keypoints"],
        external_id=None if number in (None, "") else str(number),
    )


def _parsed(cell: Any) -> Any:
    return json.loads(cell) if isinstance(cell, str) and cell else cell or None


def _kind(named: Any, box: Any, shape: Any, keypoints: Any) -> AnnotationKind:
    for kind in ALL_KINDS:
        if named == kind:
            return kind
    if isinstance(shape, dict):
        return "mask"
    if shape:
        return "polygon"
    if keypoints:
        return "keypoints"
    return "class" if box is None else "box"
