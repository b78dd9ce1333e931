"""CSV: one row an annotation, with the columns that most tables have."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.labels import split_named, split_of_name
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.records import RECORDS_HOLD, label_of, record_of
from visionloop.data.formats.target import ExportTarget

_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
_COLUMNS: Final = (
    "image", "split", "width", "height", "image_id", "image_attributes", "category", "kind",
    *_CORNERS, "segmentation", "keypoints", "attributes", "score", "source", "author", "id",
)  # fmt: skip
_SYNONYMS: Final[Mapping[str, str]] = {
    "filename": "image", "file_name": "image", "file": "image", "path": "image", "url": "image",
    "image_url": "image", "image_path": "image", "imageid": "image", "img": "image",
    "label": "category", "class": "category", "class_name": "category", "labelname": "category",
    "x1": "xmin", "y1": "ymin", "x2": "xmax", "y2": "ymax",
    "confidence": "score", "labelconfidence": "score", "set": "split", "subset": "split",
}  # fmt: skip
_BARE: Final[Mapping[int, Sequence[str]]] = {
    2: ("image", "category"),
    6: ("image", *_CORNERS, "category"),
}
Row = dict[str, str]


def detect(source: LabelSource) -> str | None:
    """Say which tables name images and classes."""
    found = _files(source)
    return f"{len(found)} tables such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read tables; rows of one image that stand together are one image."""
    files = _files(source)
    findings = Findings()
    categories: dict[str, LabelCategory] = {}
    for path in files:
        for row in _rows(source.read(path)):
            name = row.get("category")
            if name and name not in categories:
                categories[name] = LabelCategory(name)

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            yield from _read_file(source.read(path), path, findings)

    return LabelSet(tuple(categories.values()), stream, findings, set(files))


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``annotations.csv`` and, where wanted, ``images/``; an empty image has one row."""
    with target.open_text("annotations.csv") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for image in labels:
            target.add_image(f"images/{image.name}", image)
            facts = {
                "image": image.name,
                "split": image.split,
                "width": image.width,
                "height": image.height,
                "image_id": image.external_id,
                "image_attributes": json.dumps(dict(image.attributes), ensure_ascii=False)
                if image.attributes
                else None,
            }
            rows = [_cells(record_of(label)) for label in image.annotations] or [{}]
            writer.writerows(facts | row for row in rows)


def _cells(record: dict[str, Any]) -> dict[str, Any]:
    box = record.pop("bbox")
    return record | dict(zip(_CORNERS, box or (None,) * 4, strict=True))


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if path.lower().endswith(".csv")
        and not path.lower().endswith("metadata.csv")
        and next(_rows(source.read(path)), None) is not None
    ]


def _rows(data: bytes) -> Iterator[Row]:
    """Yield the rows under the names of our columns; nothing where the table says no labels."""
    text = io.StringIO(data.decode("utf-8-sig", errors="replace"), newline="")
    reader = csv.reader(text)
    first = next(reader, [])
    columns = [_column(name) for name in first]
    if {"image", "category"} <= set(columns):
        pass
    elif len(first) in _BARE and is_image_name(first[0]):
        columns = list(_BARE[len(first)])
        yield dict(zip(columns, first, strict=True))
    else:
        return
    for cells in reader:
        if cells:
            yield dict(zip(columns, cells, strict=False))


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return _SYNONYMS.get(plain, plain)


def _read_file(data: bytes, path: str, findings: Findings) -> Iterator[LabeledImage]:
    rows: list[Row] = []
    for row in _rows(data):
        if rows and row.get("image") != rows[0].get("image"):
            yield _image(rows, path, findings)
            rows = []
        rows.append(row)
    if rows:
        yield _image(rows, path, findings)


def _image(rows: list[Row], path: str, findings: Findings) -> LabeledImage:
    head = rows[0]
    width, height = head.get("width") or "", head.get("height") or ""
    split = split_named(head.get("split")) or split_of_name(path)
    return LabeledImage(
        name=head.get("image", ""),
        annotations=tuple(_labels(rows, findings)),
        width=int(width) if width.isdigit() and int(width) else None,
        height=int(height) if height.isdigit() and int(height) else None,
        split=split,
        external_id=head.get("image_id") or None,
        attributes=json.loads(head.get("image_attributes") or "{}"),
        label_file=path,
    )


def _labels(rows: list[Row], findings: Findings) -> Iterator[AnnotationDraft]:
    for row in rows:
        if not row.get("category"):
            continue
        corners = [row.get(side) or "" for side in _CORNERS]
        try:
            box = [float(value) for value in corners] if all(corners) else None
            yield label_of({**row, "bbox": box})
        except (ValueError, KeyError, TypeError):
            findings.add("Rows have cells that are no numbers or no JSON", row.get("image", ""))


FORMAT: Final = AnnotationFormat(
    name="csv",
    title="CSV",
    holds=RECORDS_HOLD,
    detect=detect,
    read=read,
    write=write,
)
