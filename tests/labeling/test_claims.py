from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor, Project, Role
from visionloop.admin.projects import save_project
from visionloop.admin.users import create_user, grant_roles
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels, submit_task
from visionloop.labeling.claims import keep_task, next_task, open_task, release_task
from visionloop.labeling.entities import LabelTask, Lock, TaskOrder, TaskState
from visionloop.labeling.errors import TaskLocked, TaskNotYours, WrongTaskState
from visionloop.labeling.review import next_review
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.tasks import create_tasks, get_task
from visionloop.storage.database import Database


def _expire_locks(database: Database, image_id: str, holder: str) -> None:
    """Let the lease end now, as the clock would."""
    past = utc_now() - timedelta(seconds=1)
    with database.begin() as tx:
        assert lock_store.acquire_lock(
            tx, "parts", image_id, lock=Lock(holder, past), now=utc_now()
        )


def test_next_opens_in_the_order_of_work_and_tells_what_follows(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    found = next_task(database, labeler, "parts")
    assert found.detail is not None
    assert found.detail.task.id == queued[0].id
    assert found.detail.task.state is TaskState.IN_PROGRESS
    assert found.detail.lock is not None
    assert found.detail.lock.holder == "lena"
    assert found.remaining == 5
    assert list(found.upcoming) == [task.image_id for task in queued[1:4]]


def test_asking_again_gives_the_task_that_is_still_open(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    first = next_task(database, labeler, "parts")
    again = next_task(database, labeler, "parts")
    later = next_task(database, labeler, "parts", except_ids=[queued[0].id])
    assert first.detail is not None
    assert again.detail is not None
    assert later.detail is not None
    assert again.detail.task.id == first.detail.task.id
    assert later.detail.task.id == queued[1].id


def test_two_people_never_hold_one_image(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory
) -> None:
    """Four threads take and keep tasks; every image has one holder."""
    barrier = threading.Barrier(4)
    held: dict[str, list[str]] = {}
    failures: list[BaseException] = []

    def work(name: str) -> None:
        actor = make_actor("labeler", name=name)
        barrier.wait()
        taken: list[str] = []
        try:
            while True:
                found = next_task(database, actor, "parts", except_ids=taken)
                if found.detail is None:
                    break
                taken.append(found.detail.task.id)
                held.setdefault(found.detail.image.id, []).append(name)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"worker{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert sorted(held) == sorted(task.image_id for task in queued)
    assert all(len(names) == 1 for names in held.values())


def test_one_image_in_two_queues_has_one_holder(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory
) -> None:
    image_id = queued[0].image_id
    order = TaskOrder(queue="review_queue")
    other = create_tasks(database, SYSTEM, "parts", [image_id], order).created[0]
    lena, lars = make_actor("labeler", name="lena"), make_actor("labeler", name="lars")
    open_task(database, lena, "parts", queued[0].id)
    with pytest.raises(TaskLocked, match="lena has the image"):
        open_task(database, lars, "parts", other.id)
    assert next_task(database, lars, "parts", queue="review_queue").detail is None


def test_a_lease_that_ran_out_frees_the_image_and_refuses_the_late_save(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory
) -> None:
    lena, lars = make_actor("labeler", name="lena"), make_actor("labeler", name="lars")
    open_task(database, lena, "parts", queued[0].id)
    _expire_locks(database, queued[0].image_id, "lena")
    taken = next_task(database, lars, "parts")
    assert taken.detail is not None
    assert taken.detail.task.id == queued[0].id
    assert taken.detail.task.labeler == "lars"
    with pytest.raises(TaskLocked, match="lars has the image"):
        save_labels(
            database,
            lena,
            "parts",
            queued[0].id,
            [AnnotationDraft(category="nut", kind="class")],
            expected_revision=0,
        )


def test_a_late_save_goes_through_when_nobody_took_the_image(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    open_task(database, labeler, "parts", queued[0].id)
    _expire_locks(database, queued[0].image_id, "lena")
    draft = AnnotationDraft(category="nut", kind="class")
    saved = save_labels(database, labeler, "parts", queued[0].id, [draft], expected_revision=0)
    assert saved.annotations.revision == 1
    assert submit_task(database, labeler, "parts", queued[0].id).state is TaskState.SUBMITTED


def test_released_tasks_go_back_with_their_labels(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory
) -> None:
    lena, lars = make_actor("labeler", name="lena"), make_actor("labeler", name="lars")
    open_task(database, lena, "parts", queued[0].id)
    draft = AnnotationDraft(category="nut", kind="class")
    save_labels(database, lena, "parts", queued[0].id, [draft], expected_revision=0)
    with pytest.raises(TaskLocked):
        release_task(database, lars, "parts", queued[0].id)
    assert release_task(database, lena, "parts", queued[0].id).state is TaskState.OPEN
    detail = open_task(database, lars, "parts", queued[0].id)
    assert [a.category for a in detail.annotations.annotations] == ["nut"]


def test_an_assigned_task_goes_to_its_assignee_alone(
    database: Database, image_ids: list[str], make_actor: ActorFactory
) -> None:
    create_user(database, SYSTEM, name="lena", password=None)
    grant_roles(database, SYSTEM, name="lena", project="parts", roles=[("dev", Role.LABELER)])
    order = TaskOrder(assignee="lena")
    (task,) = create_tasks(database, SYSTEM, "parts", image_ids[:1], order).created
    lena, lars = make_actor("labeler", name="lena"), make_actor("labeler", name="lars")
    assert next_task(database, lars, "parts").detail is None
    with pytest.raises(TaskNotYours, match="assigned to lena"):
        open_task(database, lars, "parts", task.id)
    found = next_task(database, lena, "parts")
    assert found.detail is not None


def test_submitted_work_cannot_be_opened(
    database: Database, queued: list[LabelTask], labeler: Actor, label: Callable[..., LabelTask]
) -> None:
    label(labeler, queued[0].id)
    with pytest.raises(WrongTaskState, match="is submitted"):
        open_task(database, labeler, "parts", queued[0].id)


def test_two_reviewers_never_get_one_image(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
    make_actor: ActorFactory,
) -> None:
    label(labeler, queued[0].id)
    label(labeler, queued[1].id)
    rita, rolf = make_actor("reviewer", name="rita"), make_actor("reviewer", name="rolf")
    first = next_review(database, rita, "parts")
    second = next_review(database, rolf, "parts")
    assert first.detail is not None
    assert second.detail is not None
    assert first.detail.task.id != second.detail.task.id
    assert next_review(database, make_actor("reviewer", name="rosa"), "parts").detail is None


def test_the_lease_of_a_project_is_its_setting(
    database: Database, queued: list[LabelTask], labeler: Actor, project: Project
) -> None:
    save_project(database, SYSTEM, replace(project, settings={"labeling": {"lease_minutes": 1}}))
    found = open_task(database, labeler, "parts", queued[0].id)
    assert found.lock is not None
    assert found.lock.expires_at - utc_now() <= timedelta(minutes=1)
    assert get_task(database, labeler, "parts", queued[0].id).lock is not None


def test_a_heartbeat_prolongs_the_lock_and_counts_the_time(
    database: Database, queued: list[LabelTask], labeler: Actor, make_actor: ActorFactory
) -> None:
    opened = open_task(database, labeler, "parts", queued[0].id)
    assert opened.lock is not None
    lock = keep_task(database, labeler, "parts", queued[0].id)
    assert lock.expires_at > opened.lock.expires_at
    assert get_task(database, labeler, "parts", queued[0].id).task.active_s > 0
    with pytest.raises(TaskLocked):
        keep_task(database, make_actor("labeler", name="lars"), "parts", queued[0].id)
