"""VGG Image Annotator 2: regions of every image in one JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any, Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import (
    SHAPES,
    Holds,
    Label,
    LabelCategory,
    LabeledImage,
    LabelSet,
)
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.json_text import walk
from visionloop.data.formats.labels import split_of_name
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.shapes import bounds
from visionloop.data.formats.target import ExportTarget

_CLASS_KEYS: Final = ("class", "category", "label", "name", "type", "object")
_METADATA: Final = "_via_img_metadata"
_ROUND: Final = 32
UNNAMED: Final = "object"


def detect(source: LabelSource) -> str | None:
    """Say which files come from the annotator."""
    found = _files(source)
    return f"{len(found)} JSON files such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all files of the annotator; regions without a class get the only one there is."""
    files = _files(source)
    findings = Findings()
    fallback = hints.classes[0] if len(hints.classes) == 1 else UNNAMED
    names = dict.fromkeys(
        region_class(region) or fallback
        for path in files
        for _, entry in _entries(source, path)
        for region in _regions(entry)
    )

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            try:
                for name, entry in _entries(source, path):
                    yield _image(name, entry, path, (fallback, findings))
            except ValueError as error:
                findings.add(f"Not a readable file of the annotator ({error})", path)

    return LabelSet(tuple(map(LabelCategory, names)), stream, findings, set(files))


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``SPLIT/via_region_data.json`` with the images beside it."""
    with ExitStack() as stack:
        files: dict[str, IO[str]] = {}
        for split in survey.splits or {None: 0}:
            folder = f"{split}/" if split else ""
            files[folder] = stack.enter_context(target.open_text(f"{folder}via_region_data.json"))
            files[folder].write("{")
        begun: set[str] = set()
        for image in labels:
            folder = f"{image.split}/" if image.split else ""
            target.add_image(f"{folder}{image.name}", image)
            entry = {
                "filename": image.name,
                "size": -1,
                "regions": [r for label in image.annotations for r in _regions_of(label)],
                "file_attributes": dict(image.attributes),
            }
            text = json.dumps({f"{image.name}-1": entry}, ensure_ascii=False)[1:-1]
            files[folder].write((",\n" if folder in begun else "\n") + text)
            begun.add(folder)
        for file in files.values():
            file.write("\n}\n")


def region_class(region: Mapping[str, Any]) -> str | None:
    """Return the class of a region: of the attribute named like one, else of the only one."""
    return _split_attributes(region)[0]


def _split_attributes(region: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return the class of a region, and its attributes without those that say it."""
    attributes = dict(region.get("region_attributes") or {})
    for wanted in _CLASS_KEYS:
        for key, value in attributes.items():
            if str(key).lower() == wanted and _chosen(value):
                return _chosen(attributes.pop(key)), attributes
    values = {chosen for value in attributes.values() if (chosen := _chosen(value))}
    if len(values) != 1:
        return None, attributes
    name = values.pop()
    return name, {key: value for key, value in attributes.items() if _chosen(value) != name}


def _chosen(value: Any) -> str | None:
    """Return a text, or the one that is ticked in a list of boxes."""
    if isinstance(value, dict):
        ticked = [key for key, state in value.items() if state]
        return str(ticked[0]) if len(ticked) == 1 else None
    return str(value).strip() or None


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if (path.lower().endswith(".json") and b'"shape_attributes"' in (data := source.read(path)))
        or (path.lower().endswith(".json") and b'"file_attributes"' in data)
    ]  # fmt: skip


