"""From the rows of a dataset version to examples that a model can be judged by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from visionloop.admin.entities import Actor
from visionloop.data.entities import ManifestRow, Split
from visionloop.data.sources import ImageSource
from visionloop.data.versions import get_version, read_manifest
from visionloop.evaluation.entities import Example
from visionloop.evaluation.slices import slice_attributes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

_LABELED = ("labeled", "accepted")


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
    task = get_version(database, actor, project, dataset_version).task
    rows = read_manifest(database, blobs, actor, project, dataset_version, split=split)
    return examples_from_rows(rows, ImageSource(database, blobs, project), task=task)


def examples_from_rows(
    rows: Iterable[ManifestRow], source: ImageSource, *, task: str = "classification"
) -> list[Example]:
    """Return the labeled rows as examples; their files are read when they are needed.

    For classification exactly one class makes an image labeled. For other tasks an image without
    any object is an example too, where somebody said that nothing is there.
    """
    one_class = task == "classification"
    return [
        Example(
            image_id=row.image_id,
            label=row.label or "",
            read=partial(source.read, row.uri),
            attributes=slice_attributes(row.exif, row.metadata),
            statistics=row.statistics,
            dhash=row.dhash,
            group_key=row.group_key or None,
            annotations=() if one_class else row.annotations,
            width=row.width,
            height=row.height,
        )
        for row in rows
        if (row.label is not None if one_class else row.annotation_status in _LABELED)
    ]
