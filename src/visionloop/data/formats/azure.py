"""Azure Machine Learning: JSON Lines of AutoML for images, plain or inside MLTable folders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit

import yaml

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import (
    CROWD,
    Holds,
    Label,
    LabelCategory,
    LabeledImage,
    LabelSet,
)
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.labels import split_of_name
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.shapes import bounds, scaled, scaled_line
from visionloop.data.formats.target import ExportTarget

_STORE_PATH: Final = re.compile(r"^.*/paths/")
_PIXELS: Final = re.compile(r"^\s*(\d+)")
_UNSPLIT: Final = "all"


def detect_lines(source: LabelSource) -> str | None:
    """Say which files are JSON Lines, where no MLTable describes them."""
    found = _line_files(source)
    if not found or _tables(source):
        return None
    return f"{len(found)} JSON Lines files such as {found[0]}"


def detect_table(source: LabelSource) -> str | None:
    """Say where an MLTable lies beside JSON Lines."""
    tables = _tables(source)
    return f"{len(tables)} MLTable files such as {tables[0]}" if tables else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all JSON Lines of a source."""
    files = _line_files(source)
    findings = Findings()
    names: dict[str, None] = {}
    for path in files:
        for entry in _entries(source, path):
            for item in _items(entry):
                names[str(item["label"] if isinstance(item, dict) else item)] = None

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            for entry in _entries(source, path):
                yield _image(entry, path, findings)

    used = {*files, *_tables(source)}
    return LabelSet(tuple(map(LabelCategory, names)), stream, findings, used)


def write_lines(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``SPLIT.jsonl`` and, where wanted, ``images/``."""
    _write(labels, target, survey, place="{split}.jsonl")


def write_table(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write a folder with MLTable and JSON Lines for each split."""
    for split in survey.splits or {None: 0}:
        with target.open_text(f"{split or _UNSPLIT}-mltable-folder/MLTable") as file:
            yaml.safe_dump(_table(f"{split or _UNSPLIT}.jsonl"), file, sort_keys=False)
    _write(labels, target, survey, place="{split}-mltable-folder/{split}.jsonl")


def _write(labels: LabelSet, target: ExportTarget, survey: Survey, *, place: str) -> None:
    with ExitStack() as stack:
        files: dict[str | None, IO[str]] = {
            split: stack.enter_context(target.open_text(place.format(split=split or _UNSPLIT)))
            for split in survey.splits or {None: 0}
        }
        for image in labels:
            path = f"images/{image.name}"
            target.add_image(path, image)
            entry = {"image_url": f"{target.image_root}{path}"}
            text = json.dumps(entry | _description(image), ensure_ascii=False)
            files[image.split].write(f"{text}\n")


def _description(image: LabeledImage) -> dict[str, Any]:
    details: dict[str, Any] = {"format": PurePosixPath(image.name).suffix.lstrip(".").lower()}
    if image.width and image.height:
        details |= {"width": f"{image.width}px", "height": f"{image.height}px"}
    classes = [label.category for label in image.annotations if label.kind == "class"]
    label: Any = classes[0] if len(classes) == 1 else classes
    if not classes:
        label = [item for one in image.annotations if (item := _item(one, image)) is not None]
    return {"image_details": details, "label": label}


def _item(label: Label, image: LabeledImage) -> dict[str, Any] | None:
    box = bounds(label)
    if label.kind in ("class", "polyline") or box is None:
        return None
    if not image.width or not image.height:
        raise ExportInvalid(f"the size of {image.name} is not known, and labels are shares of it")
    x, y = 1 / image.width, 1 / image.height
    item: dict[str, Any] = {"label": label.category}
    if label.kind in ("polygon", "rotated_box") and isinstance(label.segmentation, list):
        item["polygon"] = [scaled_line(part, x, y) for part in label.segmentation]
    else:
        names = ("topX", "topY", "bottomX", "bottomY")
        item |= dict(zip(names, scaled_line(box, x, y), strict=True))
    return item | {"isCrowd": 1 if label.attributes.get(CROWD) else 0}


def _table(path: str) -> dict[str, Any]:
    return {
        "paths": [{"file": f"./{path}"}],
        "transformations": [
            {
                "read_json_lines": {
                    "encoding": "utf8",
                    "invalid_lines": "error",
                    "include_path_column": False,
                }
            },
            {"convert_column_types": [{"columns": "image_url", "column_type": "stream_info"}]},
        ],
    }


def _tables(source: LabelSource) -> list[str]:
    return [path for path in source.paths if PurePosixPath(path).name == "MLTable"]


def _line_files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if path.lower().endswith((".jsonl", ".ndjson")) and b'"image_url"' in source.read(path)
    ]


