"""What every format reader returns, and how findings are summed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from visionloop.data.entities import AnnotationDraft, Split

_EXAMPLES: Final = 5
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


class Findings:
    """Counts flaws of one kind and keeps a few examples, so that a report stays readable."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, flaw: str, example: str = "") -> None:
        """Note one case of a flaw."""
        self._counts[flaw] = self._counts.get(flaw, 0) + 1
        examples = self._found.setdefault(flaw, [])
        if example and example not in examples and len(examples) < _EXAMPLES:
            examples.append(example)

    def lines(self) -> tuple[str, ...]:
        """One sentence for each kind of flaw."""
        return tuple(self._line(flaw) for flaw in self._counts)

    def _line(self, flaw: str) -> str:
        count, examples = self._counts[flaw], self._found[flaw]
        if not examples:
            return flaw if count == 1 else f"{flaw} ({count} times)"
        more = ", ..." if len(examples) == _EXAMPLES and count > _EXAMPLES else ""
        return f"{flaw}: {count} ({', '.join(examples)}{more})"


@dataclass
class ImportedLabels:
    """Annotations of a folder, before they are checked against images and project.

    Attributes:
        drafts: path of an image to its annotations; a path with none is known to be empty.
        splits: path to the split that the set came with.
        sizes: path to the (width, height) that the annotations were made for, where stated.
        used: paths of the annotation files, which are no refused images.
    """

    drafts: dict[str, list[AnnotationDraft]] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    findings: Findings = field(default_factory=Findings)

    def classes(self) -> list[str]:
        """Every class that an annotation uses, in order of first use."""
        return list(dict.fromkeys(d.category for drafts in self.drafts.values() for d in drafts))


def split_of(path: str) -> Split | None:
    """Read the split from a folder name on the way to a file."""
    folders = PurePosixPath(path).parts[:-1]
    return next((_SPLIT_NAMES[f.lower()] for f in folders if f.lower() in _SPLIT_NAMES), None)


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

    def find(self, name: str, *, near: str) -> tuple[str | None, str | None]:
        """Find an image.

        Args:
            name: as the annotation file writes it: a name, a path, maybe of another machine.
            near: path of the annotation file.

        Returns:
            The path, or None; and why not, in words.
        """
        folder = PurePosixPath(near).parent
        plain = PurePosixPath(name.replace("\\", "/"))
        for place in (folder, folder / "images", folder.parent, folder.parent / "JPEGImages"):
            guess = (place / plain).as_posix()
            if guess in self._paths:
                return guess, None
        return self._single(self._by_name.get(plain.name, []), folder)

    def find_stem(self, stem: str, *, near: str) -> tuple[str | None, str | None]:
        """Find the image that has this name without its ending."""
        return self._single(self._by_stem.get(stem, []), PurePosixPath(near).parent)

    @staticmethod
    def _single(candidates: list[str], folder: PurePosixPath) -> tuple[str | None, str | None]:
        if len(candidates) > 1:
            # Equal names in two folders: only one below the same parent can be meant.
            root = folder.parent.as_posix()
            close = [c for c in candidates if c.startswith("" if root == "." else f"{root}/")]
            same = [c for c in close if PurePosixPath(c).parent == folder]
            candidates = same or close or candidates
        if len(candidates) == 1:
            return candidates[0], None
        if candidates:
            return None, "several images have this name, so their annotations were left out"
        return None, "annotations name an image that is not there"
