"""Freeze a million labeled images: seconds and peak memory of each phase.

python bench/freeze.py [--images 1000000]

Every phase runs in a process of its own, so that its peak is its own. The images are rows only; no
file is read when a version is frozen.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import save_project
from visionloop.data.comparison import diff_versions
from visionloop.data.entities import Annotation, AnnotationSet, Image
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.data.versions import Page, list_rows, read_manifest
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.schema import migrate

CLASSES = ("washer", "bolt", "nut", "gear")
_BATCH = 5000


@dataclass(frozen=True)
class _Case:
    """What a phase works on."""

    database: Database
    blobs: BlobStore
    num_images: int


def main() -> None:
    """Fill a database, then freeze, freeze again, compare, read and page, each on its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--phase", choices=PHASES)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.phase:
        _run_phase(options.phase, options.folder, options.images)
        return
    with tempfile.TemporaryDirectory(prefix="visionloop-bench-") as folder:
        print(f"{options.images:,} images with two boxes each, SQLite")
        for phase in PHASES:
            command = [sys.executable, __file__, "--images", str(options.images)]
            command += ["--phase", phase, "--folder", folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            facts = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{phase:<16} {facts['seconds']:>8.1f} s   peak {facts['peak_mb']:>6.0f} MB "
                f"(imports alone {facts['start_mb']:.0f} MB)   {facts['note']}"
            )


def _fill(case: _Case) -> str:
    migrate(case.database)
    classes = tuple(Category(name, "#3366ff", "") for name in CLASSES)
    workspaces = ("dev", "staging", "prod")
    project = Project("bench", TaskType.DETECTION, "", classes, workspaces, {}, utc_now())
    save_project(case.database, SYSTEM, project)
    for numbers in _batches(case.num_images):
        made = [_image(number) for number in numbers]
        with case.database.begin() as tx:
            image_store.insert_images(tx, made)
            annotation_store.fill_annotations(tx, [_labels(image, n) for image, n in
                                                   zip(made, numbers, strict=True)])  # fmt: skip
    return ""


def _freeze(case: _Case) -> str:
    version = freeze_version(
        case.database, case.blobs, SYSTEM, "bench", FreezeRequest(name="bench")
    )
    size = case.blobs.size_bytes(version.manifest)
    return f"{version.num_images:,} images, {version.splits}, manifest {size / 1e6:.0f} MB"


def _freeze_again(case: _Case) -> str:
    request = FreezeRequest(name="other", parent="bench:1", seed=1)
    version = freeze_version(case.database, case.blobs, SYSTEM, "bench", request)
    return f"{version.splits}"


def _compare(case: _Case) -> str:
    diff = diff_versions(
        case.database, case.blobs, SYSTEM, "bench", base="bench:1", other="other:1"
    )
    return f"{diff.num_unchanged:,} unchanged"


def _read(case: _Case) -> str:
    rows = read_manifest(case.database, case.blobs, SYSTEM, "bench", "bench:1")
    return f"{sum(len(row.annotations) for row in rows):,} annotations"


def _page(case: _Case) -> str:
    page = Page(split="test", limit=60, offset=case.num_images // 10)
    rows, total = list_rows(case.database, case.blobs, SYSTEM, "bench", "bench:1", page=page)
    return f"{len(rows)} of {total:,} test images"


PHASES: dict[str, Callable[[_Case], str]] = {
    "fill": _fill,
    "freeze": _freeze,
    "freeze-again": _freeze_again,
    "compare": _compare,
    "read": _read,
    "page": _page,
}


def _run_phase(phase: str, folder: Path, num_images: int) -> None:
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    blobs = BlobStore(str(folder / "blobs"))
    start_mb = _peak_mb()
    started = time.monotonic()
    note = PHASES[phase](_Case(database, blobs, num_images))
    facts = {"seconds": time.monotonic() - started, "peak_mb": _peak_mb(), "start_mb": start_mb}
    print(json.dumps(facts | {"note": note}))
    database.dispose()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, _BATCH):
        yield range(start, min(start + _BATCH, count))


def _image(number: int) -> Image:
    image_id = sha256_bytes(str(number).encode())
    return Image(
        id=image_id,
        project="bench",
        uri=f"datastore://bench/line-{number % 7}/{number:07d}.jpg",
        datastore="bench",
        name=f"line-{number % 7}/{number:07d}.jpg",
        width=640,
        height=480,
        mode="RGB",
        format="JPEG",
        size_bytes=20_000 + number % 999,
        exif={"Model": f"camera {number % 3}", "DateTimeOriginal": "2026:03:02 06:00:00"},
        statistics=tuple(float(number % (7 + k)) for k in range(14)),
        dhash=image_id[:16],
        group_key=f"part-{number // 4}",
        origin="ingest",
        metadata={"line": number % 7},
        status="active",
        created_at=utc_now(),
    )


def _labels(image: Image, number: int) -> AnnotationSet:
    shapes = tuple(
        Annotation(
            id=f"ann_{number:x}_{k}",
            image_id=image.id,
            category=CLASSES[(number // 4 + k) % len(CLASSES)],
            kind="box",
            bbox=(10.0 + k, 20.5, 110.0 + k, 90.25),
            source="import",
            author="bench",
        )
        for k in range(2)
    )
    return AnnotationSet("bench", image.id, 1, "accepted", shapes, utc_now(), "bench")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
