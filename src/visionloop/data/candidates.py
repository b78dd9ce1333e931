"""Which images a version will hold, and which of them belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from visionloop.admin.entities import Project
from visionloop.data.entities import DatasetVersion, ImageQuery, ManifestRow, Split
from visionloop.data.grouping import (
    LOOKALIKES,
    Groupable,
    GroupRule,
    group_images,
    parse_rule,
    unite_groups,
)
from visionloop.data.hashing import near_duplicate_groups
from visionloop.data.manifests import manifest_file, read_rows, row_from_line, row_of, row_to_line
from visionloop.data.query.selection import filter_of
from visionloop.data.splits import Member
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

DEFAULT_FRACTIONS: Final[Mapping[str, float]] = {"train": 0.7, "val": 0.15, "test": 0.15}


@dataclass(frozen=True)
class FreezeRequest:
    """Which images to freeze, and how to split them.

    Attributes:
        filters: conditions such as ``exif.Model=iPhone 7``; every one must hold.
        parent: version whose splits are kept; None means the newest of this name.
        accepted_only: leave out labels that no reviewer accepted.
        use_source_splits: take the splits that the imported set came with.
        allow_empty_classes: freeze although a class has no training image.
        group_by: rules of ``grouping.parse_rule`` that together say what a split never parts;
            empty means the stored group keys, and looks where an image has none.
        keep_test: put nothing new into the test split of the parent; new images that belong to a
            group of it are left out.
    """

    name: str
    notes: str = ""
    filters: tuple[str, ...] = ()
    fractions: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_FRACTIONS))
    seed: int = 0
    parent: str | None = None
    accepted_only: bool = False
    use_source_splits: bool = False
    allow_empty_classes: bool = False
    group_by: tuple[str, ...] = ()
    keep_test: bool = False


@dataclass
class Draft:
    """A version in the making: small facts in memory, rows in a spool file."""

    spool: Path
    members: list[Member] = field(default_factory=list)
    num_seen: int = 0
    num_annotations: int = 0
    warnings: list[str] = field(default_factory=list)

    def rows(self, splits: Mapping[str, Split]) -> Iterator[ManifestRow]:
        """Yield the rows of the members with the split and the group that were settled."""
        members = iter(self.members)
        member = next(members, None)
        with self.spool.open("rb") as file:
            for line in file:
                row = row_from_line(line)
                # Both are in order of image id; members that were held back are passed over.
                if member is not None and member.image_id == row.image_id:
                    yield replace(row, split=splits[row.image_id], group_key=member.group_key)
                    member = next(members, None)


def collect(
    database: Database,
    schema: Project,
    request: FreezeRequest,
    *,
    before: Mapping[str, Split],
    spool: Path,
) -> Draft:
    """Copy every usable image and its labels into the spool file, in order of image id.

    Raises:
        FilterInvalid, GroupRuleInvalid: the request is wrong.
    """
    rules = [parse_rule(text) for text in request.group_by]
    draft = Draft(spool)
    groupables: list[Groupable] = []
    with spool.open("wb") as file:
        for row in _usable_rows(database, schema.name, request, draft):
            file.write(row_to_line(row) + b"\n")
            fixed = before.get(row.image_id)
            if fixed is None and request.use_source_splits:
                fixed = row.metadata.get("source_split")
            draft.members.append(_member(row, fixed))
            draft.num_annotations += len(row.annotations)
            if rules:
                groupables.append(_groupable(row))
    draft.members = _settle_groups(draft.members, _group(rules, groupables))
    if request.keep_test:
        _hold_back(draft)
    return draft


def read_splits(blobs: BlobStore, parent: DatasetVersion | None) -> dict[str, Split]:
    """Return image id to split of the version whose splits are kept."""
    if parent is None:
        return {}
    with manifest_file(blobs, parent.manifest) as path:
        return {row.image_id: row.split for row in read_rows(path)}


def _usable_rows(
    database: Database, project: str, request: FreezeRequest, draft: Draft
) -> Iterator[ManifestRow]:
    usable = ("accepted",) if request.accepted_only else ("accepted", "labeled")
    query = ImageQuery(status="active", where=tuple(request.filters))
    with database.read() as tx:
        for records in image_store.stream_records(tx, project, filter_of(query)):
            draft.num_seen += len(records)
            wanted = [record for record in records if record.annotation_status in usable]
            ids = [record.image.id for record in wanted]
            sets = annotation_store.find_annotation_sets(tx, project, ids)
            yield from (row_of(record, sets[record.image.id]) for record in wanted)


def _member(row: ManifestRow, fixed: Split | None) -> Member:
    labels = _share_labels(tuple(sorted({item.category for item in row.annotations})))
    return Member(row.image_id, row.group_key, labels, row.dhash, fixed)


@lru_cache(maxsize=10_000)
def _share_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return one object for equal labels: a million images show few combinations."""
    return labels


def _groupable(row: ManifestRow) -> Groupable:
    return Groupable(
        image_id=row.image_id,
        name=row.name,
        exif=dict(row.exif),
        dhash=row.dhash,
        label=row.label,
        metadata=row.metadata,
    )


def _group(rules: Sequence[GroupRule], images: Sequence[Groupable]) -> dict[str, str] | None:
    """Return image id to group by all rules together; None where no rule was given."""
    if not rules:
        return None
    found = [group_images(rule, images) for rule in rules]
    return unite_groups([grouping.keys for grouping in found if grouping is not None])


def _settle_groups(members: Sequence[Member], keys: dict[str, str] | None) -> list[Member]:
    """Give every member a group.

    Without rules, images without a stored key get that of their near-duplicates. An image that no
    rule groups is alone.
    """
    if keys is None:
        keys = _group_lookalikes([member for member in members if not member.group_key])
        keys |= {member.image_id: member.group_key for member in members if member.group_key}
    return [replace(m, group_key=keys.get(m.image_id, f"image:{m.image_id}")) for m in members]


def _group_lookalikes(members: Sequence[Member]) -> dict[str, str]:
    numbers = near_duplicate_groups([member.dhash for member in members]).tolist()
    first: dict[int, str] = {}
    keys = {}
    for member, number in zip(members, numbers, strict=True):
        first.setdefault(number, member.image_id)
        keys[member.image_id] = f"{LOOKALIKES}{first[number]}"
    return keys


def _hold_back(draft: Draft) -> None:
    """Take new images out whose group is in the test split: they fit on neither side."""
    frozen = {member.group_key for member in draft.members if member.fixed == "test"}
    kept = [m for m in draft.members if m.fixed is not None or m.group_key not in frozen]
    num_left_out = len(draft.members) - len(kept)
    if num_left_out:
        draft.warnings.append(
            f"{num_left_out} new images belong to groups of the frozen test split and were left "
            "out: there they would change it, in training they would leak."
        )
    draft.members = kept
