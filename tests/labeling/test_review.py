from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.projects import save_project
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.data.errors import StaleAnnotations, UnknownClasses
from visionloop.labeling.annotations import save_labels, submit_task
from visionloop.labeling.claims import next_task, open_task
from visionloop.labeling.entities import LabelTask, TaskState
from visionloop.labeling.errors import (
    NothingLabeled,
    OwnWork,
    ReasonMissing,
    StaleLabels,
    WrongTaskState,
)
from visionloop.labeling.review import accept_task, fix_task, next_review, reject_task
from visionloop.labeling.tasks import get_task
from visionloop.storage.database import Database

Label = Callable[..., LabelTask]


def test_accepted_labels_carry_the_reviewer(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor, label: Label
) -> None:
    label(labeler, queued[0].id, "gear")
    found = next_review(database, reviewer, "parts")
    assert found.detail is not None
    assert found.detail.task.id == queued[0].id
    accepted = accept_task(database, reviewer, "parts", queued[0].id, comment="good")
    assert (accepted.state, accepted.reviewer) == (TaskState.ACCEPTED, "rita")
    labels = get_annotations(database, reviewer, "parts", queued[0].image_id)
    assert labels.status == "accepted"
    assert [(a.category, a.author, a.reviewed_by) for a in labels.annotations] == [
        ("gear", "lena", "rita")
    ]
    types = [event.type for event in list_events(database, SYSTEM, "parts")]
    assert types[-5:] == [
        "visionloop.label_task.opened",
        "visionloop.annotations.saved",
        "visionloop.label_task.submitted",
        "visionloop.annotations.accepted",
        "visionloop.label_task.accepted",
    ]


def test_rejected_work_comes_back_first_to_the_one_who_did_it(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor, label: Label
) -> None:
    label(labeler, queued[3].id, "washer")
    reject_task(database, reviewer, "parts", queued[3].id, comment="count the corners")
    found = next_task(database, labeler, "parts")
    assert found.detail is not None
    assert found.detail.task.id == queued[3].id
    assert found.detail.task.assignee == "lena"
    assert found.detail.comments[-1].text == "count the corners"
    assert found.detail.annotations.status == "rejected"
    label(labeler, queued[3].id, "nut")
    accepted = accept_task(database, reviewer, "parts", queued[3].id)
    assert accepted.num_rejections == 1
    labels = get_annotations(database, reviewer, "parts", queued[3].image_id)
    assert (labels.status, labels.annotations[0].category) == ("accepted", "nut")


def test_handing_rejected_work_in_unchanged_labels_it_again(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor, label: Label
) -> None:
    label(labeler, queued[0].id)
    reject_task(database, reviewer, "parts", queued[0].id, comment="sure?")
    open_task(database, labeler, "parts", queued[0].id)
    submit_task(database, labeler, "parts", queued[0].id)
    labels = get_annotations(database, labeler, "parts", queued[0].image_id)
    assert labels.status == "labeled"
    assert [annotation.category for annotation in labels.annotations] == ["nut"]


def test_nobody_reviews_their_own_work_unless_the_project_says_so(
    database: Database, queued: list[LabelTask], reviewer: Actor, label: Label, project: Project
) -> None:
    label(reviewer, queued[0].id)
    assert next_review(database, reviewer, "parts").detail is None
    with pytest.raises(OwnWork, match="rita labeled task"):
        accept_task(database, reviewer, "parts", queued[0].id)
    settings = {"labeling": {"allow_self_review": True}}
    save_project(database, SYSTEM, replace(project, settings=settings))
    assert next_review(database, reviewer, "parts").detail is not None
    assert accept_task(database, reviewer, "parts", queued[0].id).state is TaskState.ACCEPTED


def test_a_reviewer_decides_on_what_they_saw(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor, label: Label
) -> None:
    submitted = label(labeler, queued[0].id)
    assert submitted.revision is not None
    draft = AnnotationDraft(category="bolt", kind="class")
    save_annotations(
        database,
        labeler,
        "parts",
        queued[0].image_id,
        [draft],
        expected_revision=submitted.revision,
    )
    with pytest.raises(StaleAnnotations):
        accept_task(database, reviewer, "parts", queued[0].id, expected_revision=submitted.revision)
    assert get_task(database, reviewer, "parts", queued[0].id).task.state is TaskState.SUBMITTED


def test_a_rejection_needs_a_reason_and_open_work_no_decision(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor, label: Label
) -> None:
    with pytest.raises(WrongTaskState, match="is open; to accept it, it must be submitted"):
        accept_task(database, reviewer, "parts", queued[0].id)
    label(labeler, queued[0].id)
    with pytest.raises(ReasonMissing):
        reject_task(database, reviewer, "parts", queued[0].id, comment="  ")
    with pytest.raises(PermissionDenied):
        accept_task(database, labeler, "parts", queued[0].id)


def test_a_classification_is_not_handed_in_without_its_class(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    open_task(database, labeler, "parts", queued[0].id)
    with pytest.raises(NothingLabeled, match="expected exactly one class"):
        submit_task(database, labeler, "parts", queued[0].id)


def test_an_unknown_class_and_a_stale_revision_change_nothing(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    task_id = queued[0].id
    open_task(database, labeler, "parts", task_id)
    draft = AnnotationDraft(category="nut", kind="class")
    save_labels(database, labeler, "parts", task_id, [draft], expected_revision=0)
    with pytest.raises(UnknownClasses):
        save_labels(
            database,
            labeler,
            "parts",
            task_id,
            [AnnotationDraft(category="spring", kind="class")],
            expected_revision=1,
        )
    with pytest.raises(StaleLabels, match="revision 1, not 0"):
        save_labels(database, labeler, "parts", task_id, [draft], expected_revision=0)
    labels = get_task(database, labeler, "parts", task_id).annotations
    assert (labels.revision, labels.annotations[0].category) == (1, "nut")


def test_without_review_submitted_work_is_done(
    database: Database, queued: list[LabelTask], labeler: Actor, label: Label, project: Project
) -> None:
    save_project(database, SYSTEM, replace(project, settings={"labeling": {"review": False}}))
    done = label(labeler, queued[0].id)
    assert done.state is TaskState.ACCEPTED
    assert done.ended_at is not None


def test_a_reviewer_mends_and_accepts_in_one_go(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    reviewer: Actor,
    label: Callable[..., LabelTask],
) -> None:
    label(labeler, queued[0].id, "nut")
    bolt = AnnotationDraft(category="bolt", kind="class")
    with pytest.raises(StaleAnnotations):
        fix_task(database, reviewer, "parts", queued[0].id, [bolt], expected_revision=0)
    with pytest.raises(NothingLabeled):
        fix_task(database, reviewer, "parts", queued[0].id, [], expected_revision=1)
    fixed = fix_task(
        database, reviewer, "parts", queued[0].id, [bolt], expected_revision=1, comment="a thread"
    )
    assert (fixed.state, fixed.is_fixed, fixed.labeler) == (TaskState.ACCEPTED, True, "lena")
    detail = get_task(database, labeler, "parts", queued[0].id)
    assert [(a.category, a.author) for a in detail.annotations.annotations] == [("bolt", "rita")]
    assert detail.annotations.status == "accepted"
    assert detail.comments[-1].text == "a thread"
