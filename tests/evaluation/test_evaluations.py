"""Stored evaluations: record, read, filter, compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ActorFactory
from tests.evaluation.conftest import LABELS
from visionloop.admin.entities import Actor, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.evaluation import evaluations
from visionloop.evaluation.entities import Evaluation, Example
from visionloop.evaluation.errors import EvaluationNotFound, ImagesDiffer
from visionloop.evaluation.evaluations import EvaluationSubject, ImageFilter
from visionloop.evaluation.scoring import evaluate_package
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


@pytest.fixture
def record(
    database: Database,
    blobs: BlobStore,
    admin_actor: Actor,
    project: Project,
    model_folder: Path,
) -> Callable[..., Evaluation]:
    def record_examples(examples: list[Example], split: str = "test") -> Evaluation:
        return evaluations.record_evaluation(
            database,
            blobs,
            admin_actor,
            project.name,
            about=EvaluationSubject(subject="run/run_1", split=split, run_id="run_1"),
            judged=evaluate_package(model_folder, examples),
        )

    return record_examples


@pytest.fixture
def examples(paint: Callable[..., Example]) -> list[Example]:
    return [paint(f"image{row}", LABELS[row % 3]) for row in range(9)] + [
        paint("wrong", "red", "green")
    ]


def test_an_evaluation_is_read_back_with_its_images(
    database: Database,
    blobs: BlobStore,
    admin_actor: Actor,
    record: Callable[..., Evaluation],
    examples: list[Example],
):
    recorded = record(examples)
    where = (database, blobs, admin_actor, "parts")
    evaluation, report = evaluations.get_evaluation(*where, recorded.id)
    assert evaluation == recorded
    assert report.accuracy.value == evaluation.metrics["accuracy"] == 0.9
    images, total = evaluations.list_images(
        *where, evaluation_id=recorded.id, chosen=ImageFilter(only_errors=True)
    )
    assert [(item.image_id, item.label, item.predicted) for item in images] == [
        ("wrong", "green", "red")
    ]
    assert total == 1
    cell = ImageFilter(label="blue", predicted="blue")
    images, total = evaluations.list_images(
        *where, evaluation_id=recorded.id, chosen=cell, limit=2, offset=2
    )
    assert (len(images), total) == (1, 3)


def test_evaluations_are_listed_newest_first(
    database: Database,
    admin_actor: Actor,
    record: Callable[..., Evaluation],
    examples: list[Example],
    make_actor: ActorFactory,
):
    first, second = record(examples), record(examples, "val")
    found, total = evaluations.list_evaluations(database, admin_actor, "parts", run_id="run_1")
    assert ([item.id for item in found], total) == ([second.id, first.id], 2)
    stranger = make_actor("viewer", project="other")
    with pytest.raises(PermissionDenied):
        evaluations.list_evaluations(database, stranger, "parts")


def test_two_models_are_compared_image_by_image(
    database: Database,
    blobs: BlobStore,
    admin_actor: Actor,
    record: Callable[..., Evaluation],
    examples: list[Example],
    model_folder: Path,
):
    first = record(examples)
    same = evaluations.compare_evaluations(
        database, blobs, admin_actor, "parts", baseline_id=first.id, candidate_id=first.id
    )
    assert (same.difference.value, same.p_value) == (0.0, 1.0)
    results = evaluate_package(model_folder, examples).results
    better = [replace(item, predicted=item.label) for item in results]
    compared = evaluations.compare_models(results, better)
    assert compared.fixed == ("wrong",)
    assert compared.broken == ()
    assert compared.difference.value == pytest.approx(0.1)
    with pytest.raises(ImagesDiffer):
        evaluations.compare_models(results, better[:-1])
    with pytest.raises(EvaluationNotFound):
        evaluations.get_evaluation(database, blobs, admin_actor, "parts", "eval_other")
