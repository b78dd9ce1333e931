"""From the rows of a dataset version to examples that a model can be judged by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from visionloop.admin.entities import Actor
from visionloop.data.entities import ManifestRow, Split
from visionloop.data.sources import ImageSource
from visionloop.data.versions import read_manifest
from visionloop.evaluation.entities import Example
from visionloop.evaluation.slices import slice_attributes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def read_examples(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    dataset_version: str,
    split: Split,
) -> list[Example]:
    """Return the labeled images of one split of a dataset version.

    Raises:
        VersionNotFound: No such dataset version.
    """
    rows = read_manifest(database, blobs, actor, project, dataset_version, split=split)
    return examples_from_rows(rows, ImageSource(database, blobs, project))


def examples_from_rows(rows: Iterable[ManifestRow], source: ImageSource) -> list[Example]:
    """Return the labeled rows as examples; their files are read when they are needed."""
    return [
        Example(
            image_id=row.image_id,
            label=row.label,
            read=partial(source.read, row.uri),
            attributes=slice_attributes(row.exif, row.metadata),
            statistics=row.statistics,
            dhash=row.dhash,
            group_key=row.group_key or None,
        )
        for row in rows
        if row.label is not None
    ]
