"""Which images of a version are known on two sides of a split, pair by pair.

A model that has seen an image, another frame of the same scene or another picture of the same
subject in training is judged too well on it in val and test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import SPLITS, Split
from visionloop.data.hashing import NEAR_DUPLICATE_DISTANCE, close_pairs, parse_hashes
from visionloop.data.manifests import connect, manifest_file
from visionloop.data.versions import get_version
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

LeakKind = Literal["exact", "group", "near-duplicate"]
LEAK_KINDS: Final[tuple[LeakKind, ...]] = get_args(LeakKind)

_COLUMNS: Final = "SELECT image_id, name, split, group_key, dhash FROM read_parquet($path)"


@dataclass(frozen=True)
class LeakSide:
    """One image of a pair."""

    image_id: str
    name: str
    split: Split


@dataclass(frozen=True)
class LeakPair:
    """Two images that must not lie in two splits.

    Attributes:
        first: the one that is learned from, or the earlier split.
        second: the one that is measured on.
        distance: bits in which the perceptual hashes differ, for "near-duplicate".
        group_key: that both share, for "group".
    """

    kind: LeakKind
    first: LeakSide
    second: LeakSide
    distance: int | None = None
    group_key: str | None = None


@dataclass(frozen=True)
class LeakageReport:
    """How much leaks; counts are exact, ``pairs`` is a page.

    Attributes:
        against: the version whose training images were held against this one's val and test; None
            for the splits of one version.
        num_pairs: kind to number of pairs.
        num_images: kind to number of val and test images that some pair spoils.
    """

    version: str
    against: str | None
    num_pairs: dict[str, int]
    num_images: dict[str, int]
    pairs: tuple[LeakPair, ...]


@dataclass(frozen=True)
class _Side:
    """The columns of a manifest that leaks are found by; (N,) each."""

    ids: NDArray[Any]
    names: NDArray[Any]
    splits: NDArray[np.int8]
    groups: NDArray[Any]
    hashes: NDArray[np.uint64]

    def side(self, row: int) -> LeakSide:
        return LeakSide(str(self.ids[row]), str(self.names[row]), SPLITS[self.splits[row]])


@dataclass(frozen=True)
class _Bundle:
    """Every image of ``left`` forms a pair with every image of ``right``; rows of one table."""

    kind: LeakKind
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    distance: int | None = None
    group_key: str | None = None


def report_leakage(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    against: str | None = None,
    kind: LeakKind | None = None,
    limit: int = 60,
    offset: int = 0,
) -> LeakageReport:
    """Name the images that share bytes, a group or looks across splits.

    With ``against``, training images of that version are held against val and test images of this
    one: what a model learned on one version and is judged by on the other.

    Raises:
        VersionNotFound: one of them does not exist.
    """
    require(actor, Permission.READ, project)
    found = get_version(database, actor, project, version)
    with manifest_file(blobs, found.manifest) as path:
        table = _read(path)
    reference = None
    if against is not None:
        other = get_version(database, actor, project, against)
        reference = other.reference
        with manifest_file(blobs, other.manifest) as path:
            table = _join(_read(path), table)
    bundles = find_leaks(table)
    wanted = [item for item in bundles if kind is None or item.kind == kind]
    pairs = islice(_expand(table, wanted), offset, offset + limit)
    return LeakageReport(
        version=found.reference,
        against=reference,
        num_pairs=_count_pairs(bundles),
        num_images=_count_images(bundles),
        pairs=tuple(pairs),
    )


def find_leaks(table: _Side) -> list[_Bundle]:
    """Find everything that lies on two sides, without writing out every pair."""
    return [*_equal(table, "exact"), *_equal(table, "group"), *_alike(table)]


def _read(path: Path) -> _Side:
    with connect() as connection:
        columns = connection.execute(_COLUMNS, {"path": str(path)}).fetchnumpy()
    splits = np.array([SPLITS.index(name) for name in columns["split"]], dtype=np.int8)
    return _Side(
        ids=np.asarray(columns["image_id"]),
        names=np.asarray(columns["name"]),
        splits=splits,
        groups=np.asarray(columns["group_key"]),
        hashes=parse_hashes(columns["dhash"].tolist()),
    )


def _join(learned: _Side, measured: _Side) -> _Side:
    """Put training images of one version beside val and test images of another."""
    parts = [(learned, learned.splits == 0), (measured, measured.splits > 0)]
    return _Side(
        *(
            np.concatenate([getattr(side, name)[rows] for side, rows in parts])
            for name in ("ids", "names", "splits", "groups", "hashes")
        )
    )


def _equal(table: _Side, kind: LeakKind) -> Iterator[_Bundle]:
    """Pair images with equal ids, or with equal group keys."""
    keys = table.ids if kind == "exact" else table.groups
    _, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[numbers] > 1)
    if kind == "group":
        rows = rows[table.groups[rows] != ""]
    order = rows[np.argsort(numbers[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(numbers[order])) + 1
    for members in np.split(order, cuts):
        key = str(keys[members[0]]) if len(members) and kind == "group" else None
        for left, right in _across(table, members, members):
            yield _Bundle(kind, left, right, group_key=key)


def _alike(table: _Side) -> Iterator[_Bundle]:
    """Pair images whose perceptual hashes differ in a few bits."""
    values, numbers = np.unique(table.hashes, return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(numbers, minlength=len(values)))[:-1])
    for rows in members:
        if len(rows) > 1:
            for left, right in _across(table, rows, rows):
                yield _Bundle("near-duplicate", left, right, distance=0)
    for first, second in zip(*close_pairs(values, NEAR_DUPLICATE_DISTANCE), strict=True):
        distance = int(np.bitwise_count(values[first] ^ values[second]))
        pairs = [(members[first], members[second]), (members[second], members[first])]
        for here, there in pairs:
            for left, right in _across(table, here, there):
                yield _Bundle("near-duplicate", left, right, distance=distance)


def _across(
    table: _Side, first: NDArray[np.int64], second: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield rows of ``first`` in an earlier split beside rows of ``second`` in a later one."""
    for early in range(len(SPLITS)):
        left = first[table.splits[first] == early]
        for late in range(early + 1, len(SPLITS)):
            right = second[table.splits[second] == late]
            if len(left) and len(right):
                yield left, right


def _expand(table: _Side, bundles: Sequence[_Bundle]) -> Iterator[LeakPair]:
    for item in bundles:
        for left in item.left.tolist():
            for right in item.right.tolist():
                yield LeakPair(
                    item.kind,
                    table.side(left),
                    table.side(right),
                    distance=item.distance,
                    group_key=item.group_key,
                )


def _count_pairs(bundles: Sequence[_Bundle]) -> dict[str, int]:
    counts: Counter[str] = Counter(dict.fromkeys(LEAK_KINDS, 0))
    for item in bundles:
        counts[item.kind] += len(item.left) * len(item.right)
    return dict(counts)


def _count_images(bundles: Sequence[_Bundle]) -> dict[str, int]:
    spoiled: dict[str, set[int]] = {kind: set() for kind in LEAK_KINDS}
    for item in bundles:
        spoiled[item.kind].update(item.right.tolist())
    return {kind: len(rows) for kind, rows in spoiled.items()}
