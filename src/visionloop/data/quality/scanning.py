"""Look at every image and label of a project, and write down what is odd about them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.entities import Image
from visionloop.data.hashing import hamming, near_duplicate_groups
from visionloop.data.quality import rules, store
from visionloop.data.quality.entities import SEVERITIES, Finding, FindingKind, Observation
from visionloop.data.quality.files import FILE_KINDS, check_files
from visionloop.data.query.trees import ACTIVE
from visionloop.data.statistics import NUM_STATISTICS
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

SCANNED_KINDS: Final[tuple[FindingKind, ...]] = (
    "dark", "light", "blurry", "low-information", "odd-aspect", "outlier", "exact-duplicate",
    "near-duplicate", "odd-mode", "rotated", "box-outside", "box-empty", "box-tiny",
    "box-duplicate", "polygon-crossing", "class-empty", "class-rare",
)  # fmt: skip

_BATCH: Final = 500

Progress = Callable[[float, str], None]
Item = TypeVar("Item")


@dataclass
class _Table:
    """Small facts of every image, for what takes all of them together."""

    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    statistics: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, image: Image) -> None:
        if image.statistics is not None:
            self.rows.append(len(self.ids))
            self.statistics.append(np.asarray(image.statistics, dtype=np.float32))
        self.ids.append(image.id)
        self.names.append(image.name)
        self.hashes.append(image.dhash)


def start_scan(database: Database, actor: Actor, project: str, *, with_files: bool = False) -> Job:
    """Queue a quality scan as a job; its outputs count the findings by kind.

    ``with_files`` also reads every image again at its source: slow, and the only way to find
    files that are gone, changed or damaged.
    """
    return submit(
        database,
        actor,
        project=project,
        kind="quality",
        entry_point="visionloop.data.quality.scanning:scan",
        inputs={"with_files": with_files},
        permission=Permission.MANAGE_DATA,
    )


def scan(context: JobContext) -> dict[str, Any]:
    """Scan a project as a job."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    return scan_project(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        job_id=context.job_id,
        with_files=bool(context.inputs.get("with_files")),
        progress=tell,
    )


