"""Import labels onto images of a project, timed. Started by formats_ours.py."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.formats_sets import CLASSES, HEIGHT, WIDTH, write_coco_set
from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import color_of, hotkey_of, save_project
from visionloop.data.entities import Image
from visionloop.data.label_files import keep_label_file
from visionloop.data.label_imports import LabelImportRequest, import_labels
from visionloop.data.store import images as store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def timed_import(folder: Path, *, num_images: int, num_annotations: int) -> dict[str, Any]:
    """Return counts and wall seconds of one import, from the kept file to the last commit."""
    write_coco_set(folder / "set", num_images=num_images, num_annotations=num_annotations)
    database = Database(f"sqlite:///{folder / 'labels.db'}")
    database.create_schema()
    blobs = BlobStore(str(folder / "blobs"))
    _make_project(database)
    _make_images(database, num_images)
    path = folder / "set" / "annotations" / "instances_train.json"
    with path.open("rb") as file:
        kept = keep_label_file(blobs, SYSTEM, "labels", content=file, name=path.name)
    request = LabelImportRequest(file=kept.digest, path=kept.name)
    began = time.perf_counter()
    report = import_labels(database, blobs, SYSTEM, "labels", request)
    wall_s = time.perf_counter() - began
    database.dispose()
    assert not report.unmatched, report.unmatched[:3]
    return {"wall_s": wall_s, "annotations": report.annotations, "images": report.num_labeled}


def _make_project(database: Database) -> None:
    categories = tuple(Category(n, color_of(i), hotkey_of(i)) for i, n in enumerate(CLASSES))
    project = Project(
        name="labels",
        task=TaskType.DETECTION,
        description="",
        categories=categories,
        workspaces=("dev",),
        settings={},
        created_at=utc_now(),
    )
    save_project(database, SYSTEM, project)


def _make_images(database: Database, count: int) -> None:
    first = Image(
        id="", project="labels", uri="", datastore=None, name="", width=WIDTH, height=HEIGHT,
        mode="RGB", format="JPEG", size_bytes=1, exif={}, statistics=None, dhash="0" * 16,
        group_key=None, origin="ingest", metadata={}, status="active", created_at=utc_now(),
    )  # fmt: skip
    for start in range(0, count, 1000):
        names = [f"{i + 1:012d}.jpg" for i in range(start, min(count, start + 1000))]
        new = [
            replace(first, id=sha256_bytes(name.encode()), uri=f"blob://{name}", name=name)
            for name in names
        ]
        with database.begin() as tx:
            store.insert_images(tx, new)