def _entries(source: LabelSource, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = source.read(path).decode("utf-8", errors="replace")
    for piece in walk(text):
        nested = piece.value.items() if piece.key == _METADATA else [(piece.key, piece.value)]
        for _, entry in nested:
            if isinstance(entry, dict) and "filename" in entry:
                yield str(entry["filename"]), entry


def _regions(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    regions = entry.get("regions") or []
    return list(regions.values()) if isinstance(regions, dict) else list(regions)


def _image(
    name: str, entry: Mapping[str, Any], path: str, how: tuple[str, Findings]
) -> LabeledImage:
    fallback, findings = how
    labels = []
    for region in _regions(entry):
        category = region_class(region)
        if category is None:
            findings.add(f"Regions name no class and were taken for {fallback!r}", name)
        draft = _draft(region, category or fallback)
        if draft is None:
            findings.add("Regions have a shape that is not known or incomplete", name)
            continue
        if region["shape_attributes"]["name"] in ("circle", "ellipse"):
            findings.add(f"Circles and ellipses became polygons of {_ROUND} corners", name)
        labels.append(draft)
    return LabeledImage(
        name=name,
        annotations=tuple(labels),
        split=split_of_name(path),
        attributes=entry.get("file_attributes") or {},
        label_file=path,
    )


def _draft(region: Mapping[str, Any], category: str) -> AnnotationDraft | None:
    try:
        geometry = _geometry(region["shape_attributes"])
    except (KeyError, TypeError, ValueError):
        return None
    if geometry is None:
        return None
    attributes = _split_attributes(region)[1]
    return AnnotationDraft(category=category, attributes=attributes, source="import", **geometry)


def _geometry(shape: Mapping[str, Any]) -> dict[str, Any] | None:
    name = shape["name"]
    if name == "rect":
        x, y = float(shape["x"]), float(shape["y"])
        box = (x, y, x + float(shape["width"]), y + float(shape["height"]))
        return {"kind": "box", "bbox": box}
    if name in ("polygon", "polyline"):
        pairs = zip(shape["all_points_x"], shape["all_points_y"], strict=True)
        return {"kind": name, "segmentation": [[float(v) for pair in pairs for v in pair]]}
    if name == "point":
        points = [[float(shape["cx"]), float(shape["cy"]), 2]]
        return {"kind": "keypoints", "keypoints": points}
    if name in ("circle", "ellipse"):
        rx = float(shape.get("rx", shape.get("r")))
        ry, turn = float(shape.get("ry", rx)), float(shape.get("theta", 0.0))
        ring: list[float] = []
        for i in range(_ROUND):
            angle = 2 * math.pi * i / _ROUND
            x, y = rx * math.cos(angle), ry * math.sin(angle)
            ring += [
                shape["cx"] + x * math.cos(turn) - y * math.sin(turn),
                shape["cy"] + x * math.sin(turn) + y * math.cos(turn),
            ]
        return {"kind": "polygon", "segmentation": [ring]}
    return None


def _regions_of(label: Label) -> Iterator[dict[str, Any]]:
    """Write a label; the parts of a polygon become regions of their own."""
    box = bounds(label)
    if label.kind == "class" or box is None:
        return
    shapes: list[dict[str, Any]]
    if label.kind in ("polygon", "polyline", "rotated_box") and label.segmentation:
        name = "polyline" if label.kind == "polyline" else "polygon"
        shapes = [
            {"name": name, "all_points_x": points[::2], "all_points_y": points[1::2]}
            for points in label.segmentation
        ]
    else:
        x1, y1, x2, y2 = box
        shapes = [{"name": "rect", "x": x1, "y": y1, "width": x2 - x1, "height": y2 - y1}]
    for shape in shapes:
        attributes = {"class": label.category} | dict(label.attributes)
        yield {"shape_attributes": shape, "region_attributes": attributes}


FORMAT: Final = AnnotationFormat(
    name="via",
    title="VGG Image Annotator",
    holds=Holds(
        kinds=frozenset({"box", "polygon", "polyline"}),
        becomes={
            "rotated_box": "polygon",
            **dict.fromkeys(SHAPES - {"box", "polygon", "polyline", "rotated_box"}, "box"),
        },
        crowd=True,
        attributes=None,
        nested_attributes=True,
        image_attributes=True,
        unused_categories=False,
    ),
    detect=detect,
    read=read,
    write=write,
)
