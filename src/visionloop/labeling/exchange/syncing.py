"""Bring the labels of a labeling project and of another tool together, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations
from visionloop.data.entities import AnnotationSet, Image
from visionloop.data.images import read_image_content
from visionloop.data.store import images as image_store
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Invalid
from visionloop.labeling.exchange import store
from visionloop.labeling.exchange.entities import (
    ExchangeLink,
    ExchangeReport,
    OutgoingImage,
    RemoteImage,
)
from visionloop.labeling.exchange.ports import LabelExchange
from visionloop.labeling.exchange.rules import Direction, decide_direction
from visionloop.labeling.sets import as_draft
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

_ENDINGS: Final = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "BMP": ".bmp"}


@dataclass(frozen=True)
class SyncTarget:
    """What is synchronised with what.

    Attributes:
        queue: the queue whose images travel.
        name: of the exchange and the place there, for example "label-studio 3 at http://...".
    """

    project: str
    queue: str
    name: str


def sync_labels(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    target: SyncTarget,
    exchange: LabelExchange,
) -> ExchangeReport:
    """Send images and labels that are new here, take labels that are new there.

    What both sides changed since they last agreed is reported and left alone on both.

    Raises:
        ExchangeFailed: The other tool refuses, or does not answer.
    """
    # The server talks to an address that the caller names, so not everybody may name one.
    require(actor, Permission.ADMINISTER, target.project)
    owner = get_project(database, target.project)
    with database.read() as tx:
        image_ids = sorted(task_store.list_seen_images(tx, target.project, target.queue))
        images = image_store.find_images(tx, target.project, image_ids)
    there = {remote.image_id: remote for remote in exchange.list_images()}
    missing = [images[image_id] for image_id in image_ids if image_id not in there]
    if missing:
        exchange.send_images([_read(database, blobs, actor, image) for image in missing])
        there = {remote.image_id: remote for remote in exchange.list_images()}
    with database.read() as tx:
        sets = find_annotation_sets(tx, target.project, image_ids)
        links = store.list_links(tx, target.project, target.name)
    done = {direction: list[str]() for direction in Direction}
    refused: list[tuple[str, str]] = []
    for image_id in image_ids:
        if image_id not in there:
            continue
        try:
            direction = _sync_image(
                database,
                actor,
                owner=owner,
                target=target,
                exchange=exchange,
                pair=_Pair(images[image_id], sets[image_id], there[image_id], links.get(image_id)),
            )
        except Invalid as error:
            refused.append((image_id, error.message))
            continue
        done[direction].append(image_id)
    _settle_pushed(database, target, exchange, done[Direction.PUSH])
    report = ExchangeReport(
        num_sent=len(missing),
        num_pushed=len(done[Direction.PUSH]),
        num_pulled=len(done[Direction.PULL]),
        num_unchanged=len(done[Direction.NONE]),
        conflicts=tuple(done[Direction.CONFLICT]),
        refused=tuple(refused),
    )
    _publish(database, actor, target, report)
    return report


@dataclass(frozen=True)
class _Pair:
    image: Image
    labels: AnnotationSet
    remote: RemoteImage
    link: ExchangeLink | None


def _sync_image(
    database: Database,
    actor: Actor,
    *,
    owner: Project,
    target: SyncTarget,
    exchange: LabelExchange,
    pair: _Pair,
) -> Direction:
    direction = decide_direction(
        pair.link,
        revision=pair.labels.revision,
        is_labeled=pair.labels.revision > 0 and bool(pair.labels.annotations),
        stamp=pair.remote.stamp,
    )
    revision = pair.labels.revision
    if direction is Direction.PUSH:
        exchange.write_labels(pair.remote, _outgoing(pair.image, pair.labels))
    if direction is Direction.PULL:
        with database.begin() as tx:
            saved = write_annotations(
                tx,
                actor,
                owner,
                pair.image.id,
                [replace(draft, id=None, source="import") for draft in pair.remote.annotations],
                expected_revision=revision,
            )
        revision = saved.revision
    if direction in (Direction.PULL, Direction.PUSH):
        with database.begin() as tx:
            store.replace_link(tx, _link(target, pair.remote, revision))
    return direction


def _settle_pushed(
    database: Database, target: SyncTarget, exchange: LabelExchange, image_ids: Sequence[str]
) -> None:
    """Note the stamps that pushed labels have there, so that they are not news next time."""
    if not image_ids:
        return
    there: Mapping[str, RemoteImage] = {item.image_id: item for item in exchange.list_images()}
    with database.begin() as tx:
        links = store.list_links(tx, target.project, target.name)
        for image_id in image_ids:
            link = replace(links[image_id], stamp=there[image_id].stamp)
            store.replace_link(tx, link)


def _link(target: SyncTarget, remote: RemoteImage, revision: int) -> ExchangeLink:
    return ExchangeLink(
        project=target.project,
        exchange=target.name,
        image_id=remote.image_id,
        remote_id=remote.remote_id,
        revision=revision,
        stamp=remote.stamp,
        synced_at=utc_now(),
    )


def _read(database: Database, blobs: BlobStore, actor: Actor, image: Image) -> OutgoingImage:
    content = read_image_content(database, blobs, actor, image.project, image.id)
    return OutgoingImage(
        image_id=image.id,
        file_name=_file_name(image),
        width=image.width,
        height=image.height,
        annotations=(),
        is_labeled=False,
        data=content.data,
    )


def _outgoing(image: Image, labels: AnnotationSet) -> OutgoingImage:
    return OutgoingImage(
        image_id=image.id,
        file_name=_file_name(image),
        width=image.width,
        height=image.height,
        annotations=tuple(as_draft(item) for item in labels.annotations),
        is_labeled=bool(labels.annotations),
    )


def _file_name(image: Image) -> str:
    return image.id + _ENDINGS.get(image.format.upper(), ".jpg")


def _publish(database: Database, actor: Actor, target: SyncTarget, report: ExchangeReport) -> None:
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.labels.exchanged",
            project=target.project,
            subject=f"label_queue/{target.queue}",
            actor=actor,
            data={
                "exchange": target.name,
                "num_sent": report.num_sent,
                "num_pushed": report.num_pushed,
                "num_pulled": report.num_pulled,
                "num_conflicts": len(report.conflicts),
                "num_refused": len(report.refused),
            },
        )
