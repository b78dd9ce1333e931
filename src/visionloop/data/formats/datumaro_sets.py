"""The long tail of formats through Datumaro, where the extra ``datumaro`` is installed.

Named ``datumaro`` it finds out the format itself; ``datumaro:kitti`` names one of Datumaro's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from visionloop.data.entities import AnnotationDraft
from visionloop.data.errors import IngestInvalid
from visionloop.data.formats import masks
from visionloop.data.formats.entities import ALL_KINDS, Holds, LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.errors import FormatAmbiguous
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.labels import split_named
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.shapes import rotated_corners

_SEEN: Final = 2


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read a folder with Datumaro.

    Raises:
        IngestInvalid: the extra is not installed, the files are not on this machine, or Datumaro
            cannot read them.
        FormatAmbiguous: several of Datumaro's formats fit.
    """
    if find_spec("datumaro") is None:
        raise IngestInvalid("Datumaro is not installed; pip install 'visionloop[datumaro]'")
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    folder = _folder(source)
    variant = hints.options.get("variant") or _detected(folder)
    try:
        found = Dataset.import_from(str(folder), variant)
    except Exception as error:  # Datumaro raises many kinds, none of them documented
        raise IngestInvalid(f"Datumaro cannot read {folder} as {variant}: {error}") from error
    findings = Findings()
    listed = found.categories().get(AnnotationType.label)
    names = [] if listed is None else [item.name for item in listed]

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for item in found:
            yield _image(item, names, findings)

    return LabelSet(tuple(map(LabelCategory, names)), stream, findings)


def _folder(source: LabelSource) -> Path:
    path = source.paths[0] if source.paths else ""
    local = source.local_path(path) if path else None
    if local is None:
        raise IngestInvalid("Datumaro reads folders of this machine alone; copy the files first")
    return Path(str(local).removesuffix(path))


def _detected(folder: Path) -> str:
    from datumaro.components.environment import Environment

    found = Environment().detect_dataset(str(folder))
    if len(found) != 1:
        choices = {f"datumaro:{name}": "Datumaro takes it for one" for name in found}
        raise FormatAmbiguous(str(folder), choices)
    return str(found[0])


def _image(item: Any, names: list[str], findings: Findings) -> LabeledImage:
    path = getattr(item.media, "path", None) or ""
    suffix = Path(path).suffix or ".jpg"
    height, width = getattr(item.media, "size", None) or (None, None)
    labels = []
    for label in item.annotations:
        draft = _draft(label, names)
        if draft is None:
            findings.add(f"Labels of type {label.type.name} were left out", item.id)
        else:
            labels.append(draft)
    return LabeledImage(
        name=f"{item.id}{suffix}",
        annotations=tuple(labels),
        width=width,
        height=height,
        split=split_named(item.subset),
        attributes={key: value for key, value in item.attributes.items() if key != "id"},
    )


def _draft(label: Any, names: list[str]) -> AnnotationDraft | None:
    kind, number = label.type.name, getattr(label, "label", None)
    geometry = _geometry(kind, label)
    if geometry is None or number is None:
        return None
    attributes = {key: _plain(value) for key, value in label.attributes.items()}
    crowd = attributes.pop("is_crowd", False)
    attributes |= {"iscrowd": 1} if crowd else {}
    return AnnotationDraft(
        category=names[number], attributes=attributes, source="import", **geometry
    )


def _geometry(kind: str, label: Any) -> dict[str, Any] | None:
    if kind == "label":
        return {"kind": "class"}
    if kind == "bbox":
        x, y, width, height = (float(value) for value in label.get_bbox())
        return {"kind": "box", "bbox": (x, y, x + width, y + height)}
    if kind in ("polygon", "polyline"):
        return {"kind": kind, "segmentation": [[float(value) for value in label.points]]}
    if kind == "points":
        flat = [float(value) for value in label.points]
        seen = [value.value for value in label.visibility] or [_SEEN] * (len(flat) // 2)
        pairs = zip(flat[::2], flat[1::2], seen, strict=True)
        return {"kind": "keypoints", "keypoints": [[x, y, v] for x, y, v in pairs]}
    if kind == "rotated_bbox":
        cx, cy, w, h = (float(value) for value in (label.cx, label.cy, label.w, label.h))
        box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        return {"kind": "rotated_box", "segmentation": [rotated_corners(box, float(label.r))]}
    if kind == "mask":
        rle = masks.encode(np.asarray(label.image, dtype=bool))
        return {"kind": "mask", "segmentation": rle, "bbox": masks.bounds(rle)}
    return None


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _never(source: LabelSource) -> None:
    """Wait to be named: what Datumaro guesses, our own readers know."""


FORMAT: Final = AnnotationFormat(
    name="datumaro",
    title="Datumaro",
    holds=Holds(kinds=ALL_KINDS, crowd=True, attributes=None, several_classes=True),
    detect=_never,
    read=read,
    named_only=True,
)
