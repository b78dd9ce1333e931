"""The labels that images have now, held against those of a frozen version."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from visionloop.admin.entities import Actor
from visionloop.data.entities import SPLITS, AnnotationSet, DatasetVersion, ManifestRow
from visionloop.data.manifests import read_rows, write_manifest
from visionloop.data.row_changes import RowPair, classify
from visionloop.data.store import annotations as store
from visionloop.data.versions import list_versions, record_version
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction

UNDO_PREFIX: Final = "undo-"
"""Datasets that hold what a restoration replaced are named by it."""

_BATCH: Final = 200


@dataclass
class _Tally:
    """Counts rows on their way into a manifest."""

    splits: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    num_annotations: int = 0

    def add(self, row: ManifestRow) -> None:
        self.splits[row.split] += 1
        self.num_annotations += len(row.annotations)
        self.classes.update((row.split, name) for name in {a.category for a in row.annotations})


def compare_live(
    tx: Transaction, project: str, manifest: Path
) -> Iterator[tuple[int, list[RowPair]]]:
    """Walk a manifest in batches; ``before`` of a pair is now, ``after`` what is frozen.

    Yields:
        How many images of the batch the project has, and those whose labels differ.
    """
    rows = read_rows(manifest)
    while batch := list(islice(rows, _BATCH)):
        live = store.find_annotation_sets(tx, project, [row.image_id for row in batch])
        present = [row for row in batch if row.image_id in live]
        pairs = [RowPair(with_live_labels(row, live[row.image_id]), row) for row in present]
        yield len(pairs), [pair for pair in pairs if classify(pair)]


def with_live_labels(row: ManifestRow, labels: AnnotationSet) -> ManifestRow:
    """Return the row with the labels that its image has now."""
    classes = [item.category for item in labels.annotations if item.kind == "class"]
    return replace(
        row,
        label=classes[0] if len(classes) == 1 else None,
        annotation_status=labels.status,
        annotations=labels.annotations,
        attributes=labels.attributes,
    )


def freeze_live_labels(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    version: DatasetVersion,
    *,
    manifest: Path,
    purpose: str,
) -> DatasetVersion | None:
    """Freeze the labels that restoring a version would replace, whatever their state.

    ``purpose`` names the restoration; asked again, the first answer is given. The time of the
    version that is made is when reading began.

    Returns:
        The version that restores what is there now; None when nothing would change.
    """
    began = utc_now()
    name = f"{UNDO_PREFIX}{version.name}"[:63].rstrip("-")
    for known in list_versions(database, actor, version.project, name=name):
        if known.notes.endswith(f"({purpose})"):
            return known
    tally = _Tally()
    with tempfile.TemporaryDirectory(prefix="visionloop-restore-") as folder:
        with database.read() as tx:
            rows = _replaced(tx, version.project, manifest, tally)
            written = write_manifest(rows, Path(folder), task=version.task, classes=version.classes)
        if not written.num_rows:
            return None
        frozen = replace(
            version,
            id=new_id("dsv"),
            name=name,
            digest=written.digest,
            manifest=written.sha256,
            num_images=written.num_rows,
            num_annotations=tally.num_annotations,
            splits={str(split): tally.splits[split] for split in SPLITS},
            class_counts={
                str(split): {name: tally.classes[split, name] for name in version.classes}
                for split in SPLITS
            },
            parent_id=None,
            filters=(),
            notes=f"Live labels before {version.reference} was restored ({purpose})",
            warnings=(),
            created_by=actor.name,
            created_at=began,
        )
        return record_version(database, blobs, actor, frozen, manifest=written.path)


def _replaced(
    tx: Transaction, project: str, manifest: Path, tally: _Tally
) -> Iterator[ManifestRow]:
    for _, pairs in compare_live(tx, project, manifest):
        for pair in pairs:
            assert pair.before is not None
            tally.add(pair.before)
            yield pair.before
