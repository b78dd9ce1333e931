"""The labels of a project or of a frozen version as one set, ready for every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from visionloop.admin.entities import Project
from visionloop.data.entities import (
    AnnotationSet,
    DatasetVersion,
    Image,
    ImageQuery,
    ImageRecord,
    ManifestRow,
    Split,
)
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.labels import split_named
from visionloop.data.formats.target import Names
from visionloop.data.manifests import manifest_file, read_rows
from visionloop.data.query.facts import facts_of_row, matches
from visionloop.data.query.parsing import parse_filters
from visionloop.data.query.selection import filter_of
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction

_SUFFIXES: Final = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}
_USABLE: Final = ("labeled", "accepted")


@dataclass(frozen=True)
class Choice:
    """Which images of a version, or of what is labeled now.

    Attributes:
        filters: conditions as for lists of images; every one must hold.
        splits: of these splits only; empty means all.
    """

    filters: tuple[str, ...] = ()
    splits: tuple[Split, ...] = ()


@dataclass
class _Naming:
    """Gives every image a name of its own with an ending that says what it is."""

    findings: Findings
    names: Names = field(default_factory=Names)

    def name_of(self, image: Image | ManifestRow) -> str:
        name = image.name.lstrip("/")
        if not is_image_name(name):
            name += _SUFFIXES.get(image.format, f".{image.format.lower()}")
        given = self.names.take(name)
        if given != name:
            self.findings.add("Images of different datastores share a name; renamed", given)
        if int(image.exif.get("Orientation") or 1) > 1:
            flaw = "Stored turned by EXIF with upright labels; readers must apply the orientation"
            self.findings.add(flaw, name)
        return given


@contextmanager
def version_labels(blobs: BlobStore, version: DatasetVersion, choice: Choice) -> Iterator[LabelSet]:
    """Open the labels of a frozen version.

    Raises:
        FilterInvalid: a condition does not parse.
        BlobNotFound: its manifest is gone.
    """
    wanted = parse_filters(choice.filters)
    findings = Findings()
    categories = tuple(map(LabelCategory, version.classes))
    with manifest_file(blobs, version.manifest) as path:

        def stream() -> Iterator[LabeledImage]:
            findings.clear()
            naming = _Naming(findings)
            for row in read_rows(path):
                if choice.splits and row.split not in choice.splits:
                    continue
                if matches(facts_of_row(row), wanted):
                    yield LabeledImage(
                        name=naming.name_of(row),
                        annotations=row.annotations,
                        width=row.width,
                        height=row.height,
                        split=row.split,
                        attributes=row.attributes,
                        digest=row.image_id,
                        uri=row.uri,
                    )

        yield LabelSet(categories, stream, findings)


@contextmanager
def live_labels(database: Database, project: Project, choice: Choice) -> Iterator[LabelSet]:
    """Open the labels as they are now; images that nobody has labeled are left out.

    Raises:
        FilterInvalid: a condition does not parse.
    """
    query = filter_of(ImageQuery(status="active", where=choice.filters))
    findings = Findings()

    # One transaction for all passes, so that people who go on labeling do not change the set.
    with database.read() as tx:

        def stream() -> Iterator[LabeledImage]:
            findings.clear()
            naming = _Naming(findings)
            for records in image_store.stream_records(tx, project.name, query):
                for image, labels in _labeled(tx, project.name, records, findings):
                    split = split_named(str(image.metadata.get("source_split") or ""))
                    if choice.splits and split not in choice.splits:
                        continue
                    yield LabeledImage(
                        name=naming.name_of(image),
                        annotations=labels.annotations,
                        width=image.width,
                        height=image.height,
                        split=split,
                        attributes=labels.attributes,
                        digest=image.id,
                        uri=image.uri,
                    )

        yield LabelSet(tuple(map(LabelCategory, project.classes)), stream, findings)


def _labeled(
    tx: Transaction, project: str, records: Sequence[ImageRecord], findings: Findings
) -> Iterator[tuple[Image, AnnotationSet]]:
    usable = [record for record in records if record.annotation_status in _USABLE]
    if len(usable) < len(records):
        text = "Images without usable labels were left out"
        findings.add(text, count=len(records) - len(usable))
    sets = annotation_store.find_annotation_sets(tx, project, [r.image.id for r in usable])
    for record in usable:
        yield record.image, sets[record.image.id]


def split_choice(names: Iterable[str]) -> tuple[Split, ...]:
    """Accept split names as people write them.

    Raises:
        ValueError: a name stands for no split.
    """
    chosen = []
    for name in names:
        split = split_named(name)
        if split is None:
            raise ValueError(f"{name!r} is no split; expected train, val or test")
        chosen.append(split)
    return tuple(chosen)
