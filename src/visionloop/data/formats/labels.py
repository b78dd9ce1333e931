"""Annotations of a source, joined with the images they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft, Split
from visionloop.data.formats.entities import LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.images import is_image_name

_SPLIT_NAMES: Final[Mapping[str, Split]] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}


@dataclass
class ImportedLabels:
    """Annotations of a folder, before they are checked against images and project.

    Attributes:
        drafts: path of an image to its annotations; a path with none is known to be empty.
        splits: path to the split that the set came with.
        sizes: path to the (width, height) that the annotations were made for, where stated.
        attributes: path to facts about the whole image.
        relative: paths whose coordinates are shares of width and height.
        used: paths of the annotation files, which are no refused images.
    """

    drafts: dict[str, list[AnnotationDraft]] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    attributes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    relative: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    findings: Findings = field(default_factory=Findings)

    def classes(self) -> list[str]:
        """Every class that an annotation uses, in order of first use."""
        return list(dict.fromkeys(d.category for drafts in self.drafts.values() for d in drafts))


def join_images(labels: LabelSet, image_paths: Iterable[str]) -> ImportedLabels:
    """Give every image file the annotations that mean it; what fits none is a finding."""
    joined = ImportedLabels()
    index = PathIndex(list(image_paths))
    unmatched = Findings()
    for image in labels:
        if image.path is not None and image.path in index:
            path: str | None = image.path
            problem = None
        else:
            path, problem = index.find(image.name, near=image.label_file or "")
        if path is None:
            named = is_image_name(image.name) or image.label_file is None
            unmatched.add(problem or "", image.name if named else image.label_file or "")
            continue
        if path in joined.drafts:
            unmatched.add("Described more than once; the annotations were joined", path)
        drafts = [draft for draft in image.annotations if isinstance(draft, AnnotationDraft)]
        joined.drafts.setdefault(path, []).extend(drafts)
        split = image.split or split_of(path)
        if split is not None:
            joined.splits[path] = split
        if image.width and image.height:
            joined.sizes[path] = (image.width, image.height)
        if image.attributes:
            joined.attributes[path] = image.attributes
        if image.relative:
            joined.relative.add(path)
    joined.findings.extend(labels.findings)
    joined.findings.extend(unmatched)
    joined.used |= labels.used
    return joined


def split_of(path: str) -> Split | None:
    """Read the split from a folder name on the way to a file."""
    folders = PurePosixPath(path).parts[:-1]
    return next((_SPLIT_NAMES[f.lower()] for f in folders if f.lower() in _SPLIT_NAMES), None)


def split_of_name(path: str) -> Split | None:
    """Read the split from the name of an annotation file, as in instances_val2017.json."""
    words = re.split(r"[^a-z]+", PurePosixPath(path).stem.lower())
    return next((_SPLIT_NAMES[word] for word in words if word in _SPLIT_NAMES), split_of(path))


def split_named(name: str | None) -> Split | None:
    """Return the split that a word stands for."""
    return _SPLIT_NAMES.get((name or "").strip().lower())


def is_split_name(folder: str) -> bool:
    """Tell whether a folder is named like a split."""
    return folder.lower() in _SPLIT_NAMES


class PathIndex:
    """Finds the image that an annotation file means by a name, however loosely it says so."""

    def __init__(self, paths: list[str]) -> None:
        self._paths = set(paths)
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for path in paths:
            name = PurePosixPath(path)
            self._by_name.setdefault(name.name, []).append(path)
            self._by_stem.setdefault(name.stem, []).append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def find(self, name: str, *, near: str) -> tuple[str | None, str | None]:
        """Find an image by its path, else by its name, else by its name without the ending.

        Args:
            name: as the annotation file writes it: a name, a path, maybe of another machine.
            near: path of the annotation file.

        Returns:
            The path, or None; and why not, in words.
        """
        folder = PurePosixPath(near).parent
        plain = PurePosixPath(name.replace("\\", "/"))
        for place in _places(folder):
            guess = (place / plain).as_posix()
            if guess in self._paths:
                return guess, None
        same = self._by_name.get(plain.name) or self._by_stem.get(plain.stem, [])
        return self._single(same, plain, folder)

    @staticmethod
    def _single(
        candidates: list[str], plain: PurePosixPath, folder: PurePosixPath
    ) -> tuple[str | None, str | None]:
        if len(candidates) > 1:
            # Equal names in two folders: the one whose path ends as the file says, else the one
            # below the same parent.
            ending = f"/{plain.with_suffix('').as_posix()}"
            said = [
                c for c in candidates if f"/{PurePosixPath(c).with_suffix('')}".endswith(ending)
            ]
            candidates = said or candidates
        if len(candidates) > 1:
            root = folder.parent.as_posix()
            close = [c for c in candidates if c.startswith("" if root == "." else f"{root}/")]
            same = [c for c in close if PurePosixPath(c).parent == folder]
            candidates = same or close or candidates
        if len(candidates) == 1:
            return candidates[0], None
        if candidates:
            return None, "several images have this name, so their annotations were left out"
        return None, "annotations name an image that is not there"


def _places(folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """Return the folders beside an annotation file in which images usually lie."""
    above = folder.parent
    return (
        folder, folder / "images", above, above / "images", above / "JPEGImages",
        folder / "data", PurePosixPath(),
    )  # fmt: skip
