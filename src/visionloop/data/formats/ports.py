"""What a format reads from, writes to, and is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from visionloop.data.formats.entities import Holds, LabelSet
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.target import ExportTarget


class LabelSource(Protocol):
    """A folder of images and annotation files, wherever it lies."""

    @property
    def url(self) -> str:
        """Its address, for messages."""

    @property
    def paths(self) -> Sequence[str]:
        """Relative paths of all files, in order."""

    def __hash__(self) -> int:
        """Sources are told apart by who they are."""

    def read(self, path: str) -> bytes:
        """Return the content of a file; the last one read is kept at hand."""

    def local_path(self, path: str) -> Path | None:
        """Return the file itself where it lies on this machine."""


@dataclass(frozen=True)
class ReadHints:
    """What a reader may know beforehand.

    Attributes:
        classes: the label schema of the project, for formats that leave a class open.
        options: free choices of a single format; "variant" is what follows the colon in its name.
    """

    classes: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnnotationFormat:
    """One annotation format; what the entry point group ``visionloop.importers`` offers.

    Attributes:
        name: short name that people type, in lower case with underscores.
        title: as its makers call it.
        holds: what it can say.
        detect: says in a few words why a source is in this format, None when it is not.
        read: reads a source that is in this format.
        write: writes a set; None for a format that is only read.
        named_only: it has no marks to be recognised by; whoever names it is believed.
    """

    name: str
    title: str
    holds: Holds
    detect: Callable[[LabelSource], str | None]
    read: Callable[[LabelSource, ReadHints], LabelSet]
    write: Callable[[LabelSet, ExportTarget, Survey], None] | None = None
    named_only: bool = False
