"""Where a dataset version comes from, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import DatasetVersion, VersionTag
from visionloop.data.store import versions as store
from visionloop.data.versions import find_version
from visionloop.storage.database import Database, Transaction


@dataclass(frozen=True)
class VersionUse:
    """A run, a model version or an evaluation that depends on a dataset version."""

    version: str
    kind: str
    id: str


@dataclass(frozen=True)
class VersionLineage:
    """The family of a version.

    Attributes:
        parents: the version whose splits it kept, that one's parent, and so on; nearest first.
        children: versions that kept the splits of this one, and theirs.
        uses: what depends on this version or on one made from it.
    """

    version: DatasetVersion
    parents: tuple[DatasetVersion, ...]
    children: tuple[DatasetVersion, ...]
    uses: tuple[VersionUse, ...]
    tags: tuple[VersionTag, ...]


def get_lineage(database: Database, actor: Actor, project: str, version: str) -> VersionLineage:
    """Return the parents, the children and the users of a version.

    Raises:
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        found = find_version(tx, project, version)
        children = _children(tx, found)
        uses = [
            VersionUse(item.reference, kind, user)
            for item in (found, *children)
            for kind, user in store.list_uses(tx, item.id)
        ]
        return VersionLineage(
            version=found,
            parents=_parents(tx, found),
            children=children,
            uses=tuple(uses),
            tags=tuple(store.list_tags(tx, project, version_id=found.id)),
        )


def _parents(tx: Transaction, version: DatasetVersion) -> tuple[DatasetVersion, ...]:
    found: list[DatasetVersion] = []
    current = version
    while current.parent_id is not None:
        parent = store.find_version(tx, version.project, version_id=current.parent_id)
        if parent is None:
            break
        found.append(parent)
        current = parent
    return tuple(found)


def _children(tx: Transaction, version: DatasetVersion) -> tuple[DatasetVersion, ...]:
    found: list[DatasetVersion] = []
    waiting = [version]
    while waiting:
        children = store.list_children(tx, waiting.pop(0).id)
        found += children
        waiting += children
    return tuple(found)
