"""From production to the labeler and back: selections, outcomes, audited accuracy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.monitoring.conftest import Watched
from visionloop.admin.entities import SYSTEM
from visionloop.data.annotations import get_annotations, review_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.data.images import get_image
from visionloop.labeling.entities import TaskQuery
from visionloop.labeling.tasks import list_tasks
from visionloop.monitoring.entities import ReviewBatch
from visionloop.monitoring.errors import NothingToReview
from visionloop.monitoring.outcomes import (
    get_performance_timeline,
    list_selections,
    summarise_reviews,
)
from visionloop.monitoring.predictions import read_window
from visionloop.monitoring.review import send_to_review
from visionloop.monitoring.windows import run_monitor
from visionloop.storage.database import Database


def send(watched: Watched, **options: object) -> ReviewBatch:
    return send_to_review(
        watched.database,
        watched.blobs,
        watched.home,
        watched.actor,
        project="parts",
        monitor="live",
        **options,
    )


def accept(watched: Watched, batch: ReviewBatch) -> None:
    """Label as a person would who sees the truth, and accept."""
    for selection in batch.selections:
        before = get_annotations(watched.database, SYSTEM, "parts", selection.image_id)
        draft = AnnotationDraft(category=watched.stream.images[selection.image_id], kind="class")
        saved = save_annotations(
            watched.database,
            SYSTEM,
            "parts",
            selection.image_id,
            [draft],
            expected_revision=before.revision,
        )
        review_annotations(
            watched.database,
            SYSTEM,
            "parts",
            selection.image_id,
            accepted=True,
            expected_revision=saved.revision,
        )


def test_errors_come_back_as_tasks_and_outcomes(
    watch: Callable[[Database], Watched], database: Database
) -> None:
    watched = watch(database)
    watched.stream.send(240, shift=0.5, noise=1.8)
    batch = send(watched, budget=60)
    assert batch.num_selected == len(batch.selections) == 60
    assert batch.num_audit == 9
    tasks, total = list_tasks(database, SYSTEM, "parts", TaskQuery(queue="review_queue"), limit=99)
    assert total == 60
    assert {task.id for task in tasks} == {selection.task_id for selection in batch.selections}
    by_image = {selection.image_id: selection for selection in batch.selections}
    for task in tasks:
        selection = by_image[task.image_id]
        assert task.reason["request_id"] == selection.request_id
        assert task.reason["audit"] == selection.is_audit
    image = get_image(database, SYSTEM, "parts", tasks[0].image_id)
    assert image.origin == "production"
    assert image.metadata["endpoint"] == "parts"

    before = summarise_reviews(database, SYSTEM, "parts", "live")
    assert (before.num_selected, before.num_reviewed, before.audit) == (60, 0, None)
    accept(watched, batch)
    after = summarise_reviews(database, SYSTEM, "parts", "live")
    assert after.num_reviewed == 60
    assert after.hit_rate is not None
    assert after.rival_hit_rate is not None
    assert after.audit is not None
    truths = watched.stream.images
    wrong = sum(s.predicted != truths[s.image_id] for s in batch.selections)
    assert after.num_errors == wrong
    assert after.audit.low <= after.audit.value <= after.audit.high


def test_review_queue_beats_chance(watched: Watched) -> None:
    watched.stream.send(240, shift=0.5, noise=1.8)
    batch = send(watched, budget=60)
    truths = watched.stream.images
    ranked = [s for s in batch.selections if not s.is_audit]
    hits = sum(s.predicted != truths[s.image_id] for s in ranked) / len(ranked)
    window = read_window(watched.home, "parts", limit=1000)
    assert window is not None
    base = sum(
        label != watched.stream.truths[request_id]
        for request_id, label in zip(window.request_ids, window.labels, strict=True)
    ) / len(window)
    assert hits >= 1.5 * base


def test_the_same_cause_sends_once(watched: Watched) -> None:
    watched.stream.send(120)
    first = send(watched)
    again = send(watched)
    assert again.id == first.id
    assert {s.id for s in again.selections} == {s.id for s in first.selections}
    _, total = list_tasks(watched.database, SYSTEM, "parts", TaskQuery(queue="review_queue"))
    assert total == 20
    watched.stream.send(10)
    later = send(watched)
    images = {s.image_id for s in first.selections}
    assert images.isdisjoint(s.image_id for s in later.selections)


def test_nothing_to_review(watched: Watched) -> None:
    with pytest.raises(NothingToReview):
        send(watched)


def test_timeline_joins_estimates_and_audits(watched: Watched) -> None:
    arguments = (watched.database, watched.home, watched.blobs, SYSTEM)
    watched.stream.send(150, shift=0.5, noise=1.8)
    run_monitor(*arguments, project="parts", monitor="live")
    batch = send(watched, budget=60)
    watched.stream.send(30, shift=0.5, noise=1.8)
    run_monitor(*arguments, project="parts", monitor="live")
    accept(watched, batch)
    points = get_performance_timeline(watched.database, SYSTEM, "parts", "live")
    assert [point.num_requests for point in points] == [150, 180]
    assert points[0].estimate is not None
    assert points[0].audit is None
    assert points[1].audit is not None
    items, total = list_selections(watched.database, SYSTEM, "parts", "live", limit=5)
    assert len(items) == 5
    assert total == 60
    assert all(item.reviewed_at is not None for item in items)
