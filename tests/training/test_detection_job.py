"""A detection project from labels to an endpoint's answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.conftest import make_project
from tests.training.conftest import TrainRun
from tests.training.scenes import SHAPES, draw_scenes
from visionloop.admin.entities import SYSTEM
from visionloop.admin.projects import get_project
from visionloop.data.annotations import save_annotations
from visionloop.data.entities import AnnotationDraft, DatasetVersion
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.evaluation.evaluations import ImageFilter, get_evaluation, list_images
from visionloop.evaluation.examples import read_examples
from visionloop.evaluation.objects.entities import ObjectReport
from visionloop.evaluation.responsible.building import build_responsible_report
from visionloop.evaluation.responsible.card import CardFacts, render_card
from visionloop.kernel.digests import sha256_bytes
from visionloop.registry.versions import register_run
from visionloop.serving.inference import load_runtime
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training import experiments, jobs
from visionloop.training.entities import Run
from visionloop.training.errors import RecipeTaskDiffers

pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytest.importorskip("faster_coco_eval", reason="left out: faster-coco-eval is not installed")
pytestmark = pytest.mark.torch

Start = Callable[..., dict[str, object]]


def write_coco(folder: Path, count: int) -> Path:
    """Write scenes as a COCO set; one of them shows nothing."""
    folder.mkdir(parents=True)
    images, annotations = [], []
    for number, example in enumerate(draw_scenes(count)):
        (folder / f"{example.image_id}.png").write_bytes(example.read())
        images.append(
            {
                "id": number,
                "file_name": f"{example.image_id}.png",
                "width": example.width,
                "height": example.height,
            }
        )
        for item in example.annotations:
            x1, y1, x2, y2 = item.bbox
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": SHAPES.index(item.category) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "segmentation": item.segmentation,
                    "iscrowd": 0,
                }
            )
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": row + 1, "name": name} for row, name in enumerate(SHAPES)],
    }
    (folder / "_annotations.coco.json").write_text(json.dumps(content))
    return folder


def test_boxes_travel_from_labels_to_an_answer(
    sqlite_database: Database,
    blobs: BlobStore,
    home: Home,
    carry_out: TrainRun,
    tmp_path: Path,
):
    make_project(sqlite_database, "shapes", *SHAPES, task="detection")
    where = (sqlite_database, blobs, SYSTEM, "shapes")
    folder = write_coco(tmp_path / "scenes", 40)
    report = ingest_folder(*where, IngestRequest(folder=str(folder), format="coco"))
    assert report.added == 40
    version = freeze_version(*where, FreezeRequest(name="shapes"))
    with pytest.raises(RecipeTaskDiffers):
        jobs.start_training(
            sqlite_database,
            SYSTEM,
            "shapes",
            request=jobs.TrainingRequest(version.id, recipe="classification"),
        )
    parameters = {
        "image_size": 64,
        "epochs": 1,
        "batch_size": 8,
        "num_threads": 1,
        "precision": "float32",
    }
    request = jobs.TrainingRequest(version.id, parameters=parameters)
    run = jobs.start_training(sqlite_database, SYSTEM, "shapes", request=request)
    assert run.recipe == "detection"
    outputs = carry_out(run)
    run = experiments.get_run(sqlite_database, SYSTEM, "shapes", run.id)
    assert 0.0 <= run.metrics["test_ap_50"] <= 1.0
    evaluation_id = str(outputs["evaluation_id"])
    evaluation, judged = get_evaluation(sqlite_database, blobs, SYSTEM, "shapes", evaluation_id)
    assert isinstance(judged, ObjectReport)
    assert judged.num_images == version.splits["test"] == evaluation.num_images
    images, total = list_images(
        *where, evaluation_id=evaluation_id, chosen=ImageFilter(), limit=100
    )
    assert total == judged.num_images
    assert sum(item.num_true for item in images) == judged.num_objects

    look_into(sqlite_database, blobs, run, version)

    registered = register_run(sqlite_database, home, SYSTEM, "shapes", name="shapes", run_id=run.id)
    assert registered.parity.passed
    package = home.packages_dir / registered.digest
    card = (package / "model_card.md").read_text()
    assert "Box AP@.5" in card
    runtime = load_runtime(package)
    photo = _enlarge(draw_scenes(1, seed=3)[0].read(), 20)
    prediction = runtime.classify(photo)
    assert prediction.objects is not None
    assert prediction.probabilities.shape == (2,)
    for x1, y1, x2, y2 in (item.box for item in prediction.objects):
        assert 0 <= x1 <= x2 <= 96 * 20
        assert 0 <= y1 <= y2 <= 72 * 20
    everything = runtime.run(np.zeros((2, 64, 64, 3), dtype=np.uint8))
    assert everything["boxes"].shape[0] == 2


def look_into(database: Database, blobs: BlobStore, run: Run, version: DatasetVersion) -> None:
    """Make a Responsible AI report of a run and check that it is whole."""
    where = (database, blobs, SYSTEM, "shapes")
    learned, unseen = (
        read_examples(*where, dataset_version=version.id, split=split)
        for split in ("train", "test")
    )
    made = build_responsible_report(Path(str(run.package_dir)), unseen, training=learned)
    assert made.task == get_project(database, "shapes").task.value
    assert made.num_images == version.splits["test"]
    assert 0.0 <= made.quality.value <= 1.0
    assert [row.drop for row in made.robustness[:1]] == [0.0]
    assert len(made.robustness) == 37
    assert "masking" in {item.method for item in made.methods}
    assert made.bias is not None
    assert "object" in {item.attribute for item in made.bias.balances}
    card = render_card(made, CardFacts("shapes"))
    assert made.quality_name in card


def tag_scenes(database: Database, count: int) -> None:
    """Give every image the classes of the shapes in it."""
    for example in draw_scenes(count):
        drafts = [
            AnnotationDraft(category=name, kind="class")
            for name in sorted({item.category for item in example.annotations})
        ]
        image_id = sha256_bytes(example.read())
        save_annotations(database, SYSTEM, "shapes", image_id, drafts, expected_revision=0)


@pytest.mark.parametrize(
    ("task", "measure", "answer"),
    [
        ("semantic_segmentation", "test_miou", "regions"),
        ("multilabel_classification", "test_mean_ap", "labels"),
    ],
)
def test_other_tasks_travel_from_labels_to_an_answer(
    sqlite_database: Database,
    blobs: BlobStore,
    home: Home,
    carry_out: TrainRun,
    tmp_path: Path,
    task: str,
    measure: str,
    answer: str,
):
    make_project(sqlite_database, "shapes", *SHAPES, task=task)
    where = (sqlite_database, blobs, SYSTEM, "shapes")
    folder = write_coco(tmp_path / "scenes", 24)
    if task == "semantic_segmentation":
        ingest_folder(*where, IngestRequest(folder=str(folder), format="coco"))
    else:
        ingest_folder(*where, IngestRequest(folder=str(folder), format="images"))
        tag_scenes(sqlite_database, 24)
    version = freeze_version(*where, FreezeRequest(name="shapes"))
    parameters = {"image_size": 64, "epochs": 1, "batch_size": 8, "num_threads": 1}
    request = jobs.TrainingRequest(version.id, parameters=parameters)
    run = jobs.start_training(sqlite_database, SYSTEM, "shapes", request=request)
    carry_out(run)
    run = experiments.get_run(sqlite_database, SYSTEM, "shapes", run.id)
    assert 0.0 <= run.metrics[measure] <= 1.0
    look_into(sqlite_database, blobs, run, version)
    registered = register_run(sqlite_database, home, SYSTEM, "shapes", name="shapes", run_id=run.id)
    assert registered.parity.passed
    runtime = load_runtime(home.packages_dir / registered.digest)
    prediction = runtime.classify(draw_scenes(1, seed=3)[0].read())
    assert set(prediction.describe()) == {answer}
    json.dumps(prediction.describe())
    if prediction.regions is not None:
        assert prediction.regions.mask.shape == (48, 64)


def _enlarge(png: bytes, factor: int) -> bytes:
    """Make a large JPEG, which endpoints decode at a fraction of its size."""
    image = PillowImage.open(io.BytesIO(png))
    image = image.resize((image.width * factor, image.height * factor))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()
