"""What the recipes reach on four real sets, from a folder of files to judged test images.

    python -m bench.real_sets SHARED [--only trashnet80] [--threads 2] [--set trashnet80:epochs=8]

SHARED is a folder with ``datasets`` and ``weights``. A quarter of the images is held out; persons,
capture sessions and near-duplicates are never on both sides of a split.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import save_project
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.evaluation.evaluations import get_evaluation
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.jobs import TrainingRequest, start_training
from visionloop.training.learning import train

FACADE_CLASSES = (
    "facade", "window", "balcony-fence", "vegetation", "street", "car", "fence", "shop",
    "traffic-infrastructure", "non-building-infrastructure",
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """A set, how it is read and what is asked of it."""

    name: str
    folder: str
    task: str
    measure: str
    asked: float | None
    classes: tuple[str, ...]
    group_by: str = "near-duplicate"
    weights: str | None = "mobilenet_v2_1.0_224"
    parameters: dict[str, Any] = field(default_factory=dict)


TRIALS = (
    Trial(
        "trashnet80", "trashnet80/dataset-resized", "classification", "accuracy", 0.74,
        ("cardboard", "glass", "metal", "paper", "plastic", "trash"),
        parameters={"image_size": 160, "epochs": 8, "horizontal_flip": True},
    ),
    Trial(
        "signdigits", "signdigits/Dataset", "classification", "accuracy", 0.92,
        tuple(str(digit) for digit in range(10)), group_by="exif-session",
        parameters={"image_size": 96, "epochs": 6, "horizontal_flip": True},
    ),
    Trial(
        "facade semantic", "facade_small", "semantic_segmentation", "miou", None, FACADE_CLASSES,
        parameters={"image_size": 256, "epochs": 25},
    ),
    Trial(
        "facade instance", "facade_small", "instance_segmentation", "ap_50", None, FACADE_CLASSES,
        weights="yolox_nano_coco", parameters={"image_size": 320, "epochs": 40},
    ),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], help="NAME:KEY=VALUE")
    arguments = parser.parse_args()
    for trial in TRIALS:
        if arguments.only and trial.name not in arguments.only:
            continue
        changed = dict(
            text.split(":", 1)[1].split("=", 1)
            for text in arguments.set
            if text.startswith(f"{trial.name}:")
        )
        with tempfile.TemporaryDirectory(prefix="real-sets-") as folder:
            _run(trial, arguments, Home(Path(folder)), changed)


def _run(trial: Trial, arguments: argparse.Namespace, home: Home, changed: dict[str, str]) -> None:
    database, blobs = Database(home.database_url), BlobStore(str(home.blobs_dir))
    database.create_schema()
    _create_project(database, trial)
    where = (database, blobs, SYSTEM, "bench")
    source = str(arguments.shared / "datasets" / trial.folder)
    report = ingest_folder(*where, IngestRequest(folder=source, group_by=trial.group_by))
    fractions = {"train": 0.6, "val": 0.15, "test": 0.25}
    request = FreezeRequest(name="bench", fractions=fractions, allow_empty_classes=True)
    version = freeze_version(*where, request)
    parameters = trial.parameters | changed | {"num_threads": arguments.threads}
    if trial.weights:
        parameters["weights"] = str(arguments.shared / "weights" / trial.weights)
    started, before = time.monotonic(), os.times()
    run = start_training(
        database, SYSTEM, "bench", request=TrainingRequest(version.id, parameters=parameters)
    )
    job = jobs.get_job(database, SYSTEM, str(run.job_id))
    outputs = train(JobContext(job, actor=SYSTEM, database=database, blobs=blobs, home=home))
    minutes, after = (time.monotonic() - started) / 60, os.times()
    spent = (after.user + after.system - before.user - before.system) / 60
    evaluation, _ = get_evaluation(*where, str(outputs["evaluation_id"]))
    figures = ", ".join(
        f"{name} {value:.3f}"
        for name, value in evaluation.metrics.items()
        if not name.startswith("num_")
    )
    asked = f" (asked: {trial.asked})" if trial.asked else ""
    print(
        f"\n== {trial.name}: {trial.measure} {evaluation.metrics[trial.measure]:.3f}{asked} on "
        f"{evaluation.num_images} of {report.added} images; {minutes:.1f} minutes, {spent:.1f} "
        f"CPU-minutes\n   {figures}\n",
        flush=True,
    )


def _create_project(database: Database, trial: Trial) -> None:
    categories = tuple(Category(name, "#888888", None) for name in trial.classes)
    project = Project(
        name="bench",
        task=TaskType(trial.task),
        description="",
        categories=categories,
        workspaces=("dev",),
        settings={},
        created_at=utc_now(),
    )
    save_project(database, SYSTEM, project)


if __name__ == "__main__":
    main()
