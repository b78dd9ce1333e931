"""The training job end to end: it learns, leaves a whole package, cancels and fails cleanly."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.training.conftest import FAST, TrainRun, write_parts
from visionloop.admin.entities import SYSTEM, Project
from visionloop.compute.errors import JobCancelled
from visionloop.data.entities import DatasetVersion
from visionloop.data.errors import VersionInUse
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.versions import delete_version
from visionloop.evaluation.evaluations import ImageFilter, get_evaluation, list_images
from visionloop.evaluation.models import Scorer
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.training import experiments, jobs
from visionloop.training.entities import Run, RunStatus
from visionloop.training.errors import CheckpointUnusable, DatasetUnfit

pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytestmark = pytest.mark.torch

Freeze = Callable[..., DatasetVersion]
PACKAGE_FILES = {
    "model.onnx",
    "labels.json",
    "preprocessing.json",
    "parity.npz",
    "environment.txt",
    "evaluation.json",
    "training.json",
    "baseline.parquet",
    "checkpoint",
}


@pytest.fixture
def start(sqlite_database: Database) -> Callable[..., Run]:
    def start_run(version: DatasetVersion, **values: Any) -> Run:
        parameters = FAST | values.pop("parameters", {})
        request = jobs.TrainingRequest(version.id, parameters=parameters, **values)
        return jobs.start_training(sqlite_database, SYSTEM, "parts", request=request)

    return start_run


def _get(database: Database, run: Run) -> Run:
    return experiments.get_run(database, SYSTEM, "parts", run.id)


def test_a_training_learns_and_leaves_a_package_with_its_evidence(
    sqlite_database: Database,
    blobs: BlobStore,
    freeze: Freeze,
    start: Callable[..., Run],
    carry_out: TrainRun,
):
    version = freeze(60)
    outputs = carry_out(start(version, name="first"))
    run = experiments.get_run(sqlite_database, SYSTEM, "parts", outputs["run_id"])
    assert run.status is RunStatus.FINISHED
    assert run.has_model
    assert run.metrics["test_accuracy"] > 0.7  # 1.0 with each of a dozen seeds; chance is 0.25
    package = Path(outputs["package_dir"])
    assert {path.name for path in package.iterdir()} == PACKAGE_FILES
    detail = experiments.get_run_detail(sqlite_database, SYSTEM, "parts", run.id)
    assert [point.step for point in detail.history["val_accuracy"]] == [1, 2, 3, 4, 5, 6]
    assert {item.path for item in detail.artifacts} >= {"evaluation.json", "environment.txt"}
    evaluation, report = get_evaluation(
        sqlite_database, blobs, SYSTEM, "parts", outputs["evaluation_id"]
    )
    assert evaluation.metrics["accuracy"] == report.accuracy.value
    assert sum(map(sum, report.confusion)) == report.num_images == version.splits["test"]
    images, total = list_images(
        sqlite_database,
        blobs,
        SYSTEM,
        "parts",
        evaluation_id=evaluation.id,
        chosen=ImageFilter(),
    )
    assert total == report.num_images
    assert [item.loss for item in images] == sorted((i.loss for i in images), reverse=True)
    with pytest.raises(VersionInUse):
        delete_version(sqlite_database, SYSTEM, "parts", version.id)


def test_a_finished_run_is_not_trained_again_by_a_second_attempt(
    freeze: Freeze, start: Callable[..., Run], carry_out: TrainRun
):
    run = start(freeze(10), parameters={"epochs": 1})
    first = carry_out(run)
    assert carry_out(run) == first


def test_the_package_proves_its_parity_without_torch(
    freeze: Freeze, start: Callable[..., Run], carry_out: TrainRun
):
    package = Path(carry_out(start(freeze(20)))["package_dir"])
    proof = np.load(package / "parity.npz")
    scores = Scorer(package / "model.onnx").score(proof["images"])
    assert np.abs(scores.probabilities - proof["probabilities"]).max() < 1e-4
    assert np.abs(scores.embeddings - proof["embeddings"]).max() < 1e-3
    facts = json.loads((package / "training.json").read_text())
    assert facts["parity"]["passed"]
    assert set(facts["seconds"]) == {"decode", "train", "export", "evaluate", "baseline"}


def test_the_baseline_holds_clean_and_damaged_images(
    freeze: Freeze, start: Callable[..., Run], carry_out: TrainRun
):
    version = freeze(20)
    package = Path(carry_out(start(version))["package_dir"])
    rows = duckdb.sql(
        "SELECT split, corruption, count(*), min(len(probabilities)), min(len(embedding)), "
        f"min(len(statistics)), min(length(dhash)) FROM '{package}/baseline.parquet' GROUP BY ALL"
    ).fetchall()
    counts = {(split, corruption): rest for split, corruption, *rest in rows}
    assert counts["test", "none"] == [version.splits["test"], 4, 128, 14, 16]
    assert counts["val", "none"][0] == version.splits["val"]
    assert counts["val", "blur"][0] == 2 * version.splits["val"]
    assert len(counts) == 2 + 7


def test_a_warm_start_goes_on_from_a_run_and_knows_what_is_new(
    freeze: Freeze, start: Callable[..., Run], carry_out: TrainRun
):
    first = carry_out(start(freeze(60)))
    version = freeze(6, seed=1)
    # Steps this small change nothing, so what comes out shows where training began.
    standing = {"epochs": 1, "learning_rate": 1e-7}
    run = start(version, warm_start_run_id=first["run_id"], parameters=standing)
    second = carry_out(run)
    facts = json.loads((Path(second["package_dir"]) / "training.json").read_text())
    assert facts["warm_start_run_id"] == first["run_id"]
    assert 0 < facts["num_new_images"] <= 24
    before, after = (_head(item) for item in (first, second))
    assert after == pytest.approx(before, abs=1e-4)
    from_scratch = _head(carry_out(start(version, parameters=standing)))
    assert np.abs(from_scratch - before).max() > 0.01


def _head(outputs: dict[str, Any]) -> Any:
    from safetensors.numpy import load_file

    return load_file(Path(outputs["package_dir"]) / "checkpoint" / "head.safetensors")["weight"]


def test_a_cancelled_training_stops_at_once_and_says_so(
    sqlite_database: Database,
    freeze: Freeze,
    start: Callable[..., Run],
    carry_out: TrainRun,
):
    run, cancelled = start(freeze(10)), threading.Event()
    cancelled.set()
    with pytest.raises(JobCancelled):
        carry_out(run, cancelled)
    assert _get(sqlite_database, run).status is RunStatus.CANCELLED


def test_a_training_is_cancelled_between_two_steps(
    sqlite_database: Database,
    freeze: Freeze,
    start: Callable[..., Run],
    carry_out: TrainRun,
):
    run = start(freeze(20), parameters={"epochs": 500})
    with pytest.raises(JobCancelled):
        carry_out(run, _CancelledAfter(20))
    ended = _get(sqlite_database, run)
    assert ended.status is RunStatus.CANCELLED
    detail = experiments.get_run_detail(sqlite_database, SYSTEM, "parts", run.id)
    assert 1 <= len(detail.history["val_accuracy"]) <= 20


class _CancelledAfter(threading.Event):
    """Somebody cancels after the job has asked this many times."""

    def __init__(self, num_checks: int) -> None:
        super().__init__()
        self.num_left = num_checks

    def is_set(self) -> bool:
        self.num_left -= 1
        return self.num_left < 0


def test_unusable_weights_fail_the_run_with_a_reason(
    sqlite_database: Database,
    freeze: Freeze,
    start: Callable[..., Run],
    carry_out: TrainRun,
    tmp_path: Path,
):
    (tmp_path / "empty").mkdir()
    run = start(freeze(10), parameters={"weights": str(tmp_path / "empty")})
    with pytest.raises(CheckpointUnusable):
        carry_out(run)
    ended = _get(sqlite_database, run)
    assert ended.status is RunStatus.FAILED
    assert ended.error is not None
    assert "config.json" in ended.error


def test_one_class_alone_is_refused_before_training(
    sqlite_database: Database,
    blobs: BlobStore,
    sqlite_project: Project,
    start: Callable[..., Run],
    carry_out: TrainRun,
    tmp_path: Path,
):
    where = (sqlite_database, blobs, SYSTEM, sqlite_project.name)
    folder = write_parts(tmp_path / "all", 6)
    for kind in ("bolt", "nut", "gear"):
        shutil.rmtree(folder / kind)
    ingest_folder(*where, IngestRequest(folder=str(folder), format="class_folders"))
    version = freeze_version(*where, FreezeRequest(name="parts", allow_empty_classes=True))
    run = start(version)
    with pytest.raises(DatasetUnfit, match="at least two classes"):
        carry_out(run)
    assert _get(sqlite_database, run).status is RunStatus.FAILED
