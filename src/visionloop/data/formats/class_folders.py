"""One folder per class, within one folder per split or not; YOLO classify sets look the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import Holds, LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.labels import is_split_name, split_of
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.target import ExportTarget, Names


def folder_classes(image_paths: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Read the class of every image from the folders above it.

    Folders that all images share, and folders named like a split, are no classes. Where several
    levels remain (site/class or class/person), the one whose names the label schema knows is
    taken, else the topmost.

    Returns:
        Path to class, for the images that lie in a class folder.
    """
    folders = {path: _meaningful(path) for path in image_paths}
    nested = [parts for parts in folders.values() if parts]
    if not nested:
        return {}
    level = _shared_levels(nested)
    depth = min(len(parts) for parts in nested)
    known = set(classes)
    fitting = [i for i in range(level, depth) if all(parts[i] in known for parts in nested)]
    chosen = fitting[0] if fitting else level
    return {path: parts[chosen] for path, parts in folders.items() if len(parts) > chosen}


def detect(source: LabelSource) -> str | None:
    """Say which folders look like classes; a single one may be anything."""
    images = [path for path in source.paths if is_image_name(path)]
    names = sorted(set(folder_classes(images, ()).values()))
    return f"{len(names)} folders such as {names[0]!r}" if len(names) > 1 else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Give every image the class of its folder."""
    images = [path for path in source.paths if is_image_name(path)]
    found = folder_classes(images, hints.classes)
    findings = Findings()
    known = set(hints.classes)
    order = [name for name in hints.classes if name in found.values()]
    order += sorted(set(found.values()) - known)

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in images:
            if path not in found:
                flaw = "Images lie in no class folder and stay without a label"
                findings.add(flaw, path)
                continue
            draft = AnnotationDraft(category=found[path], kind="class", source="import")
            name = path.rpartition("/")[2]
            yield LabeledImage(name, (draft,), split=split_of(path), path=path)

    return LabelSet(tuple(map(LabelCategory, order)), stream, findings)


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write SPLIT/CLASS/NAME, or CLASS/NAME where images have no split."""
    taken: dict[str, Names] = {}
    for image in labels:
        chosen = next((label for label in image.annotations if label.kind == "class"), None)
        if chosen is None:
            continue
        folder = chosen.category
        if "/" in folder or folder in (".", "..") or is_split_name(folder):
            raise ExportInvalid(f"the class {folder!r} is no name for a folder; rename it")
        place = f"{image.split}/{folder}" if image.split else folder
        name = taken.setdefault(place, Names(flat=True)).take(image.name)
        target.add_image(f"{place}/{name}", image)


def _meaningful(path: str) -> tuple[str, ...]:
    return tuple(part for part in PurePosixPath(path).parts[:-1] if not is_split_name(part))


def _shared_levels(nested: Sequence[tuple[str, ...]]) -> int:
    """Count the leading folders that all images share; one folder in all is a class of its own."""
    depth = min(len(parts) for parts in nested)
    level = 0
    while level < depth - 1 and len({parts[level] for parts in nested}) == 1:
        level += 1
    return level


def _never(source: LabelSource) -> None:
    """Leave the detection of class folders to the format of that name."""


_HOLDS: Final = Holds(
    kinds=frozenset({"class"}), negatives=False, unused_categories=False, folders=False
)
FORMAT: Final = AnnotationFormat(
    name="class_folders",
    title="Class folders",
    holds=_HOLDS,
    detect=detect,
    read=read,
    write=write,
    named_only=True,
)
YOLO_CLASSIFY: Final = AnnotationFormat(
    name="yolo_classify",
    title="YOLO classify",
    holds=_HOLDS,
    detect=_never,
    read=read,
    write=write,
    named_only=True,
)
