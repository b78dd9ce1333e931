"""Change many images at once: tag them, exclude them, bring them back.

Each action does nothing to images that are as wanted already, so running it again is safe. It
works in batches, each with its event, and never holds the database for long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import ImageQuery, ImageStatus
from visionloop.data.query.errors import SelectionInvalid, TagInvalid
from visionloop.data.query.selection import filter_of
from visionloop.data.store import images as image_store
from visionloop.data.store import tags as store
from visionloop.data.store.pages import stream_matches
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction

BATCH: Final = 400
_TAG: Final = re.compile(r"[^\x00-\x1f,*\"()]{1,100}")


@dataclass(frozen=True)
class Selection:
    """Images by id, or all that fulfil a query; exactly one of the two."""

    image_ids: Sequence[str] | None = None
    query: ImageQuery | None = None


@dataclass(frozen=True)
class BulkChange:
    """What a bulk action met and did.

    Attributes:
        num_images: images that were selected and exist.
        num_changed: images that were not as wanted before.
    """

    num_images: int
    num_changed: int


@dataclass(frozen=True)
class _Action:
    """What to do to a batch of images, and the event that tells of it."""

    change: Callable[[Transaction, Sequence[str]], int]
    event: str
    facts: dict[str, Any]


def tag_images(
    database: Database,
    actor: Actor,
    project: str,
    selection: Selection,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> BulkChange:
    """Put tags on images and take others off.

    Raises:
        TagInvalid: a tag that filters cannot name.
        SelectionInvalid: neither ids nor a query, or both.
        FilterInvalid: the query does not parse.
    """
    require(actor, Permission.LABEL, project)
    added, removed = [_good_tag(tag) for tag in add], [_good_tag(tag) for tag in remove]
    now = utc_now()

    def change(tx: Transaction, ids: Sequence[str]) -> int:
        number = 0
        for tag in added:
            number += store.add_tag(tx, project, tag, ids, added_by=actor.name, added_at=now)
        return number + sum(store.remove_tag(tx, project, tag, ids) for tag in removed)

    action = _Action(change, "visionloop.images.tagged", {"added": added, "removed": removed})
    return _in_batches(database, actor, project, selection, action)


def list_tags(database: Database, actor: Actor, project: str) -> dict[str, int]:
    """Return how many images have each tag."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.count_tags(tx, project)


def exclude_images(
    database: Database, actor: Actor, project: str, selection: Selection, *, reason: str = ""
) -> BulkChange:
    """Keep images but take them out of future versions.

    Raises:
        SelectionInvalid: neither ids nor a query, or both.
        FilterInvalid: the query does not parse.
    """
    return _set_status(database, actor, project, selection, ("excluded", reason))


def restore_images(
    database: Database, actor: Actor, project: str, selection: Selection
) -> BulkChange:
    """Let future versions use excluded images again.

    Raises:
        SelectionInvalid: neither ids nor a query, or both.
        FilterInvalid: the query does not parse.
    """
    return _set_status(database, actor, project, selection, ("active", ""))


def select_ids(database: Database, actor: Actor, project: str, selection: Selection) -> list[str]:
    """Return the ids of a selection; of a query in order of id.

    Raises:
        SelectionInvalid: neither ids nor a query, or both.
        FilterInvalid: the query does not parse.
    """
    require(actor, Permission.READ, project)
    if (selection.image_ids is None) == (selection.query is None):
        raise SelectionInvalid
    if selection.image_ids is not None:
        return list(dict.fromkeys(selection.image_ids))
    assert selection.query is not None
    with database.read() as tx:
        batches = stream_matches(tx, project, filter_of(selection.query), batch=10_000)
        return [image_id for batch in batches for image_id in batch]


def _set_status(
    database: Database,
    actor: Actor,
    project: str,
    selection: Selection,
    wanted: tuple[ImageStatus, str],
) -> BulkChange:
    require(actor, Permission.MANAGE_DATA, project)
    status, reason = wanted

    def change(tx: Transaction, ids: Sequence[str]) -> int:
        return image_store.set_status(tx, project, ids, status)

    verb = "excluded" if status == "excluded" else "restored"
    action = _Action(change, f"visionloop.images.{verb}", {"reason": reason})
    return _in_batches(database, actor, project, selection, action)


def _in_batches(
    database: Database, actor: Actor, project: str, selection: Selection, action: _Action
) -> BulkChange:
    ids = iter(select_ids(database, actor, project, selection))
    num_images = num_changed = 0
    for batch in _batches(ids):
        with database.begin() as tx:
            present = image_store.find_present(tx, project, batch)
            changed = action.change(tx, present)
            num_images += len(present)
            num_changed += changed
            if changed:
                publish(
                    tx,
                    type=action.event,
                    project=project,
                    subject=f"project/{project}",
                    actor=actor,
                    data={**action.facts, "num_changed": changed},
                )
    return BulkChange(num_images, num_changed)


def _batches(ids: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(ids, BATCH)):
        yield batch


def _good_tag(tag: str) -> str:
    name = " ".join(tag.split())
    if not _TAG.fullmatch(name) or name.lower() == "none":
        raise TagInvalid(tag)
    return name
