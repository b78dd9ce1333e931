"""Read CVAT's XML image by image; the file is never in memory as a whole tree."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats import masks
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.labels import split_named, split_of_name
from visionloop.data.formats.ports import LabelSource, ReadHints
from visionloop.data.formats.shapes import rotated_corners

Element = ElementTree.Element
Types = Mapping[tuple[str, str], str]


def find_files(source: LabelSource) -> list[str]:
    """Return the XML files that come from CVAT."""
    return [
        path
        for path in source.paths
        if path.lower().endswith(".xml") and _looks_right(source.read(path))
    ]


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all CVAT files of a source."""
    files = find_files(source)
    findings = Findings()
    names: dict[str, None] = {}
    types: dict[tuple[str, str], str] = {}
    for path in files:
        for element in _top_elements(source.read(path), findings, path):
            if element.tag == "meta":
                _read_meta(element, names, types)
            elif element.tag == "image":
                names |= {shape.get("label", ""): None for shape in element}

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            for element in _top_elements(source.read(path), findings, path):
                if element.tag == "image":
                    yield _image(element, path, types, findings)
                elif element.tag == "track":
                    findings.add("Tracks of videos were left out; export them as images", path)

    return LabelSet(tuple(map(LabelCategory, names)), stream, findings, set(files))


def _looks_right(data: bytes) -> bool:
    head = data[:4096]
    safe = b"<!DOCTYPE" not in head and b"<!ENTITY" not in head
    return safe and b"<annotations>" in head and (b"<image " in data or b"<meta>" in head)


def _top_elements(data: bytes, findings: Findings, path: str) -> Iterator[Element]:
    """Yield the children of the root and forget each after use."""
    depth = 0
    root: Element | None = None
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):  # noqa: S314
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if event == "end" and depth == 1:
                yield element
                root.clear()
    except ElementTree.ParseError as error:
        findings.add(f"Not a readable CVAT file ({error})", path)


def _read_meta(meta: Element, names: dict[str, None], types: dict[tuple[str, str], str]) -> None:
    for label in meta.iter("label"):
        name = label.findtext("name") or ""
        if label.find("parent") is None:  # a joint of a skeleton is no class
            names[name] = None
        for attribute in label.iter("attribute"):
            key = (name, attribute.findtext("name") or "")
            types[key] = attribute.findtext("input_type") or "text"


def _image(element: Element, path: str, types: Types, findings: Findings) -> LabeledImage:
    name = element.get("name", "")
    size = (int(element.get("width") or 0), int(element.get("height") or 0))
    drafts: list[AnnotationDraft] = []
    groups: dict[tuple[str, str], int] = {}
    for shape in element:
        reader = _READERS.get(shape.tag)
        try:
            geometry = None if reader is None else reader(shape, size)
        except (KeyError, ValueError, IndexError):
            geometry = None
        if geometry is None:
            findings.add(f"Shapes <{shape.tag}> were left out", name)
            continue
        draft = _draft(shape, geometry, types)
        key = (draft.category, shape.get("group_id", ""))
        if draft.kind == "polygon" and key[1] and key in groups:
            parts = drafts[groups[key]].segmentation
            assert isinstance(parts, list)
            parts.extend(geometry["segmentation"])
            continue
        groups[key] = len(drafts)
        drafts.append(draft)
    return LabeledImage(
        name=name,
        annotations=tuple(drafts),
        width=size[0] or None,
        height=size[1] or None,
        split=split_named(element.get("subset")) or split_of_name(path),
        external_id=element.get("id"),
        label_file=path,
    )


def _draft(shape: Element, geometry: dict[str, Any], types: Types) -> AnnotationDraft:
    label = shape.get("label", "")
    attributes = {
        attribute.get("name", ""): _typed(
            attribute.text or "", types.get((label, attribute.get("name", "")), "text")
        )
        for attribute in shape.findall("attribute")
    }
    if shape.get("occluded") == "1" and shape.tag != "skeleton":
        attributes["occluded"] = 1
    return AnnotationDraft(category=label, attributes=attributes, source="import", **geometry)


def _typed(text: str, input_type: str) -> Any:
    if input_type == "checkbox":
        return text.lower() == "true"
    if input_type == "number":
        try:
            return float(text) if set(text) & set(".eEn") else int(text)
        except ValueError:
            return text
    return text


def _box(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    x1, y1, x2, y2 = (float(shape.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr"))
    degrees = float(shape.get("rotation") or 0.0)
    if degrees or shape.get("kind") == "rotated_box":
        ring = rotated_corners((x1, y1, x2, y2), degrees)
        return {"kind": "rotated_box", "segmentation": [ring]}
    return {"kind": "box", "bbox": (x1, y1, x2, y2)}


def _points(text: str) -> list[float]:
    return [float(number) for pair in text.split(";") for number in pair.split(",")]


def _line(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    return {"kind": shape.tag, "segmentation": [_points(shape.attrib["points"])]}


def _keypoints(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    flat = _points(shape.attrib["points"])
    points = [[x, y, 2] for x, y in zip(flat[::2], flat[1::2], strict=True)]
    return {"kind": "keypoints", "keypoints": points}


def _skeleton(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    points = []
    for joint in shape.findall("points"):
        x, y = _points(joint.attrib["points"])[:2]
        seen = 0 if joint.get("outside") == "1" else 1 if joint.get("occluded") == "1" else 2
        points.append([x, y, seen])
    corners = shape.get("bbox")
    box = tuple(float(value) for value in corners.split(",")) if corners else None
    return {"kind": "keypoints", "keypoints": points, "bbox": box}


def _mask(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    left, top, width, height = (int(float(shape.attrib[n])) for n in _MASK_SIDES)
    counts = [int(count) for count in shape.attrib["rle"].split(",")]
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width)
    pixels = np.zeros((size[1], size[0]), dtype=bool)
    pixels[top : top + height, left : left + width] = flat
    rle = masks.encode(pixels)
    return {"kind": "mask", "segmentation": rle, "bbox": masks.bounds(rle)}


def _tag(shape: Element, size: tuple[int, int]) -> dict[str, Any]:
    return {"kind": "class"}


_MASK_SIDES: Final = ("left", "top", "width", "height")
_READERS: Final[Mapping[str, Callable[[Element, tuple[int, int]], dict[str, Any]]]] = {
    "box": _box,
    "polygon": _line,
    "polyline": _line,
    "points": _keypoints,
    "skeleton": _skeleton,
    "mask": _mask,
    "tag": _tag,
}
