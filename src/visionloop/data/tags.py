"""Tags on dataset versions: words such as ``golden`` that point at one version and can be moved."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.data.entities import VersionTag
from visionloop.data.errors import TagNotFound
from visionloop.data.store import versions as store
from visionloop.data.versions import find_version
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database


def set_tag(
    database: Database, actor: Actor, project: str, version: str, *, tag: str
) -> VersionTag:
    """Let a tag of a dataset stand for this version; ``NAME@TAG`` then means it.

    A tag that stood for another version of the same dataset moves; the event names both.

    Raises:
        BadName: the tag is no lower-case word.
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(tag):
        raise BadName("tag", tag)
    with database.begin() as tx:
        found = find_version(tx, project, version)
        store.lock_name(tx, project, found.name)
        known = {item.tag: item for item in store.list_tags(tx, project, name=found.name)}
        before = known.get(tag)
        if before is not None and before.version_id == found.id:
            return before
        made = VersionTag(
            project=project,
            name=found.name,
            tag=tag,
            version_id=found.id,
            set_by=actor.name,
            set_at=utc_now(),
        )
        store.upsert_tag(tx, made)
        publish(
            tx,
            type="visionloop.dataset_version_tag.set",
            project=project,
            subject=f"dataset_version/{found.id}",
            actor=actor,
            data={
                "tag": tag,
                "reference": found.reference,
                "moved_from": before.version_id if before else None,
            },
        )
    return made


def remove_tag(database: Database, actor: Actor, project: str, *, name: str, tag: str) -> None:
    """Take a tag off the versions of a dataset.

    Raises:
        TagNotFound: no version carries it.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        known = {item.tag: item for item in store.list_tags(tx, project, name=name)}
        if not store.delete_tag(tx, project, name, tag):
            raise TagNotFound(name, tag)
        publish(
            tx,
            type="visionloop.dataset_version_tag.deleted",
            project=project,
            subject=f"dataset_version/{known[tag].version_id}",
            actor=actor,
            data={"tag": tag, "name": name},
        )


def list_tags(
    database: Database, actor: Actor, project: str, *, name: str | None = None
) -> list[VersionTag]:
    """Return the tags of a project or of one dataset."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_tags(tx, project, name=name)


def tags_by_version(database: Database, actor: Actor, project: str) -> dict[str, list[str]]:
    """Return the tags of every version that has one, by version id."""
    found: dict[str, list[str]] = {}
    for item in list_tags(database, actor, project):
        found.setdefault(item.version_id, []).append(item.tag)
    return found
