"""Look at the images of a project, count them, and take single ones out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import DataSummary, Image, ImageQuery, ImageRecord, ImageStatus
from visionloop.data.errors import ImageNotFound, ImageUnreadable
from visionloop.data.query.orders import parse_order, read_cursor, write_cursor
from visionloop.data.query.selection import filter_of
from visionloop.data.rules import check_metadata
from visionloop.data.sources import UNREADABLE, ImageSource, why_unreadable
from visionloop.data.store import images as store
from visionloop.data.store.pages import count_matches
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


@dataclass(frozen=True)
class ImageContent:
    """An image and its file, byte for byte as it was ingested."""

    image: Image
    data: bytes


@dataclass(frozen=True)
class ImagePage:
    """A page of images.

    Attributes:
        total: of all pages; two digits of it when it is not exact.
        next: cursor of the next page, None at the end.
    """

    records: list[ImageRecord]
    total: int
    total_is_exact: bool
    next: str | None


def page_images(
    database: Database,
    actor: Actor,
    project: str,
    query: ImageQuery | None = None,
    *,
    limit: int = 60,
    cursor: str | None = None,
    offset: int = 0,
    exact: bool = False,
) -> ImagePage:
    """Return a page of the images that fulfil the query.

    Large counts are estimated unless ``exact`` asks for the time that counting takes.

    Raises:
        FilterInvalid: a ``where`` condition does not parse.
        SortInvalid: unknown order, or the cursor of another one.
    """
    require(actor, Permission.READ, project)
    asked = query or ImageQuery()
    tree, order = filter_of(asked), parse_order(asked.sort)
    after = None if cursor is None else read_cursor(asked.sort, cursor)
    with database.read() as tx:
        records, place = store.list_records(
            tx, project, tree, order, limit=limit, after=after, offset=offset
        )
        if len(records) < limit and cursor is None and (records or not offset):
            total, is_exact = offset + len(records), True  # the last page: nothing is left to count
        else:
            total, is_exact = count_matches(tx, project, tree, exact=exact)
    following = None if place is None else write_cursor(asked.sort, place)
    return ImagePage(records, total, is_exact, following)


def list_images(
    database: Database,
    actor: Actor,
    project: str,
    query: ImageQuery | None = None,
    *,
    limit: int = 60,
    offset: int = 0,
) -> tuple[list[ImageRecord], int]:
    """Return a page of images and the exact number of all that fulfil the query.

    Raises:
        FilterInvalid: a ``where`` condition does not parse.
        SortInvalid: lists cannot be in this order.
    """
    page = page_images(database, actor, project, query, limit=limit, offset=offset, exact=True)
    return page.records, page.total


def get_image(database: Database, actor: Actor, project: str, image_id: str) -> Image:
    """Return one image.

    Raises:
        ImageNotFound: the project has no such image.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        image = store.find_image(tx, project, image_id)
    if image is None:
        raise ImageNotFound(project, image_id)
    return image


def read_image_content(
    database: Database, blobs: BlobStore, actor: Actor, project: str, image_id: str
) -> ImageContent:
    """Return an image's file.

    Raises:
        ImageNotFound: the project has no such image.
        ImageUnreadable: its source is gone or does not answer.
    """
    image = get_image(database, actor, project, image_id)
    try:
        data = ImageSource(database, blobs, project).read(image.uri)
    except UNREADABLE as error:
        raise ImageUnreadable(image_id, image.uri, why_unreadable(error)) from error
    return ImageContent(image, data)


def data_summary(database: Database, actor: Actor, project: str) -> DataSummary:
    """Count images and labels by class, camera, origin and state."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        counts = store.count_images(tx, project)
    by_status: Mapping[str, int] = counts["by_annotation_status"]
    accepted = by_status.get("accepted", 0)
    return DataSummary(
        num_labeled=accepted + by_status.get("labeled", 0), num_accepted=accepted, **counts
    )


def exclude_image(
    database: Database, actor: Actor, project: str, image_id: str, *, reason: str = ""
) -> Image:
    """Keep an image out of future dataset versions; frozen ones stay as they are."""
    return _set_status(database, actor, project, image_id, status="excluded", reason=reason)


def restore_image(database: Database, actor: Actor, project: str, image_id: str) -> Image:
    """Let future dataset versions use an image again."""
    return _set_status(database, actor, project, image_id, status="active", reason="")


def update_metadata(
    database: Database, actor: Actor, project: str, image_id: str, metadata: Mapping[str, Any]
) -> Image:
    """Add or replace custom columns of an image; a value of None removes one.

    Raises:
        ImageNotFound: the project has no such image.
        MetadataInvalid: nested values or keys that filters cannot name.
    """
    require(actor, Permission.MANAGE_DATA, project)
    added = check_metadata(metadata)
    with database.begin() as tx:
        image = store.find_image(tx, project, image_id)
        if image is None:
            raise ImageNotFound(project, image_id)
        merged = {k: v for k, v in image.metadata.items() if k not in metadata} | added
        store.update_image(tx, project, image_id, metadata=merged)
        publish(
            tx,
            type="visionloop.image.metadata_changed",
            project=project,
            subject=f"image/{image_id}",
            actor=actor,
            data={"keys": sorted(metadata)},
        )
    return replace(image, metadata=merged)


def _set_status(
    database: Database,
    actor: Actor,
    project: str,
    image_id: str,
    *,
    status: ImageStatus,
    reason: str,
) -> Image:
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        image = store.find_image(tx, project, image_id)
        if image is None:
            raise ImageNotFound(project, image_id)
        if image.status == status:
            return image
        store.update_image(tx, project, image_id, status=status)
        publish(
            tx,
            type=f"visionloop.image.{'excluded' if status == 'excluded' else 'restored'}",
            project=project,
            subject=f"image/{image_id}",
            actor=actor,
            data={"reason": reason},
        )
    return replace(image, status=status)
