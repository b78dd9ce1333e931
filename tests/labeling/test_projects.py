from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.users import create_user, grant_roles
from visionloop.data.annotations import save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.data.query.errors import FilterInvalid
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels
from visionloop.labeling.batches import assign_batch, create_batch, list_batches
from visionloop.labeling.claims import next_task, open_task, release_task
from visionloop.labeling.entities import TaskQuery
from visionloop.labeling.errors import AssigneeUnfit
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import (
    LabelingProjectInvalid,
    LabelingProjectNotFound,
    NothingToBatch,
    NotMember,
)
from visionloop.labeling.projects.settings import (
    get_labeling_project,
    list_labeling_projects,
    save_labeling_project,
)
from visionloop.labeling.tasks import list_tasks
from visionloop.storage.database import Database


def _wanted(**values: Any) -> LabelingProject:
    base = {"project": "parts", "name": "nuts", "created_by": "dora", "created_at": utc_now()}
    return LabelingProject(**(base | values))


def _add_labeler(database: Database, name: str) -> None:
    create_user(database, SYSTEM, name=name, password=None)
    grant_roles(database, SYSTEM, name=name, project="parts", roles=[("dev", Role.LABELER)])


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"num_annotators": 0}, LabelingProjectInvalid),
        ({"num_annotators": 3, "members": ("lena",)}, LabelingProjectInvalid),
        ({"min_agreement": 1.5}, LabelingProjectInvalid),
        ({"gold_share": 0.9}, LabelingProjectInvalid),
        ({"classes": ("cog",)}, LabelingProjectInvalid),
        ({"where": ("width >",)}, FilterInvalid),
        ({"members": ("nobody",)}, AssigneeUnfit),
    ],
)
def test_settings_that_nobody_could_work_with_are_refused(
    database: Database, image_ids: list[str], values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        save_labeling_project(database, SYSTEM, _wanted(**values))
    assert list_labeling_projects(database, SYSTEM, "parts") == []


def test_settings_are_kept_and_changed_by_those_who_may(
    database: Database, image_ids: list[str], labeler: Actor, make_actor: ActorFactory
) -> None:
    scientist = make_actor("data_scientist")
    saved = save_labeling_project(database, scientist, _wanted(instructions="# Nuts"))
    save_labeling_project(database, scientist, replace(saved, title="All nuts"))
    found = get_labeling_project(database, labeler, "parts", "nuts")
    assert (found.title, found.instructions) == ("All nuts", "# Nuts")
    assert found.created_at == saved.created_at
    with pytest.raises(PermissionDenied):
        save_labeling_project(database, labeler, saved)
    with pytest.raises(LabelingProjectNotFound):
        get_labeling_project(database, labeler, "parts", "bolts")


def test_a_batch_takes_what_the_filter_lets_through_once(
    database: Database, image_ids: list[str]
) -> None:
    draft = AnnotationDraft(category="nut", kind="class")
    save_annotations(database, SYSTEM, "parts", image_ids[0], [draft], expected_revision=0)
    save_labeling_project(database, SYSTEM, _wanted(annotation_status="unlabeled"))
    first = create_batch(database, SYSTEM, "parts", "nuts", size=3)
    second = create_batch(database, SYSTEM, "parts", "nuts", size=3, strategy="random")
    assert (first.num_tasks, second.num_tasks) == (3, 2)
    with pytest.raises(NothingToBatch):
        create_batch(database, SYSTEM, "parts", "nuts", size=3)
    tasks, total = list_tasks(database, SYSTEM, "parts", TaskQuery(queue="nuts"))
    assert total == 5
    assert image_ids[0] not in {task.image_id for task in tasks}
    assert list_tasks(database, SYSTEM, "parts", TaskQuery(batch_id=first.id))[1] == 3
    newest, oldest = list_batches(database, SYSTEM, "parts", queue="nuts")
    assert (newest.id, oldest.by_state["open"]) == (second.id, 3)


def test_a_batch_changes_hands_where_nobody_has_started(
    database: Database, image_ids: list[str], labeler: Actor
) -> None:
    _add_labeler(database, "lars")
    save_labeling_project(database, SYSTEM, _wanted())
    batch = create_batch(database, SYSTEM, "parts", "nuts", size=6)
    started = next_task(database, labeler, "parts", queue="nuts").detail
    assert started is not None
    assert assign_batch(database, SYSTEM, "parts", batch.id, assignee="lars") == 5
    query = TaskQuery(batch_id=batch.id, assignee="lars")
    assert list_tasks(database, SYSTEM, "parts", query)[1] == 5
    with pytest.raises(AssigneeUnfit):
        assign_batch(database, SYSTEM, "parts", batch.id, assignee="nobody")


def test_only_members_get_the_tasks(
    database: Database, image_ids: list[str], labeler: Actor, make_actor: ActorFactory
) -> None:
    _add_labeler(database, "lena")
    save_labeling_project(database, SYSTEM, _wanted(members=("lena",)))
    create_batch(database, SYSTEM, "parts", "nuts", size=2)
    stranger = make_actor("labeler", name="lars")
    for queue in ("nuts", None):
        assert next_task(database, stranger, "parts", queue=queue).detail is None
    (task, *_), _ = list_tasks(database, SYSTEM, "parts")
    with pytest.raises(NotMember, match="lars is no member"):
        open_task(database, stranger, "parts", task.id)
    assert next_task(database, labeler, "parts").detail is not None


def test_several_annotators_answer_on_their_own(
    database: Database, image_ids: list[str], labeler: Actor, make_actor: ActorFactory
) -> None:
    lars = make_actor("labeler", name="lars")
    save_labeling_project(database, SYSTEM, _wanted(num_annotators=2))
    create_batch(database, SYSTEM, "parts", "nuts", size=1)
    assert list_tasks(database, SYSTEM, "parts", TaskQuery(queue="nuts"))[1] == 2
    hers = next_task(database, labeler, "parts")
    his = next_task(database, lars, "parts")
    assert hers.detail is not None
    assert his.detail is not None
    assert hers.detail.image.id == his.detail.image.id
    assert hers.detail.task.id != his.detail.task.id
    assert (hers.remaining, his.remaining) == (0, 0)
    draft = AnnotationDraft(category="nut", kind="class")
    saved = save_labels(
        database, labeler, "parts", hers.detail.task.id, [draft], expected_revision=0
    )
    assert [a.author for a in saved.annotations.annotations] == ["lena"]
    again = next_task(database, lars, "parts").detail
    assert again is not None
    assert (again.task.id, again.annotations.annotations) == (his.detail.task.id, ())
    with pytest.raises(Exception, match="at revision 1, not 0"):
        save_labels(database, labeler, "parts", hers.detail.task.id, [], expected_revision=0)


def test_a_half_given_answer_does_not_sway_the_next_person(
    database: Database, image_ids: list[str], labeler: Actor, make_actor: ActorFactory
) -> None:
    save_labeling_project(database, SYSTEM, _wanted(num_annotators=2))
    create_batch(database, SYSTEM, "parts", "nuts", size=1)
    hers = next_task(database, labeler, "parts").detail
    assert hers is not None
    draft = AnnotationDraft(category="nut", kind="class")
    save_labels(database, labeler, "parts", hers.task.id, [draft], expected_revision=0)
    release_task(database, labeler, "parts", hers.task.id)
    opened = open_task(database, make_actor("labeler", name="lars"), "parts", hers.task.id)
    assert (opened.annotations.revision, opened.annotations.annotations) == (0, ())
