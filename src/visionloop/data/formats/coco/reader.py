"""Read COCO files: every split in a file of its own, annotations in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from visionloop.data.entities import Split
from visionloop.data.formats.coco.annotation import draft_of
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet, Skeleton
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.json_text import decode, walk
from visionloop.data.formats.labels import split_of, split_of_name
from visionloop.data.formats.ports import LabelSource, ReadHints

_STREAMED: Final = frozenset({"images", "annotations"})
_MARKS: Final = (b'"annotations"', b'"categories"', b'"images"')


@dataclass
class _Index:
    """What a file holds, without its shapes.

    Attributes:
        images: id to the entries of that id.
        starts: id of an image to the places of its annotations in the text. Remembering where
            they stand instead of what they say takes a tenth of the memory.
        orphans: an annotation of every image id that is not listed, and how many there are.
    """

    path: str
    names: dict[Any, str] = field(default_factory=dict)
    categories: list[LabelCategory] = field(default_factory=list)
    images: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    starts: dict[Any, list[int]] = field(default_factory=dict)
    orphans: list[tuple[str, int]] = field(default_factory=list)
    flaws: list[tuple[str, str]] = field(default_factory=list)


def find_files(source: LabelSource) -> list[str]:
    """Return the JSON files that have the three arrays of COCO."""
    return [
        path
        for path in source.paths
        if path.lower().endswith(".json") and looks_like_coco(source.read(path))
    ]


def looks_like_coco(data: bytes) -> bool:
    """Tell by its words whether a JSON file is COCO."""
    return all(mark in data for mark in _MARKS)


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all COCO files of a source; the text of one file is held at a time."""
    findings = Findings()
    broken: list[tuple[str, str]] = []
    indexes: list[_Index] = []
    for path in find_files(source):
        try:
            indexes.append(_index(path, _text(source, path)))
        except ValueError as error:
            broken.append((f"Not a readable COCO file ({error})", path))
    categories: dict[str, LabelCategory] = {}
    for index in indexes:
        for category in index.categories:
            categories.setdefault(category.name, category)

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for flaw in broken:
            findings.add(*flaw)
        for index in indexes:
            yield from _stream(index, _text(source, index.path), findings)

    return LabelSet(tuple(categories.values()), stream, findings, {index.path for index in indexes})


def _text(source: LabelSource, path: str) -> str:
    return source.read(path).decode("utf-8", errors="replace")


def _index(path: str, text: str) -> _Index:
    index = _Index(path)
    for piece in walk(text, _STREAMED):
        if piece.key == "categories" and isinstance(piece.value, list):
            _index_categories(index, piece.value)
        elif not isinstance(piece.value, dict):
            continue
        elif piece.key == "images":
            index.images.setdefault(piece.value.get("id"), []).append(piece.value)
        elif piece.key == "annotations":
            index.starts.setdefault(piece.value.get("image_id"), []).append(piece.start)
    for image_id, starts in index.starts.items():
        if image_id not in index.images:
            index.orphans.append((str(decode(text, starts[0]).get("id")), len(starts)))
    return index


def _index_categories(index: _Index, entries: list[Any]) -> None:
    for entry in entries:
        name = str(entry.get("name", "")).strip() if isinstance(entry, dict) else ""
        if not name:
            continue
        number, above = entry.get("id"), entry.get("supercategory")
        if name in index.names.values():
            index.flaws.append(("Two categories have the same name and were joined", name))
        else:
            category = LabelCategory(
                name,
                external_id=number if isinstance(number, int) else None,
                supercategory=above if isinstance(above, str) else None,
                skeleton=_skeleton(entry),
            )
            index.categories.append(category)
        index.names[number] = name


def _skeleton(entry: Mapping[str, Any]) -> Skeleton | None:
    joints, bones = entry.get("keypoints"), entry.get("skeleton") or ()
    if not isinstance(joints, list) or not joints:
        return None
    pairs = tuple((int(b[0]) - 1, int(b[1]) - 1) for b in bones if len(b) == 2)
    return Skeleton(tuple(map(str, joints)), pairs)


def _stream(index: _Index, text: str, findings: Findings) -> Iterator[LabeledImage]:
    for flaw in index.flaws:
        findings.add(*flaw)
    for example, count in index.orphans:
        findings.add("Annotations belong to no listed image", example, count=count)
    split = split_of_name(index.path)
    for image_id, entries in index.images.items():
        for entry in entries:
            shapes = [decode(text, start) for start in index.starts.get(image_id, ())]
            yield _image(entry, shapes, index, split, findings)


def _image(
    entry: Mapping[str, Any],
    shapes: list[dict[str, Any]],
    index: _Index,
    split: Split | None,
    findings: Findings,
) -> LabeledImage:
    name = str(entry.get("file_name", ""))
    drafts = []
    for shape in shapes:
        category = index.names.get(shape.get("category_id"))
        if category is None:
            findings.add("Annotations have no listed category", name)
            continue
        draft = draft_of(shape, category)
        if draft is None:
            findings.add("Annotations have neither box nor shape", name)
            continue
        drafts.append(draft)
    width, height = entry.get("width"), entry.get("height")
    sized = isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0
    number = entry.get("external_id", entry.get("id"))
    attributes = entry.get("attributes")
    return LabeledImage(
        name=name,
        annotations=tuple(drafts),
        width=width if sized else None,
        height=height if sized else None,
        split=split or split_of(name),
        external_id=None if number is None else str(number),
        attributes=attributes if isinstance(attributes, dict) else {},
        digest=entry.get("sha256"),
        label_file=index.path,
    )
