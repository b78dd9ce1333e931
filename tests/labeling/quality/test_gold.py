from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.errors import PermissionDenied
from visionloop.data.annotations import get_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels, submit_task
from visionloop.labeling.claims import next_task
from visionloop.labeling.entities import LabelTask, TaskOrder, TaskQuery
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.settings import save_labeling_project
from visionloop.labeling.quality import rules
from visionloop.labeling.quality.errors import GoldUnproven
from visionloop.labeling.quality.gold import add_gold, list_gold, remove_gold
from visionloop.labeling.quality.report import measure_quality
from visionloop.labeling.review import accept_task
from visionloop.labeling.tasks import create_tasks, list_queues, list_tasks
from visionloop.storage.database import Database


@pytest.fixture
def gold(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    reviewer: Actor,
    label: Callable[..., LabelTask],
) -> list[str]:
    """Two images known to show nuts, and four to label, half of the tasks being tests."""
    for task in queued[:2]:
        label(labeler, task.id, "nut")
        accept_task(database, reviewer, "parts", task.id)
    images = [task.image_id for task in queued[:2]]
    add_gold(database, reviewer, "parts", images)
    wanted = LabelingProject("parts", "tested", "dora", utc_now(), gold_share=0.5)
    save_labeling_project(database, SYSTEM, wanted)
    rest = [task.image_id for task in queued[2:]]
    create_tasks(database, SYSTEM, "parts", rest, TaskOrder(queue="tested"))
    return images


def _work(database: Database, who: Actor, category: str) -> list[LabelTask]:
    done = []
    while (detail := next_task(database, who, "parts", queue="tested").detail) is not None:
        draft = AnnotationDraft(category=category, kind="class")
        revision = detail.annotations.revision
        save_labels(database, who, "parts", detail.task.id, [draft], expected_revision=revision)
        done.append(submit_task(database, who, "parts", detail.task.id))
    return done


def test_tests_come_in_between_and_change_no_label(
    database: Database, gold: list[str], labeler: Actor, reviewer: Actor
) -> None:
    before = [get_annotations(database, SYSTEM, "parts", image).revision for image in gold]
    done = _work(database, labeler, "bolt")
    assert {task.image_id for task in done} >= set(gold)
    assert len(done) == 6
    assert {task.state for task in done} == {"submitted"}  # nobody can tell which was a test
    after = [get_annotations(database, SYSTEM, "parts", image).revision for image in gold]
    assert after == before
    report = measure_quality(database, reviewer, "parts", queue="tested")
    (lena,) = [item for item in report.annotators if item.name == "lena"]
    assert (lena.num_gold, lena.gold_score) == (2, 0)
    assert lena.gold is not None
    assert lena.gold.value == 0 < lena.gold.high < 0.7


def test_tests_are_hidden_from_labelers_and_from_the_figures(
    database: Database, gold: list[str], labeler: Actor, reviewer: Actor
) -> None:
    _work(database, labeler, "nut")
    query = TaskQuery(queue="tested")
    assert list_tasks(database, labeler, "parts", query)[1] == 4
    assert list_tasks(database, reviewer, "parts", query)[1] == 6
    (summary,) = [q for q in list_queues(database, labeler, "parts") if q.name == "tested"]
    assert summary.total == 4
    with pytest.raises(PermissionDenied):
        list_gold(database, labeler, "parts")


def test_only_accepted_labels_can_test_anybody(
    database: Database, queued: list[LabelTask], reviewer: Actor
) -> None:
    with pytest.raises(GoldUnproven):
        add_gold(database, reviewer, "parts", [queued[0].image_id])


def test_images_are_taken_out_again(database: Database, gold: list[str], reviewer: Actor) -> None:
    assert len(list_gold(database, reviewer, "parts")) == 2
    assert remove_gold(database, reviewer, "parts", gold[:1]) == 1
    assert [image.image_id for image in list_gold(database, reviewer, "parts")] == gold[1:]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_share_of_tests_is_kept_and_nobody_can_count_on_the_next(share: float) -> None:
    gaps, num_gold = [], 0
    for num_done in range(2000):
        due = rules.is_gold_due("lena", "q", num_done=num_done, num_gold=num_gold, share=share)
        num_gold += due
        gaps.append(due)
    assert num_gold / 2000 == pytest.approx(share, abs=0.01)
    places = [i for i, due in enumerate(gaps) if due]
    assert len({b - a for a, b in itertools.pairwise(places)}) > 1
    assert not rules.is_gold_due("lena", "q", num_done=5, num_gold=0, share=0.0)


def test_intervals_and_estimates_shrink_with_evidence() -> None:
    assert rules.wilson(0, 0) is None
    few, many = rules.wilson(4, 5), rules.wilson(80, 100)
    assert few is not None
    assert many is not None
    assert few.high - few.low > many.high - many.low
    assert rules.estimate_quality([]) == rules.PRIOR_QUALITY
    assert rules.estimate_quality([0.0] * 3) > rules.estimate_quality([0.0] * 30)
