"""A small, easy data set and a way to train on it in this process."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from visionloop.admin.entities import SYSTEM, Project
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.data.entities import DatasetVersion
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.entities import Run

CLASSES = ("washer", "bolt", "nut", "gear")
_INKS = {
    "washer": (230, 40, 40),
    "bolt": (40, 230, 40),
    "nut": (60, 60, 240),
    "gear": (230, 230, 40),
}
FAST = {"image_size": 32, "epochs": 6, "batch_size": 16, "num_threads": 1}

TrainRun = Callable[..., dict[str, Any]]


def draw_part(kind: str, random: np.random.Generator, side: int = 40) -> bytes:
    """Draw a picture of one class that any small network learns in seconds: its colour tells.

    The mottled ground keeps perceptual hashes apart. On a flat one all parts of a class look alike
    to them, become one group, and leave whole splits without the class.
    """
    mottled = random.integers(0, 90, (5, 5, 3)).astype(np.uint8)
    image = PillowImage.fromarray(mottled).resize((side, side), PillowImage.Resampling.BICUBIC)
    jitter = random.integers(-25, 26, 3)
    ink = tuple(int(value) for value in np.clip(np.array(_INKS[kind]) + jitter, 0, 255))
    draw = ImageDraw.Draw(image)
    x, y = (int(value) for value in random.integers(4, 12, 2))
    box = (x, y, x + 22, y + 22)
    if kind == "washer":
        draw.ellipse(box, outline=ink, width=6)
    elif kind == "bolt":
        draw.rectangle((x, y + 6, x + 24, y + 15), fill=ink)
    elif kind == "nut":
        draw.rectangle(box, fill=ink)
    else:
        draw.line((x, y, x + 22, y + 22), fill=ink, width=7)
        draw.line((x + 22, y, x, y + 22), fill=ink, width=7)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def write_parts(folder: Path, num_per_class: int, seed: int = 0) -> Path:
    """Write class folders of drawn parts."""
    random = np.random.default_rng(seed)
    for kind in CLASSES:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(num_per_class):
            (folder / kind / f"{seed}_{number}.png").write_bytes(draw_part(kind, random))
    return folder


@pytest.fixture
def freeze(
    sqlite_database: Database, blobs: BlobStore, sqlite_project: Project, tmp_path: Path
) -> Callable[..., DatasetVersion]:
    """Ingest drawn parts and freeze all labeled images into the next version of ``parts``."""

    def freeze_parts(num_per_class: int = 50, seed: int = 0) -> DatasetVersion:
        where = (sqlite_database, blobs, SYSTEM, sqlite_project.name)
        folder = write_parts(tmp_path / f"parts-{seed}", num_per_class, seed)
        ingest_folder(*where, IngestRequest(folder=str(folder), format="class_folders"))
        return freeze_version(*where, FreezeRequest(name="parts"))

    return freeze_parts


@pytest.fixture
def carry_out(sqlite_database: Database, blobs: BlobStore, home: Home) -> TrainRun:
    """Run the job of a run in this process, as its worker would."""
    from visionloop.training.learning import train

    def carry_out_run(run: Run, cancelled: threading.Event | None = None) -> dict[str, Any]:
        job = jobs.get_job(sqlite_database, SYSTEM, str(run.job_id))
        context = JobContext(
            job,
            actor=SYSTEM,
            database=sqlite_database,
            blobs=blobs,
            home=home,
            cancelled=cancelled,
        )
        return train(context)

    return carry_out_run
