"""One image as Hugging Face tables write it: ``objects`` holds a list for every fact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft, Split
from visionloop.data.formats.entities import LabeledImage
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.records import FIELDS, label_of, record_of

_CATEGORY_KEYS: Final = ("category", "categories", "label", "labels", "category_id")
_OWN: Final = ("file_name", "image", "width", "height", "image_id", "label", "labels", "objects",
               "attributes", "split", "sha256")  # fmt: skip


def row_of(image: LabeledImage) -> dict[str, Any]:
    """Write an image; boxes as x, y, width, height, as the tables of the hub do."""
    records = [record_of(label) for label in image.annotations]
    for record in records:
        if record["bbox"] is not None:
            x1, y1, x2, y2 = record["bbox"]
            record["bbox"] = [x1, y1, x2 - x1, y2 - y1]
    classes = [label.category for label in image.annotations if label.kind == "class"]
    return {
        "file_name": image.name,
        "width": image.width,
        "height": image.height,
        "image_id": image.external_id,
        "label": classes[0] if len(classes) == 1 else None,
        "objects": {name: [record[name] for record in records] for name in FIELDS},
        "attributes": json.dumps(dict(image.attributes), ensure_ascii=False)
        if image.attributes
        else None,
    }


def image_of(
    row: Mapping[str, Any], name: str, findings: Findings, *, split: Split | None, file: str
) -> LabeledImage:
    """Read an image from its row; columns that are not known become attributes of the image."""
    width, height = row.get("width"), row.get("height")
    number = row.get("image_id")
    attributes = row.get("attributes")
    facts = json.loads(attributes) if isinstance(attributes, str) else dict(attributes or {})
    facts |= {key: value for key, value in row.items() if key not in _OWN and value is not None}
    return LabeledImage(
        name=name,
        annotations=tuple(_labels(row, name, findings)),
        width=int(width) if width else None,
        height=int(height) if height else None,
        split=split,
        external_id=None if number is None else str(number),
        attributes=facts,
        label_file=file,
    )


def category_names(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the classes that a row names."""
    for record in _records(row):
        yield str(record["category"])


def _labels(row: Mapping[str, Any], name: str, findings: Findings) -> Iterator[AnnotationDraft]:
    for record in _records(row):
        try:
            yield label_of(record)
        except (ValueError, TypeError, KeyError, IndexError):
            findings.add("Objects have values of another kind than their column", name)


def _records(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    objects = row.get("objects")
    if isinstance(objects, Mapping):
        objects = _turned(objects)
    if objects:
        return [_object(item) for item in objects]
    labels = row.get("label", row.get("labels"))
    several = labels if isinstance(labels, list) else [labels]
    return [
        {"category": label, "kind": "class", "source": "import"}
        for label in several
        if label not in (None, "")
    ]


def _turned(objects: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Turn a mapping of lists into a list of mappings."""
    lists = {key: value for key, value in objects.items() if isinstance(value, list)}
    length = max(map(len, lists.values()), default=0)
    return [
        {key: value[i] for key, value in lists.items() if i < len(value)} for i in range(length)
    ]


def _object(item: Mapping[str, Any]) -> dict[str, Any]:
    record = dict(item)
    category = next((item[key] for key in _CATEGORY_KEYS if item.get(key) is not None), None)
    if category is None:
        raise ValueError("an object without a category")
    record["category"] = category
    box = item.get("bbox")
    if box is not None:
        x, y, width, height = box
        record["bbox"] = [x, y, x + width, y + height]
    return record
