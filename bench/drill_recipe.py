"""Measure the training recipe on the reference drill, without servers, queue or people.

Trains on one camera, judges on photos of unseen groups of the same camera (clean) and of a
held-back camera (shifted), labels the least confident photos of one half of the held-back groups,
trains on from the champion, and judges on the other half, which was never labeled.

    python bench/drill_recipe.py --data FOLDER --hold-back "Canon EOS 550D" --weights FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import save_project
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.data.entities import ManifestRow
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.images import exclude_image, restore_image
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.sources import ImageSource
from visionloop.data.versions import read_manifest
from visionloop.evaluation.examples import examples_from_rows
from visionloop.evaluation.scoring import PackageEvaluation, evaluate_package
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.jobs import TrainingRequest, start_training
from visionloop.training.learning import train

PROJECT = "drill-recipe"


@dataclass
class Bench:
    database: Database
    blobs: BlobStore
    home: Home

    def train(self, version: str, **values: Any) -> dict[str, Any]:
        """Train in this process, as the worker would."""
        request = TrainingRequest(dataset_version=version, **values)
        run = start_training(self.database, SYSTEM, PROJECT, request=request)
        job = jobs.get_job(self.database, SYSTEM, str(run.job_id))
        context = JobContext(
            job, actor=SYSTEM, database=self.database, blobs=self.blobs, home=self.home
        )
        return train(context)

    def judge(self, package: str, rows: list[ManifestRow]) -> PackageEvaluation:
        source = ImageSource(self.database, self.blobs, PROJECT)
        return evaluate_package(Path(package), examples_from_rows(rows, source))

    def freeze(self, name: str, **values: Any) -> str:
        request = FreezeRequest(name=name, **values)
        return freeze_version(self.database, self.blobs, SYSTEM, PROJECT, request).reference

    def rows(self, version: str) -> list[ManifestRow]:
        return list(read_manifest(self.database, self.blobs, SYSTEM, PROJECT, version))


def main() -> None:
    options = _parse()
    with tempfile.TemporaryDirectory(prefix="drill-recipe-") as folder:
        home = Home(Path(folder))
        bench = Bench(Database(home.database_url), BlobStore(str(home.blobs_dir)), home)
        bench.database.create_schema()
        _run(bench, options)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--hold-back", required=True, help="EXIF model of the shifted camera.")
    parser.add_argument("--weights")
    parser.add_argument("--group-by", default="exif-session", help="Grouping rule of ingest.")
    parser.add_argument("--labels", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE of the recipe.")
    parser.add_argument("--retrain-set", action="append", default=[], help="KEY=VALUE as well.")
    return parser.parse_args()


def _run(bench: Bench, options: argparse.Namespace) -> None:
    _ingest(bench, options.data, options.group_by)
    every = bench.rows(bench.freeze("every"))
    shifted = [row for row in every if row.camera == options.hold_back]
    for row in shifted:
        exclude_image(bench.database, SYSTEM, PROJECT, row.image_id)
    known = bench.freeze("parts", fractions={"train": 0.6, "val": 0.15, "test": 0.25})
    parameters = dict(item.split("=", 1) for item in options.set)
    parameters["seed"] = options.seed
    first, first_s = _timed(
        bench.train, known, parameters={**parameters, "weights": options.weights}
    )
    pool, unseen = _halves(shifted, options.seed)
    clean = [row for row in bench.rows(known) if row.split == "test"]
    before_clean = bench.judge(first["package_dir"], clean)
    before = bench.judge(first["package_dir"], unseen)
    queue = sorted(bench.judge(first["package_dir"], pool).results, key=lambda r: r.confidence)
    chosen = queue[: options.labels]
    wrong = np.mean([not item.is_correct for item in queue])
    wrong_chosen = np.mean([not item.is_correct for item in chosen])
    for item in chosen:
        restore_image(bench.database, SYSTEM, PROJECT, item.image_id)
    grown = bench.freeze("parts", fractions={"train": 0.8, "val": 0.1, "test": 0.1})
    parameters |= dict(item.split("=", 1) for item in options.retrain_set)
    second, second_s = _timed(
        bench.train, grown, parameters=parameters, warm_start_run_id=first["run_id"]
    )
    after_clean = bench.judge(second["package_dir"], clean)
    after = bench.judge(second["package_dir"], unseen)
    gap = before_clean.report.accuracy.value - before.report.accuracy.value
    gain = after.report.accuracy.value - before.report.accuracy.value
    print(f"first training            {first_s:.1f} s")
    print(f"second training           {second_s:.1f} s")
    print(f"errors among labeled      {wrong_chosen:.3f} (base rate {wrong:.3f})")
    _tell("clean, before", before_clean)
    _tell("clean, after", after_clean)
    _tell("never labeled, before", before)
    _tell("never labeled, after", after)
    print(f"share of the gap closed   {gain / gap if gap > 0 else float('nan'):.2f}")


def _ingest(bench: Bench, folder: Path, group_by: str) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    project = Project(
        name=PROJECT,
        task=TaskType.CLASSIFICATION,
        description="",
        categories=tuple(Category(name, "#888888") for name in names),
        workspaces=("dev",),
        settings={},
        created_at=utc_now(),
    )
    save_project(bench.database, SYSTEM, project)
    request = IngestRequest(folder=str(folder), format="class_folders", group_by=group_by)
    report = ingest_folder(bench.database, bench.blobs, SYSTEM, PROJECT, request)
    print(f"ingested {report.added} images in {report.seconds:.1f} s, {report.grouping}")


def _halves(rows: list[ManifestRow], seed: int) -> tuple[list[ManifestRow], list[ManifestRow]]:
    groups = np.random.default_rng(seed).permutation(sorted({row.group_key for row in rows}))
    first = set(groups[: len(groups) // 2])
    return (
        [row for row in rows if row.group_key in first],
        [row for row in rows if row.group_key not in first],
    )


def _timed(function: Any, *arguments: Any, **values: Any) -> tuple[Any, float]:
    started = time.monotonic()
    return function(*arguments, **values), time.monotonic() - started


def _tell(name: str, judged: PackageEvaluation) -> None:
    accuracy = judged.report.accuracy
    print(
        f"{name:<25} {accuracy.value:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f}) "
        f"on {judged.report.num_images}"
    )


if __name__ == "__main__":
    main()
