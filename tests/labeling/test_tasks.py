from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor, Project, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.users import create_user, grant_roles
from visionloop.labeling.annotations import skip_task
from visionloop.labeling.comments import add_comment
from visionloop.labeling.entities import LabelTask, TaskOrder, TaskQuery, TaskState
from visionloop.labeling.errors import AssigneeUnfit, ImagesMissing, QueueNameBad, WrongTaskState
from visionloop.labeling.tasks import (
    assign_task,
    create_tasks,
    get_task,
    list_queues,
    list_tasks,
    reopen_task,
)
from visionloop.storage.database import Database


def test_queueing_twice_keeps_the_unfinished_task(database: Database, image_ids: list[str]) -> None:
    first = create_tasks(database, SYSTEM, "parts", image_ids)
    again = create_tasks(database, SYSTEM, "parts", [*image_ids, image_ids[0]])
    other = create_tasks(database, SYSTEM, "parts", image_ids[:1], TaskOrder(queue="review_queue"))
    assert len(first.created) == 6
    assert not again.created
    assert {task.id for task in again.existing} == {task.id for task in first.created}
    assert len(other.created) == 1


def test_nothing_is_queued_when_an_image_is_unknown(
    database: Database, image_ids: list[str]
) -> None:
    with pytest.raises(ImagesMissing, match="lacks 1 of the images"):
        create_tasks(database, SYSTEM, "parts", [image_ids[0], "f" * 64])
    assert list_tasks(database, SYSTEM, "parts") == ([], 0)


def test_queue_names_and_assignees_are_checked(database: Database, image_ids: list[str]) -> None:
    with pytest.raises(QueueNameBad):
        create_tasks(database, SYSTEM, "parts", image_ids, TaskOrder(queue="a/b"))
    with pytest.raises(AssigneeUnfit, match="'nobody' may not label"):
        create_tasks(database, SYSTEM, "parts", image_ids, TaskOrder(assignee="nobody"))


def test_reason_and_priority_travel_with_the_task(database: Database, image_ids: list[str]) -> None:
    reason = {"p_error": 0.7, "request_id": "r1", "prediction": "nut", "alert_id": None}
    create_tasks(database, SYSTEM, "parts", image_ids[:2])
    order = TaskOrder(queue="review_queue", priority=5, reason=reason)
    create_tasks(database, SYSTEM, "parts", image_ids[4:5], order)
    found, total = list_tasks(database, SYSTEM, "parts")
    assert total == 3
    assert found[0].reason == reason
    assert found[0].priority == 5
    queue, _ = list_tasks(database, SYSTEM, "parts", TaskQuery(queue="review_queue"))
    assert [task.image_id for task in queue] == [image_ids[4]]


def test_a_batch_leaves_one_event_that_names_the_queue(
    database: Database, image_ids: list[str]
) -> None:
    create_tasks(database, SYSTEM, "parts", image_ids)
    create_tasks(database, SYSTEM, "parts", image_ids)
    events = list_events(database, SYSTEM, "parts", type_prefix="visionloop.label_tasks")
    assert [event.data["num_tasks"] for event in events] == [6]


def test_only_those_with_the_right_may_queue_and_assign(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    with pytest.raises(PermissionDenied):
        create_tasks(database, labeler, "parts", [queued[0].image_id])
    with pytest.raises(PermissionDenied):
        assign_task(database, labeler, "parts", queued[0].id, assignee=None)


def test_a_task_is_assigned_to_a_person_who_may_label(
    database: Database, queued: list[LabelTask], reviewer: Actor
) -> None:
    create_user(database, SYSTEM, name="lena", password=None)
    with pytest.raises(AssigneeUnfit):
        assign_task(database, reviewer, "parts", queued[0].id, assignee="lena")
    grant_roles(database, SYSTEM, name="lena", project="parts", roles=[("dev", Role.LABELER)])
    assigned = assign_task(database, reviewer, "parts", queued[0].id, assignee="lena")
    assert assigned.assignee == "lena"
    assert assign_task(database, reviewer, "parts", queued[0].id, assignee=None).assignee is None


def test_a_skipped_task_can_be_reopened_and_an_open_one_cannot(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor
) -> None:
    skipped = skip_task(database, labeler, "parts", queued[0].id, reason="too dark")
    assert skipped.state is TaskState.SKIPPED
    detail = get_task(database, labeler, "parts", queued[0].id)
    assert [(c.kind, c.author, c.text) for c in detail.comments] == [("skip", "lena", "too dark")]
    assert reopen_task(database, reviewer, "parts", queued[0].id).state is TaskState.OPEN
    with pytest.raises(WrongTaskState, match="is open; to reopen it"):
        reopen_task(database, reviewer, "parts", queued[0].id)


def test_reopening_never_makes_two_unfinished_tasks_of_one_image(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor
) -> None:
    skip_task(database, labeler, "parts", queued[0].id, reason="too dark")
    newer = create_tasks(database, SYSTEM, "parts", [queued[0].image_id]).created[0]
    assert reopen_task(database, reviewer, "parts", queued[0].id).id == newer.id
    _, open_tasks = list_tasks(
        database, reviewer, "parts", TaskQuery(image_id=queued[0].image_id, state=TaskState.OPEN)
    )
    assert open_tasks == 1


def test_queues_are_summarised_by_state(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
) -> None:
    label(labeler, queued[0].id)
    skip_task(database, labeler, "parts", queued[1].id, reason="blurred")
    (summary,) = list_queues(database, labeler, "parts")
    assert (summary.open, summary.submitted, summary.skipped, summary.total) == (4, 1, 1, 6)
    assert summary.oldest_open_at == queued[0].created_at


def test_comments_are_kept_in_order(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor
) -> None:
    add_comment(database, labeler, "parts", queued[0].id, text="washer or nut?")
    add_comment(database, reviewer, "parts", queued[0].id, text="count the corners")
    detail = get_task(database, labeler, "parts", queued[0].id)
    assert [comment.text for comment in detail.comments] == ["washer or nut?", "count the corners"]


def test_viewers_see_tasks_and_strangers_do_not(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory, project: Project
) -> None:
    assert list_tasks(database, make_actor("viewer"), "parts")[1] == 6
    with pytest.raises(PermissionDenied):
        list_tasks(database, make_actor("viewer", project="others"), "parts")
