"""Decisions about data and runs, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from visionloop.compute.entities import Job, JobState
from visionloop.data.entities import ManifestRow
from visionloop.training.entities import Run, RunStatus
from visionloop.training.errors import DatasetUnfit
from visionloop.training.rules import check_trainable, compare, ending_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CLASSES = ("washer", "bolt", "nut")
_TWO = (("train", "nut"), ("train", "bolt"))


def _row(split: str, label: str | None) -> ManifestRow:
    return ManifestRow(
        image_id="0" * 64,
        uri="blob://x",
        name="x.jpg",
        width=8,
        height=8,
        format="jpeg",
        size_bytes=1,
        exif={},
        metadata={},
        statistics=None,
        dhash="0" * 16,
        group_key="g",
        origin="ingest",
        split=split,  # type: ignore[arg-type]
        label=label,
        annotation_status="labeled",
        annotations=(),
    )


def _run(**values: object) -> Run:
    run = Run(
        id="run_1",
        project="parts",
        experiment_id="exp_1",
        experiment="default",
        name="first",
        recipe="classification",
        status=RunStatus.RUNNING,
        parameters={},
        tags={},
        metrics={},
        created_by="ada",
        created_at=NOW,
    )
    return replace(run, **values)  # type: ignore[arg-type]


def _job(state: JobState) -> Job:
    return Job(
        id="job_1",
        project="parts",
        kind="train",
        entry_point="a:b",
        inputs={},
        outputs={},
        state=state,
        progress=0.0,
        message="",
        error_code=None,
        attempt=1,
        max_attempts=2,
        timeout_s=60.0,
        cancel_requested=False,
        pid=None,
        pid_started=None,
        node=None,
        created_by="ada",
        created_at=NOW,
        started_at=None,
        ended_at=None,
    )


def test_classes_keep_the_order_of_the_schema_and_unused_ones_are_left_out():
    rows = [_row("train", "nut"), _row("train", "washer"), _row("val", "nut"), _row("val", None)]
    assert check_trainable(rows, CLASSES) == ("washer", "nut")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "training split holds no labeled image"),
        ([_row("train", "nut"), _row("val", "nut")], "at least two classes"),
        ([_row(*pair) for pair in _TWO], "validation split"),
        (
            [_row(*pair) for pair in (*_TWO, ("test", "washer"), ("val", "nut"))],
            "no training image shows washer",
        ),
    ],
)
def test_data_that_cannot_teach_is_refused_with_the_reason(rows: list[ManifestRow], reason: str):
    with pytest.raises(DatasetUnfit, match=reason):
        check_trainable(rows, CLASSES)


def test_a_run_ends_as_its_job_did_when_it_could_not_say_so():
    assert ending_of(_run(), _job(JobState.FAILED)) is RunStatus.FAILED
    assert ending_of(_run(), _job(JobState.CANCELLED)) is RunStatus.CANCELLED
    assert ending_of(_run(), _job(JobState.RUNNING)) is None
    assert ending_of(_run(), None) is None
    assert ending_of(_run(status=RunStatus.FINISHED), _job(JobState.FAILED)) is None


def test_a_comparison_shows_only_parameters_that_differ():
    first = _run(parameters={"epochs": 3, "seed": 0}, metrics={"accuracy": 0.8})
    second = _run(parameters={"epochs": 5, "seed": 0}, metrics={"accuracy": 0.9, "f1": 0.7})
    found = compare([first, second])
    assert found.changed_parameters == {"epochs": (3, 5)}
    assert found.metrics == {"accuracy": (0.8, 0.9), "f1": (None, 0.7)}
