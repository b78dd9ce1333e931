"""Derive group keys for images that are already in a project."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.grouping import Groupable, Grouping, GroupRule, group_images, parse_rule
from visionloop.data.query.trees import EVERYTHING
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as store
from visionloop.storage.database import Database


def regroup_images(database: Database, actor: Actor, project: str, *, rule: str) -> Grouping | None:
    """Derive the group keys of all images of a project anew.

    Raises:
        GroupRuleInvalid: the rule is not understood.
    """
    require(actor, Permission.MANAGE_DATA, project)
    parsed = parse_rule(rule)
    with database.read() as tx:
        batches = store.stream_records(tx, project, EVERYTHING)
        ids = [record.image.id for batch in batches for record in batch]
    grouping = assign_groups(database, project, parsed, ids)
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.images.grouped",
            project=project,
            subject=f"project/{project}",
            actor=actor,
            data={"rule": rule} if grouping is None else grouping.summary(),
        )
    return grouping


def assign_groups(
    database: Database, project: str, rule: GroupRule, image_ids: Sequence[str]
) -> Grouping | None:
    """Group the given images and store their keys, on behalf of an authorised caller."""
    if rule.name == "none" or not image_ids:
        return None
    with database.read() as tx:
        found = store.find_images(tx, project, image_ids)
        sets = annotation_store.find_annotation_sets(tx, project, image_ids)
    members = []
    for image_id, image in found.items():
        labels = [item.category for item in sets[image_id].annotations if item.kind == "class"]
        members.append(
            Groupable(
                image_id=image_id,
                name=image.name,
                exif=dict(image.exif),
                dhash=image.dhash,
                label=labels[0] if len(labels) == 1 else None,
                metadata=dict(image.metadata),
            )
        )
    grouping = group_images(rule, members)
    if grouping is not None:
        with database.begin() as tx:
            store.update_group_keys(tx, project, grouping.keys)
    return grouping