def scan_project(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    job_id: str,
    with_files: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write findings about all active images; again, it renews them and retires what is gone.

    What a person dismissed, fixed, excluded or sent stays so.

    Returns:
        ``num_images``, ``findings`` (kind to number), ``num_new`` and ``num_gone``.
    """
    require(actor, Permission.MANAGE_DATA, project)
    kinds = (*SCANNED_KINDS, *(FILE_KINDS if with_files else ()))
    table, counts, num_new = _Table(), Counter[str](), 0
    seen: Iterable[Observation] = _look(database, project, table)
    stages = [seen, _compare(database, project, table)]
    if with_files:
        stages.append(check_files(database, blobs, project))
    for number, stage in enumerate(stages):
        for part in _parts(stage, _BATCH):
            if progress is not None:
                progress(number / len(stages), f"{len(table.ids)} images looked at.")
            found = [_finding(project, item, job_id=job_id, actor=actor) for item in part]
            unique = list({item.id: item for item in found}.values())
            with database.begin() as tx:
                num_new += store.renew_findings(tx, unique)
            counts.update(item.kind for item in unique)
    return _finish(
        database, actor, project, kinds, job_id=job_id,
        facts={"num_images": len(table.ids), "findings": dict(counts), "num_new": num_new},
    )  # fmt: skip


def record_observations(
    database: Database,
    actor: Actor,
    project: str,
    observations: Sequence[Observation],
    *,
    kinds: Sequence[FindingKind],
    job_id: str,
) -> dict[str, Any]:
    """Write what another examination saw, e.g. of labels by a model, in place of its last one.

    ``observations`` is everything that it saw; open findings of its ``kinds`` that it did not see
    are gone.

    Returns:
        ``findings`` (kind to number), ``num_new`` and ``num_gone``.
    """
    found = [_finding(project, item, job_id=job_id, actor=actor) for item in observations]
    num_new = 0
    for part in _parts({item.id: item for item in found}.values(), _BATCH):
        with database.begin() as tx:
            num_new += store.renew_findings(tx, part)
    counts = dict(Counter(item.kind for item in found))
    facts = {"findings": counts, "num_new": num_new}
    return _finish(database, actor, project, kinds, job_id=job_id, facts=facts)


def _finish(
    database: Database,
    actor: Actor,
    project: str,
    kinds: Sequence[FindingKind],
    *,
    job_id: str,
    facts: dict[str, Any],
) -> dict[str, Any]:
    now = {"updated_at": utc_now(), "updated_by": actor.name}
    with database.begin() as tx:
        num_gone = store.retire_findings(tx, project, kinds, job_id=job_id, **now)
        publish(
            tx,
            type="visionloop.quality.scanned",
            project=project,
            subject=f"job/{job_id}",
            actor=actor,
            data=facts | {"num_gone": num_gone},
        )
    return facts | {"num_gone": num_gone}


def _parts(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def _look(database: Database, project: str, table: _Table) -> Iterator[Observation]:
    """Look at every image and its labels on their own."""
    with database.read() as tx:
        usual = rules.usual_modes(store.count_modes(tx, project))
        for records in image_store.stream_records(tx, project, ACTIVE):
            ids = [record.image.id for record in records]
            sets = annotation_store.find_annotation_sets(tx, project, ids)
            for image in (record.image for record in records):
                table.add(image)
                yield from _look_at(image, usual)
                labels = sets[image.id].annotations
                yield from rules.check_labels(labels, image.width, image.height)


def _look_at(image: Image, usual: frozenset[str]) -> Iterator[Observation]:
    for kind, text, score in rules.check_looks(image.statistics or ()):
        yield Observation(kind, text, image_id=image.id, score=min(1.0, max(0.0, score)))
    for kind, text in rules.check_file_facts(image, usual):
        yield Observation(kind, text, image_id=image.id)


def _compare(database: Database, project: str, table: _Table) -> Iterator[Observation]:
    """Look at what only all images together show: outliers, copies, classes."""
    yield from _outliers(table)
    yield from _near_duplicates(table)
    with database.read() as tx:
        copies = store.list_copies(tx, project)
        shown = image_store.count_images(tx, project)["by_class"]
    for image_id, paths in copies.items():
        text = f"the same bytes lie in {len(paths)} files: {', '.join(paths[:5])}"
        facts = {"paths": paths}
        yield Observation("exact-duplicate", text, image_id=image_id, facts=facts)
    classes = get_project(database, project).classes
    yield from rules.check_classes({name: shown.get(name, 0) for name in classes})


def _outliers(table: _Table) -> Iterator[Observation]:
    if not table.rows:
        return
    statistics = np.stack(table.statistics).astype(np.float64).reshape(-1, NUM_STATISTICS)
    z = rules.robust_z(statistics)
    for row in np.flatnonzero(np.abs(z).max(axis=1) > rules.OUTLIER_Z).tolist():
        text, score = rules.describe_outlier(z[row], statistics[row].tolist())
        image_id = table.ids[table.rows[row]]
        yield Observation("outlier", text, image_id=image_id, score=score)


def _near_duplicates(table: _Table) -> Iterator[Observation]:
    """Hold every image of a group of look-alikes against the first of it."""
    first: dict[int, int] = {}
    for row, number in enumerate(near_duplicate_groups(table.hashes).tolist()):
        peer = first.setdefault(number, row)
        if peer == row:
            continue
        bits = hamming(table.hashes[row], table.hashes[peer])
        yield Observation(
            "near-duplicate",
            f"looks nearly the same as {table.names[peer]}, {bits} of 64 bits differ",
            image_id=table.ids[row],
            peer_id=table.ids[peer],
            score=1 - bits / 64,
            facts={"distance": bits},
        )


def _finding(project: str, seen: Observation, *, job_id: str, actor: Actor) -> Finding:
    parts = (seen.kind, seen.image_id, seen.annotation_id, seen.peer_id, seen.category)
    name = "\x1f".join(part or "" for part in parts)
    now = utc_now()
    return Finding(
        id=f"find_{hashlib.sha256(name.encode()).hexdigest()[:24]}",
        project=project,
        kind=seen.kind,
        severity=SEVERITIES[seen.kind],
        status="open",
        message=seen.message,
        image_id=seen.image_id,
        annotation_id=seen.annotation_id,
        peer_id=seen.peer_id,
        category=seen.category,
        score=seen.score,
        facts=dict(seen.facts),
        job_id=job_id,
        created_at=now,
        updated_at=now,
        updated_by=actor.name,
    )
