"""Prove that the images of a frozen version are still the ones that were frozen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

import duckdb

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import BrokenImage, DatasetVersion, ManifestRow, VerifyReport
from visionloop.data.errors import DatastoreNotFound, DatastoreUnavailable
from visionloop.data.manifests import content_digest, manifest_file, read_rows
from visionloop.data.sources import ImageSource, why_unreadable
from visionloop.data.versions import get_version
from visionloop.kernel.digests import sha256_bytes, sha256_file
from visionloop.storage.blobs import BlobNotFound, BlobStore
from visionloop.storage.database import Database

_BATCH: Final = 64
_WORKERS: Final = 2


def verify_version(
    database: Database, blobs: BlobStore, actor: Actor, project: str, version: str
) -> VerifyReport:
    """Read every image of a version at its source again and compare its sha256.

    One changed byte anywhere, in an image or in the manifest, is found and named.

    Raises:
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    started = time.monotonic()
    found = get_version(database, actor, project, version)
    source = ImageSource(database, blobs, project)
    broken: list[BrokenImage] = []
    num_checked = 0
    intact = False
    try:
        with manifest_file(blobs, found.manifest) as path:
            intact = sha256_file(path) == found.manifest and _says_the_same(found, read_rows(path))
            with ThreadPoolExecutor(_WORKERS) as pool:
                rows = read_rows(path)
                while batch := list(islice(rows, _BATCH)):
                    checks = pool.map(lambda row: _check(source, row), batch)
                    broken.extend(problem for problem in checks if problem is not None)
                    num_checked += len(batch)
    except (BlobNotFound, duckdb.Error):
        intact = False
    return VerifyReport(
        version=found.reference,
        intact=intact and not broken,
        manifest_intact=intact,
        num_checked=num_checked,
        broken=tuple(broken),
        seconds=round(time.monotonic() - started, 3),
    )


def _says_the_same(version: DatasetVersion, rows: Iterator[ManifestRow]) -> bool:
    return content_digest(rows, task=version.task, classes=version.classes) == version.digest


def _check(source: ImageSource, row: ManifestRow) -> BrokenImage | None:
    try:
        data = source.read(row.uri)
    except (FileNotFoundError, DatastoreNotFound, DatastoreUnavailable) as error:
        return BrokenImage(row.image_id, row.uri, row.name, why_unreadable(error))
    digest = sha256_bytes(data)
    if digest == row.image_id:
        return None
    return BrokenImage(
        row.image_id, row.uri, row.name, f"the content changed; its sha256 is now {digest}"
    )
