from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.projects import save_project
from visionloop.data.annotations import get_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels, skip_task, submit_task
from visionloop.labeling.claims import next_task
from visionloop.labeling.consensus.entities import CaseState
from visionloop.labeling.consensus.errors import CaseDecided, CaseNotFound, ChoiceUnknown
from visionloop.labeling.consensus.settling import get_case, list_cases, resolve_case
from visionloop.labeling.entities import LabelTask, TaskOrder, TaskState
from visionloop.labeling.errors import BlindTask, OwnWork
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.settings import save_labeling_project
from visionloop.labeling.quality.report import measure_quality
from visionloop.labeling.review import accept_task, next_review
from visionloop.labeling.tasks import create_tasks, get_task
from visionloop.storage.database import Database

Answer = Callable[[Actor, str], LabelTask]


@pytest.fixture
def image(database: Database, image_ids: list[str]) -> str:
    """One image that three people shall label."""
    wanted = LabelingProject("parts", "thrice", "dora", utc_now(), num_annotators=3)
    save_labeling_project(database, SYSTEM, wanted)
    create_tasks(database, SYSTEM, "parts", image_ids[:1], TaskOrder(queue="thrice"))
    return image_ids[0]


@pytest.fixture
def people(make_actor: ActorFactory) -> Sequence[Actor]:
    return [make_actor("labeler", name=name) for name in ("lena", "lars", "lou")]


@pytest.fixture
def answer(database: Database) -> Answer:
    """Take the next task, say a class and hand it in."""

    def act(who: Actor, category: str) -> LabelTask:
        detail = next_task(database, who, "parts", queue="thrice").detail
        assert detail is not None
        draft = AnnotationDraft(category=category, kind="class")
        save_labels(database, who, "parts", detail.task.id, [draft], expected_revision=0)
        return submit_task(database, who, "parts", detail.task.id)

    return act


def test_agreed_answers_become_the_images_labels(
    database: Database, image: str, people: Sequence[Actor], answer: Answer, reviewer: Actor
) -> None:
    for who in people[:2]:
        assert answer(who, "nut").state is TaskState.SUBMITTED
    assert get_annotations(database, SYSTEM, "parts", image).revision == 0
    assert answer(people[2], "nut").state is TaskState.ACCEPTED
    labels = get_annotations(database, SYSTEM, "parts", image)
    assert labels.status == "accepted"
    assert [(a.category, a.author) for a in labels.annotations] == [("nut", "consensus")]
    (case,) = list_cases(database, reviewer, "parts")
    assert (case.state, case.agreement, len(case.task_ids)) == (CaseState.AGREED, 1, 3)
    for task_id in case.task_ids:
        assert get_task(database, reviewer, "parts", task_id).task.state is TaskState.ACCEPTED


def test_a_dispute_waits_for_a_reviewer_who_did_not_answer(
    database: Database,
    image: str,
    people: Sequence[Actor],
    answer: Answer,
    reviewer: Actor,
    make_actor: ActorFactory,
) -> None:
    tasks = [answer(who, c) for who, c in zip(people, ("nut", "bolt", "nut"), strict=True)]
    (case,) = list_cases(database, reviewer, "parts", state=CaseState.DISPUTED)
    assert case.agreement == pytest.approx(1 / 3)
    detail = get_case(database, reviewer, "parts", case.id)
    assert {name: own[0].category for name, own in detail.answers.items()} == {
        "lena": "nut",
        "lars": "bolt",
        "lou": "nut",
    }
    assert next_review(database, reviewer, "parts").detail is None
    with pytest.raises(BlindTask):
        accept_task(database, reviewer, "parts", tasks[0].id)
    with pytest.raises(PermissionDenied):
        list_cases(database, people[0], "parts")
    with pytest.raises(OwnWork):
        insider = make_actor("reviewer", name="lena")
        resolve_case(database, insider, "parts", case.id, choice="merged")
    with pytest.raises(ChoiceUnknown, match="the answer of lars, lena, lou"):
        resolve_case(database, reviewer, "parts", case.id, choice="nobody")
    decided = resolve_case(database, reviewer, "parts", case.id, choice="lars")
    assert (decided.state, decided.resolved_by) == (CaseState.RESOLVED, "rita")
    labels = get_annotations(database, SYSTEM, "parts", image)
    assert (labels.annotations[0].category, labels.annotations[0].author) == ("bolt", "rita")
    with pytest.raises(CaseDecided):
        resolve_case(database, reviewer, "parts", case.id, choice="merged")
    with pytest.raises(CaseNotFound):
        get_case(database, reviewer, "parts", "case_0")
    events = list_events(database, SYSTEM, "parts", type_prefix="visionloop.label_case")
    assert [event.type.rsplit(".", 1)[-1] for event in events] == ["disputed", "resolved"]


def test_the_reviewer_may_say_something_of_their_own(
    database: Database, image: str, people: Sequence[Actor], answer: Answer, reviewer: Actor
) -> None:
    for who, category in zip(people, ("nut", "bolt", "gear"), strict=True):
        answer(who, category)
    (case,) = list_cases(database, reviewer, "parts")
    own = [AnnotationDraft(category="washer", kind="class")]
    resolve_case(database, reviewer, "parts", case.id, choice="own", drafts=own)
    labels = get_annotations(database, SYSTEM, "parts", image)
    assert labels.annotations[0].category == "washer"


def test_whoever_skips_does_not_hold_up_the_others(
    database: Database, image: str, people: Sequence[Actor], answer: Answer, reviewer: Actor
) -> None:
    for who in people[:2]:
        answer(who, "nut")
    detail = next_task(database, people[2], "parts", queue="thrice").detail
    assert detail is not None
    skip_task(database, people[2], "parts", detail.task.id, reason="too dark")
    (case,) = list_cases(database, reviewer, "parts")
    assert (case.state, case.annotators) == (CaseState.AGREED, ("lars", "lena"))


def test_answers_wait_even_where_the_project_has_no_review(
    database: Database, image: str, people: Sequence[Actor], answer: Answer, project: Project
) -> None:
    save_project(database, SYSTEM, replace(project, settings={"labeling": {"review": False}}))
    assert answer(people[0], "nut").state is TaskState.SUBMITTED
    assert get_annotations(database, SYSTEM, "parts", image).annotations == ()


def test_quality_tells_who_agrees_with_what_was_decided(
    database: Database,
    image_ids: list[str],
    image: str,
    people: Sequence[Actor],
    answer: Answer,
    reviewer: Actor,
) -> None:
    create_tasks(database, SYSTEM, "parts", image_ids[1:4], TaskOrder(queue="thrice"))
    for number in range(4):
        for who in people[:2]:
            answer(who, ("nut", "bolt")[number % 2])
        answer(people[2], "gear")
    for case in list_cases(database, reviewer, "parts"):
        resolve_case(database, reviewer, "parts", case.id, choice="merged")
    report = measure_quality(database, reviewer, "parts", queue="thrice")
    by_name = {item.name: item for item in report.annotators}
    assert (by_name["lena"].consensus, by_name["lou"].consensus) == (1, 0)
    assert by_name["lena"].estimate > by_name["lou"].estimate
    assert by_name["lena"].num_consensus == 4
    assert report.cohen["lars / lena"] == 1
    assert report.fleiss is not None
    assert report.krippendorff is not None
    assert report.mean_agreement == pytest.approx(2 / 3)
    with pytest.raises(PermissionDenied):
        measure_quality(database, people[0], "parts")
