"""One folder per class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.labels import ImportedLabels, is_split_name, split_of


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


def read_class_folders(image_paths: Sequence[str], classes: Sequence[str]) -> ImportedLabels:
    """Give every image the class of its folder."""
    labels = ImportedLabels()
    found = folder_classes(image_paths, classes)
    for path in image_paths:
        if path not in found:
            labels.findings.add("Images lie in no class folder and stay without a label", path)
            continue
        draft = AnnotationDraft(
            category=found[path], kind="class", source="import", author="class_folders"
        )
        labels.drafts[path] = [draft]
        split = split_of(path)
        if split is not None:
            labels.splits[path] = split
    return labels


def _meaningful(path: str) -> tuple[str, ...]:
    return tuple(part for part in PurePosixPath(path).parts[:-1] if not is_split_name(part))


def _shared_levels(nested: Sequence[tuple[str, ...]]) -> int:
    """Count the leading folders that all images share; one folder in all is a class of its own."""
    depth = min(len(parts) for parts in nested)
    level = 0
    while level < depth - 1 and len({parts[level] for parts in nested}) == 1:
        level += 1
    return level
