"""COCO instances: boxes, polygons, RLE masks, crowd marks and keypoints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.labels import ImportedLabels, PathIndex, split_of

_KEYS: Final = ("images", "annotations", "categories")


def parse_coco(data: bytes) -> dict[str, Any] | None:
    """Return the content of a COCO file, None when it is something else."""
    if b'"annotations"' not in data or b'"categories"' not in data:
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    return content if all(isinstance(content.get(key), list) for key in _KEYS) else None


def read_coco(files: Mapping[str, Mapping[str, Any]], image_paths: Sequence[str]) -> ImportedLabels:
    """Read parsed COCO files.

    Args:
        files: path of each file to its content.
        image_paths: all images of the folder.
    """
    labels = ImportedLabels(used=set(files))
    index = PathIndex(list(image_paths))
    for path, content in files.items():
        _read_file(path, content, index, labels)
    return labels


def _read_file(
    path: str, content: Mapping[str, Any], index: PathIndex, labels: ImportedLabels
) -> None:
    names = _category_names(content["categories"], labels)
    paths: dict[Any, str] = {}
    known_ids = set()
    for entry in content["images"]:
        known_ids.add(entry.get("id"))
        file_name = str(entry.get("file_name", ""))
        image, problem = index.find(file_name, near=path)
        if image is None:
            labels.findings.add(problem or "", file_name)
            continue
        if image in labels.drafts:
            labels.findings.add("Listed more than once; the annotations were joined", file_name)
        paths[entry.get("id")] = image
        labels.drafts.setdefault(image, [])
        split = split_of(image)
        if split is not None:
            labels.splits[image] = split
        width, height = entry.get("width"), entry.get("height")
        if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
            labels.sizes[image] = (width, height)
    for annotation in content["annotations"]:
        image_id = annotation.get("image_id")
        if image_id not in known_ids:
            labels.findings.add("Annotations belong to no listed image", str(annotation.get("id")))
        if image_id not in paths:
            continue
        category = names.get(annotation.get("category_id"))
        if category is None:
            labels.findings.add("Annotations have no listed category", paths[image_id])
            continue
        draft = _draft(annotation, category)
        if draft is None:
            labels.findings.add("Annotations have neither box nor shape", paths[image_id])
            continue
        labels.drafts[paths[image_id]].append(draft)


def _category_names(categories: Sequence[Mapping[str, Any]], labels: ImportedLabels) -> Any:
    names: dict[Any, str] = {}
    for category in categories:
        name = str(category.get("name", "")).strip()
        if name in names.values():
            labels.findings.add("Two categories have the same name and were joined", name)
        if name:
            names[category.get("id")] = name
    return names


def _draft(annotation: Mapping[str, Any], category: str) -> AnnotationDraft | None:
    attributes = dict(annotation.get("attributes") or {})
    if annotation.get("iscrowd"):
        attributes["iscrowd"] = 1
    box = _box(annotation.get("bbox"))
    shape = annotation.get("segmentation")
    points = annotation.get("keypoints")
    score = annotation.get("score")
    common: dict[str, Any] = {
        "category": category,
        "attributes": attributes,
        "source": "import",
        "author": "coco",
        "score": float(score) if isinstance(score, int | float) else None,
        "external_id": None if annotation.get("id") is None else str(annotation["id"]),
    }
    if isinstance(points, list) and points and any(points[2::3]):
        common["keypoints"] = [points[i : i + 3] for i in range(0, len(points) - 2, 3)]
    if isinstance(shape, dict) and "counts" in shape:
        return AnnotationDraft(kind="mask", bbox=box, segmentation=shape, **common)
    if isinstance(shape, list):
        parts = [
            [float(v) for v in part]
            for part in shape
            if isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0
        ]
        if parts:
            return AnnotationDraft(kind="polygon", bbox=box, segmentation=parts, **common)
    if common.get("keypoints"):
        return AnnotationDraft(kind="keypoints", bbox=box, **common)
    return AnnotationDraft(kind="box", bbox=box, **common) if box is not None else None


def _box(value: Any) -> tuple[float, float, float, float] | None:
    """COCO writes x, y, width, height."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    try:
        x, y, width, height = (float(number) for number in value)
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(number) for number in (x, y, width, height)):
        return None
    return (x, y, x + width, y + height)
