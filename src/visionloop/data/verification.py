"""Prove that the images of a frozen version are still the ones that were frozen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import duckdb

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import list_jobs, submit
from visionloop.data.entities import DatasetVersion, ManifestRow
from visionloop.data.manifests import content_digest, manifest_file, read_rows
from visionloop.data.sources import UNREADABLE, ImageSource, why_unreadable
from visionloop.data.versions import get_version
from visionloop.kernel.digests import sha256_bytes, sha256_file, write_atomically
from visionloop.storage.blobs import BlobNotFound, BlobStore
from visionloop.storage.database import Database

_BATCH: Final = 64
_WORKERS: Final = 2
_LISTED: Final = 1000

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class BrokenImage:
    """An image of a version whose source no longer holds the recorded bytes."""

    image_id: str
    uri: str
    name: str
    problem: str


@dataclass(frozen=True)
class VerifyReport:
    """The result of reading a version's images again at their sources.

    Attributes:
        manifest_problem: what is wrong with the manifest itself; None when it is intact.
    """

    version: str
    intact: bool
    manifest_intact: bool
    manifest_problem: str | None
    num_checked: int
    broken: tuple[BrokenImage, ...]
    seconds: float


def start_verification(database: Database, actor: Actor, project: str, version: str) -> Job:
    """Queue the verification of a version as a job; its outputs are the report.

    Raises:
        VersionNotFound: there is no such version.
    """
    found = get_version(database, actor, project, version)
    return submit(
        database,
        actor,
        project=project,
        kind="verify",
        entry_point="visionloop.data.verification:verify",
        inputs={"version": found.id, "reference": found.reference},
        permission=Permission.READ,
    )


def list_verifications(database: Database, actor: Actor, project: str, version: str) -> list[Job]:
    """Return the latest verification jobs of a version, newest first.

    Raises:
        VersionNotFound: there is no such version.
    """
    found = get_version(database, actor, project, version)
    latest = list_jobs(database, actor, project, kind="verify", limit=500)
    return [job for job in latest if job.inputs.get("version") == found.id]


def verify(context: JobContext) -> dict[str, Any]:
    """Verify a version as a job; the whole report lies in the job's folder as report.json."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    where = (context.database, context.blobs, context.actor, context.project)
    version = str(context.inputs["version"])
    report = verify_version(*where, version, progress=tell)
    facts = asdict(report)
    write_atomically(context.output_dir / "report.json", json.dumps(facts, indent=1).encode())
    for item in report.broken[:_LISTED]:
        context.log(f"{item.name}: {item.problem}")
    facts |= {"num_broken": len(report.broken), "broken": facts["broken"][:_LISTED]}
    with context.database.begin() as tx:
        publish(
            tx,
            type="visionloop.dataset_version.verified",
            project=context.project,
            subject=f"dataset_version/{version}",
            actor=context.actor,
            data={name: facts[name] for name in ("version", "intact", "num_checked", "num_broken")}
            | {"job_id": context.job_id},
        )
    return facts


def verify_version(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    progress: Progress | None = None,
) -> VerifyReport:
    """Read every image of a version at its source again and compare its sha256.

    One changed byte anywhere, in an image or in the manifest, is found and named.

    Raises:
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    started = time.monotonic()
    found = get_version(database, actor, project, version)
    broken: list[BrokenImage] = []
    num_checked = 0
    problem: str | None = None
    try:
        with manifest_file(blobs, found.manifest) as path:
            problem = _manifest_problem(found, path)
            for num_checked, checks in _check_images(ImageSource(database, blobs, project), path):
                broken += checks
                if progress is not None:
                    share = num_checked / max(1, found.num_images)
                    progress(min(1.0, share), f"{num_checked} of {found.num_images} images read.")
    except BlobNotFound:
        problem = "the manifest is gone"
    except duckdb.Error as error:
        problem = problem or f"the manifest cannot be read ({str(error).splitlines()[0]})"
    return VerifyReport(
        version=found.reference,
        intact=problem is None and not broken,
        manifest_intact=problem is None,
        manifest_problem=problem,
        num_checked=num_checked,
        broken=tuple(broken),
        seconds=round(time.monotonic() - started, 3),
    )


def _manifest_problem(version: DatasetVersion, path: Path) -> str | None:
    digest = sha256_file(path)
    if digest != version.manifest:
        return f"the bytes of the manifest changed; its sha256 is now {digest}"
    said = content_digest(read_rows(path), task=version.task, classes=version.classes)
    return None if said == version.digest else f"the manifest says something else, digest {said}"


def _check_images(source: ImageSource, path: Path) -> Iterator[tuple[int, list[BrokenImage]]]:
    """Yield how many images were read so far, and which of the last ones are broken."""
    rows = read_rows(path)
    num_checked = 0
    with ThreadPoolExecutor(_WORKERS) as pool:
        while batch := list(islice(rows, _BATCH)):
            checks = pool.map(lambda row: _check(source, row), batch)
            num_checked += len(batch)
            yield num_checked, [problem for problem in checks if problem is not None]


def _check(source: ImageSource, row: ManifestRow) -> BrokenImage | None:
    try:
        data = source.read(row.uri)
    except (OSError, *UNREADABLE) as error:
        return BrokenImage(row.image_id, row.uri, row.name, why_unreadable(error))
    digest = sha256_bytes(data)
    if digest == row.image_id:
        return None
    return BrokenImage(
        row.image_id, row.uri, row.name, f"the content changed; its sha256 is now {digest}"
    )
