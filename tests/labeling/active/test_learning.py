from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.active.learning import create_active_batch, measure_curve, rerank_queue
from visionloop.labeling.entities import LabelTask, TaskQuery
from visionloop.labeling.errors import NoPredictor
from visionloop.labeling.ports import Prediction
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import NothingToBatch
from visionloop.labeling.projects.settings import save_labeling_project
from visionloop.labeling.review import accept_task
from visionloop.labeling.tasks import list_tasks
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


class Unsure:
    """A fake at the port: nut, the less sure the more bytes an image has."""

    def __init__(self, model: str = "m:1", *, is_classifier: bool = True) -> None:
        self.model = model
        self.is_classifier = is_classifier

    def predict(self, project: str, image_bytes: bytes, *, model: str | None = None) -> Prediction:
        share = 0.5 + 0.5 / (1 + len(image_bytes) % 97)
        said = Prediction(model or self.model, "d", (AnnotationDraft("nut", "class"),))
        if not self.is_classifier:
            return said
        embedding = np.array([len(image_bytes), sum(image_bytes[:99])], dtype=np.float32)
        return replace(said, probabilities={"nut": share, "bolt": 1 - share}, embedding=embedding)


@pytest.fixture
def project_name(database: Database, image_ids: list[str]) -> str:
    save_labeling_project(database, SYSTEM, LabelingProject("parts", "learn", "dora", utc_now()))
    return "learn"


def test_a_batch_says_why_each_image_is_in_it(
    database: Database, blobs: BlobStore, project_name: str
) -> None:
    batch = create_active_batch(
        database, blobs, SYSTEM, "parts", project_name, size=4, predictor=Unsure()
    )
    assert (batch.strategy, batch.num_tasks, batch.facts["model"]) == ("active", 4, "m:1")
    tasks, _ = list_tasks(database, SYSTEM, "parts", TaskQuery(batch_id=batch.id))
    assert [t.priority for t in tasks] == sorted((t.priority for t in tasks), reverse=True)
    assert sum(task.reason["audit"] for task in tasks) == 1
    assert {task.reason["prediction"] for task in tasks} == {"nut"}
    create_active_batch(database, blobs, SYSTEM, "parts", project_name, size=4, predictor=Unsure())
    with pytest.raises(NothingToBatch):
        create_active_batch(
            database, blobs, SYSTEM, "parts", project_name, size=4, predictor=Unsure()
        )


def test_the_curve_is_measured_on_the_audit_alone(
    database: Database,
    blobs: BlobStore,
    project_name: str,
    labeler: Actor,
    reviewer: Actor,
    label: Callable[..., LabelTask],
) -> None:
    create_active_batch(database, blobs, SYSTEM, "parts", project_name, size=6, predictor=Unsure())
    (point,) = measure_curve(database, labeler, "parts", project_name).points
    assert (point.accuracy, point.num_audited, point.num_labels) == (None, 0, 0)
    tasks, _ = list_tasks(database, SYSTEM, "parts", TaskQuery(queue=project_name))
    for task in tasks:
        label(labeler, task.id, "nut" if task.reason["audit"] else "bolt")
        accept_task(database, reviewer, "parts", task.id)
    curve = measure_curve(database, labeler, "parts", project_name, retrain_after=6)
    assert (curve.points[0].accuracy, curve.points[0].num_audited) == (1, 1)
    assert (curve.num_labels, curve.num_since, curve.is_retrain_due) == (6, 6, True)


def test_a_new_model_ranks_what_is_still_open(
    database: Database, blobs: BlobStore, project_name: str
) -> None:
    create_active_batch(database, blobs, SYSTEM, "parts", project_name, size=6, predictor=Unsure())
    done = rerank_queue(
        database, blobs, SYSTEM, "parts", project_name, predictor=Unsure(), model="m:2"
    )
    assert (done.model, done.num_ranked) == ("m:2", 5)
    tasks, _ = list_tasks(database, SYSTEM, "parts", TaskQuery(queue=project_name))
    assert sorted(task.reason["model"] for task in tasks) == ["m:1", *["m:2"] * 5]


def test_a_model_without_probabilities_cannot_choose(
    database: Database, blobs: BlobStore, project_name: str
) -> None:
    with pytest.raises(NoPredictor):
        create_active_batch(
            database,
            blobs,
            SYSTEM,
            "parts",
            project_name,
            size=2,
            predictor=Unsure(is_classifier=False),
        )
