"""One region of Label Studio, read and written; coordinates are percent of the image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats import masks
from visionloop.data.formats.entities import Label
from visionloop.data.formats.label_studio import brush
from visionloop.data.formats.shapes import bounds, rotated_corners, scaled_line, unrotated

Size = tuple[int, int]
Result = dict[str, Any]
_ROUND: Final = 32
_SHAPES: Final[Mapping[str, str]] = {
    "rectanglelabels": "rectangle",
    "polygonlabels": "polygon",
    "ellipselabels": "ellipse",
    "keypointlabels": "keypoint",
    "brushlabels": "brush",
    "choices": "choices",
}


def region_draft(result: Mapping[str, Any], parts: Sequence[Result]) -> AnnotationDraft | None:
    """Read a region with those that belong to it; None for what is no label."""
    value, kind = result.get("value") or {}, str(result.get("type"))
    names = value.get(kind) or value.get("labels") or ()
    if kind not in _SHAPES or not names:
        return None
    size = (int(result.get("original_width") or 0), int(result.get("original_height") or 0))
    meta = result.get("meta") or {}
    score = result.get("score")
    own = {"external_id": str(result["id"])} if result.get("id") is not None else {}
    facts: dict[str, Any] = {
        "category": str(names[0]),
        "attributes": meta.get("attributes") or {},
        "score": float(score) if isinstance(score, int | float) else None,
        "source": meta.get("source", "import"),
        "author": meta.get("author"),
        "external_id": meta.get("external_id", own.get("external_id")),
    }
    points = [part for part in parts if part.get("type") == "keypointlabels"]
    if points:
        facts["keypoints"] = [_point(part, size) for part in points]
    geometry = _geometry(kind, result, size, [p for p in parts if p not in points])
    if points and meta.get("kind") == "keypoints":
        box = None if meta.get("boxless") else geometry.get("bbox")
        geometry = {"kind": "keypoints", "bbox": box}
    if kind == "keypointlabels" and not points:
        geometry = {"kind": "keypoints", "keypoints": [_point(result, size)]}
    return AnnotationDraft(**facts, **geometry)


def region_of(label: Label, number: str, size: Size) -> list[Result]:
    """Write a label as a region, followed by those that belong to it."""
    meta: dict[str, Any] = {}
    if label.attributes:
        meta["attributes"] = dict(label.attributes)
    if label.source != "import":
        meta |= {"source": label.source, "author": label.author}
    if label.external_id is not None and label.external_id != number:
        meta["external_id"] = label.external_id
    if label.kind in ("keypoints", "rotated_box"):
        meta["kind"] = label.kind
    if label.kind == "keypoints":
        meta |= {"boxless": True} if label.bbox is None else {}
    kind, values = _values(label, size)
    if kind is None:
        return []
    results = [
        _result(f"{number}" if i == 0 else f"{number}:{i}", kind, value, label.category, size)
        for i, value in enumerate(values)
    ]
    for part in results[1:]:
        part["parentID"] = number
    if meta:
        results[0]["meta"] = meta
    if label.score is not None:
        results[0]["score"] = label.score
    for i, (x, y, seen) in enumerate(label.keypoints or ()):
        value = {"x": 100 * x / size[0], "y": 100 * y / size[1], "width": 0.5}
        point = _result(f"{number}:point{i}", "keypointlabels", value, label.category, size)
        results.append({**point, "parentID": number, "meta": {"visibility": seen}})
    return results


def _result(number: str, kind: str, value: dict[str, Any], name: str, size: Size) -> Result:
    result: Result = {
        "id": number,
        "type": kind,
        "from_name": "class" if kind == "choices" else _SHAPES[kind],
        "to_name": "image",
        "value": value | {kind: [name]},
    }
    if kind != "choices":
        result |= {
            "original_width": size[0], "original_height": size[1], "image_rotation": 0,
        }  # fmt: skip
    return result


def _values(label: Label, size: Size) -> tuple[str | None, list[dict[str, Any]]]:
    if label.kind == "class":
        return "choices", [{}]
    if label.kind in ("polygon", "polyline") and isinstance(label.segmentation, list):
        x, y = 100 / size[0], 100 / size[1]
        lines = [scaled_line(part, x, y) for part in label.segmentation]
        points = [list(map(list, zip(p[::2], p[1::2], strict=True))) for p in lines]
        closed = label.kind == "polygon"
        return "polygonlabels", [{"points": part, "closed": closed} for part in points]
    if label.kind == "mask" and isinstance(label.segmentation, dict):
        data = brush.pack(masks.decode(label.segmentation))
        return "brushlabels", [{"format": "rle", "rle": data}]
    box, degrees = bounds(label), 0.0
    if label.kind == "rotated_box" and isinstance(label.segmentation, list):
        box, degrees = unrotated(label.segmentation[0])
        left, top = label.segmentation[0][:2]
    elif box is not None:
        left, top = box[0], box[1]
    if box is None:
        return None, []
    value = {
        "x": 100 * left / size[0],
        "y": 100 * top / size[1],
        "width": 100 * (box[2] - box[0]) / size[0],
        "height": 100 * (box[3] - box[1]) / size[1],
        "rotation": degrees,
    }
    return "rectanglelabels", [value]


def _geometry(
    kind: str, result: Mapping[str, Any], size: Size, parts: Sequence[Result]
) -> dict[str, Any]:
    value, meta = result["value"], result.get("meta") or {}
    if kind == "choices":
        return {"kind": "class"}
    if kind == "polygonlabels":
        rings = [value, *(part["value"] for part in parts if "points" in part["value"])]
        lines = [
            [number / 100 * side for point in ring["points"] for number, side in _zip(point, size)]
            for ring in rings
        ]
        closed = value.get("closed", True)
        return {"kind": "polygon" if closed else "polyline", "segmentation": lines}
    if kind == "brushlabels":
        rle = masks.encode(np.ascontiguousarray(brush.unpack(value["rle"], size[1], size[0])))
        return {"kind": "mask", "segmentation": rle, "bbox": masks.bounds(rle)}
    if kind == "ellipselabels":
        return {"kind": "polygon", "segmentation": [_ellipse(value, size)]}
    if kind == "keypointlabels":
        return {}
    return _rectangle(value, size, turned=meta.get("kind") == "rotated_box")


def _rectangle(value: Mapping[str, Any], size: Size, *, turned: bool) -> dict[str, Any]:
    x, y = value["x"] / 100 * size[0], value["y"] / 100 * size[1]
    width, height = value["width"] / 100 * size[0], value["height"] / 100 * size[1]
    degrees = float(value.get("rotation") or 0.0)
    if not degrees and not turned:
        return {"kind": "box", "bbox": (x, y, x + width, y + height)}
    # It turns about its top left corner; ours turn about the centre.
    turn = math.radians(degrees)
    cx = x + width / 2 * math.cos(turn) - height / 2 * math.sin(turn)
    cy = y + width / 2 * math.sin(turn) + height / 2 * math.cos(turn)
    box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
    return {"kind": "rotated_box", "segmentation": [rotated_corners(box, degrees)]}


def _ellipse(value: Mapping[str, Any], size: Size) -> list[float]:
    turn = math.radians(float(value.get("rotation") or 0.0))
    cx, cy = value["x"] / 100 * size[0], value["y"] / 100 * size[1]
    rx, ry = value["radiusX"] / 100 * size[0], value["radiusY"] / 100 * size[1]
    ring: list[float] = []
    for i in range(_ROUND):
        angle = 2 * math.pi * i / _ROUND
        x, y = rx * math.cos(angle), ry * math.sin(angle)
        ring += [
            cx + x * math.cos(turn) - y * math.sin(turn),
            cy + x * math.sin(turn) + y * math.cos(turn),
        ]
    return ring


def _point(part: Mapping[str, Any], size: Size) -> list[float]:
    value = part["value"]
    seen = (part.get("meta") or {}).get("visibility", 2)
    return [value["x"] / 100 * size[0], value["y"] / 100 * size[1], seen]


def _zip(point: Sequence[float], size: Size) -> list[tuple[float, int]]:
    return list(zip(point, size, strict=True))