def _entries(source: LabelSource, path: str) -> Iterator[Mapping[str, Any]]:
    for line in source.read(path).decode("utf-8-sig", errors="replace").splitlines():
        try:
            entry = json.loads(line) if line.strip() else None
        except ValueError:
            entry = {"image_url": path, "broken": True}
        if isinstance(entry, dict) and "image_url" in entry:
            yield entry


def _items(entry: Mapping[str, Any]) -> list[Any]:
    label = entry.get("label")
    if isinstance(label, list):
        return label
    return [] if label in (None, "") else [label]


def _image(entry: Mapping[str, Any], path: str, findings: Findings) -> LabeledImage:
    name = _name(str(entry["image_url"]))
    if entry.get("broken"):
        findings.add("Lines are not JSON", path)
    details = entry.get("image_details") or {}
    width, height = (_pixels(details.get(side)) for side in ("width", "height"))
    confidence = entry.get("label_confidence")
    drafts = []
    for item in _items(entry):
        draft = _draft(item, confidence)
        if draft is None:
            findings.add("Labels have neither box nor polygon", name)
            continue
        drafts.append(draft if not (width and height) else scaled(draft, width, height))
    return LabeledImage(
        name=name,
        annotations=tuple(drafts),
        width=width,
        height=height,
        split=split_of_name(path),
        label_file=path,
        relative=not (width and height),
    )


def _draft(item: Any, confidence: Any) -> AnnotationDraft | None:
    if not isinstance(item, dict):
        score = float(confidence) if isinstance(confidence, int | float) else None
        return AnnotationDraft(category=str(item), kind="class", score=score, source="import")
    crowd = str(item.get("isCrowd", item.get("iscrowd", 0))).lower() in ("1", "true")
    facts: dict[str, Any] = {
        "category": str(item.get("label")),
        "attributes": {CROWD: 1} if crowd else {},
        "source": "import",
    }
    try:
        if item.get("polygon"):
            parts = [[float(value) for value in part] for part in item["polygon"]]
            return AnnotationDraft(kind="polygon", segmentation=parts, **facts)
        corners = [float(item[name]) for name in ("topX", "topY", "bottomX", "bottomY")]
    except (KeyError, TypeError, ValueError):
        return None
    return AnnotationDraft(
        kind="box", bbox=(corners[0], corners[1], corners[2], corners[3]), **facts
    )


def _name(url: str) -> str:
    """Return the path of an image below its datastore or container."""
    parts = urlsplit(url)
    if not parts.scheme:
        return url.removeprefix("./").removeprefix("images/")
    path = f"{parts.netloc}{unquote(parts.path)}"
    path = _STORE_PATH.sub("", path) if "/paths/" in path else unquote(parts.path).lstrip("/")
    return path.removeprefix("images/")


def _pixels(value: Any) -> int | None:
    """Read "400px"."""
    found = _PIXELS.match(str(value or ""))
    return int(found.group(1)) or None if found else None


_HOLDS: Final = Holds(
    kinds=frozenset({"class", "box", "polygon"}),
    becomes={"rotated_box": "polygon", "mask": "box", "keypoints": "box"},
    multi_part=True,
    crowd=True,
    several_classes=True,
    unused_categories=False,
)
LINES: Final = AnnotationFormat(
    name="azure_jsonl",
    title="Azure AutoML JSONL",
    holds=_HOLDS,
    detect=detect_lines,
    read=read,
    write=write_lines,
)
TABLE: Final = AnnotationFormat(
    name="azure_mltable",
    title="Azure MLTable",
    holds=_HOLDS,
    detect=detect_table,
    read=read,
    write=write_table,
)
