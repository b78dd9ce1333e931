"""Which frozen versions hold an image, and what depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import DatasetVersion, ManifestRow
from visionloop.data.manifests import find_row, manifest_file
from visionloop.data.store import versions as store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

MAX_SEARCHED: Final = 200


@dataclass(frozen=True)
class Membership:
    """An image in one version.

    Attributes:
        row: split and labels that the image has there.
        uses: (kind, id) of everything that depends on the version, such as runs.
    """

    version: DatasetVersion
    row: ManifestRow
    uses: tuple[tuple[str, str], ...]


def list_memberships(
    database: Database, blobs: BlobStore, actor: Actor, project: str, image_id: str
) -> list[Membership]:
    """Return the versions that hold an image, newest first.

    Looks into the newest ``MAX_SEARCHED`` versions; rows are in order of image id, so that the
    file's own index leads to the one.

    Raises:
        BlobNotFound: the manifest of a version is gone.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        versions = store.list_versions(tx, project)[:MAX_SEARCHED]
        uses = {version.id: tuple(store.list_uses(tx, version.id)) for version in versions}
    found = []
    for version in versions:
        with manifest_file(blobs, version.manifest) as path:
            row = find_row(path, image_id)
        if row is not None:
            found.append(Membership(version, row, uses[version.id]))
    return found
