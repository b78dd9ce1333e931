"""Scoring labeled files with ONNX Runtime, and the baseline for monitoring."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.evaluation.conftest import LABELS
from visionloop.evaluation.baseline import BASELINE_FILE, record_baseline
from visionloop.evaluation.corruptions import BASELINE_CORRUPTIONS
from visionloop.evaluation.entities import Example
from visionloop.evaluation.errors import LabelUnknown, ModelUnusable, NothingToEvaluate
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.report import report_from_dict, report_to_dict
from visionloop.evaluation.scoring import evaluate_package

Paint = Callable[..., Example]


@pytest.fixture
def examples(paint: Paint) -> list[Example]:
    """90 right ones, and 10 red pictures that are labeled green."""
    right = [paint(f"image{row:03}", LABELS[row % 3]) for row in range(90)]
    return right + [paint(f"wrong{row:03}", "red", "green") for row in range(10)]


def test_a_package_is_judged_and_the_worst_images_stand_first(
    model_folder: Path, examples: list[Example]
):
    judged = evaluate_package(model_folder, examples)
    assert judged.report.accuracy.value == pytest.approx(0.9)
    assert judged.report.confusion == ((30, 0, 0), (10, 30, 0), (0, 0, 30))
    assert judged.report.top_confusions[0].count == 10
    assert {item.image_id[:5] for item in judged.results[:10]} == {"wrong"}
    assert judged.results[0].loss >= judged.results[-1].loss
    weakest = judged.report.slices[0]
    assert (weakest.attribute, weakest.value, weakest.is_weak) == ("camera", "cam-red", True)


def test_unreadable_files_are_reported_and_left_out(model_folder: Path, examples: list[Example]):
    broken = Example("broken", "red", lambda: b"no image")
    judged = evaluate_package(model_folder, [*examples, broken])
    assert judged.report.unreadable == ("broken",)
    assert judged.report.num_images == 100
    with pytest.raises(NothingToEvaluate):
        evaluate_package(model_folder, [broken])


def test_a_label_that_the_model_lacks_is_refused(model_folder: Path, paint: Paint):
    with pytest.raises(LabelUnknown, match="purple"):
        evaluate_package(model_folder, [paint("image", "red", "purple")])


def test_progress_can_stop_the_evaluation(model_folder: Path, examples: list[Example]):
    def stop(fraction: float) -> None:
        raise InterruptedError(fraction)

    with pytest.raises(InterruptedError):
        evaluate_package(model_folder, examples, on_progress=stop)


def test_a_report_survives_json(model_folder: Path, examples: list[Example]):
    report = evaluate_package(model_folder, examples).report
    assert report_from_dict(report_to_dict(report)) == report


def test_a_folder_without_a_model_is_refused(tmp_path: Path, model_folder: Path):
    with pytest.raises(ModelUnusable):
        evaluate_package(tmp_path, [])
    (model_folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelUnusable):
        Scorer(model_folder / "model.onnx")


def test_the_baseline_has_the_columns_that_monitoring_reads(
    model_folder: Path, examples: list[Example]
):
    test = evaluate_package(model_folder, examples[50:]).scored
    record_baseline(model_folder, validation=examples[:50], test=test)
    path = model_folder / BASELINE_FILE
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    assert {name: kind for name, kind, *_ in columns} == {
        "image_id": "VARCHAR",
        "split": "VARCHAR",
        "corruption": "VARCHAR",
        "severity": "INTEGER",
        "label": "INTEGER",
        "probabilities": "FLOAT[]",
        "embedding": "FLOAT[]",
        "statistics": "FLOAT[]",
        "dhash": "VARCHAR",
        "group_key": "VARCHAR",
    }
    counts = dict(duckdb.sql(f"SELECT corruption, count(*) FROM '{path}' GROUP BY ALL").fetchall())
    assert counts == {"none": 100} | dict.fromkeys(BASELINE_CORRUPTIONS, 100)
    rows = duckdb.sql(
        f"SELECT image_id, probabilities FROM '{path}' WHERE split = 'test'"
    ).fetchall()
    written = dict(rows)
    for example, expected in zip(test.examples, test.scores.probabilities, strict=True):
        assert np.allclose(written[example.image_id], expected, atol=1e-6)
