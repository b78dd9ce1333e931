from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conftest import ActorFactory, make_project
from tests.labeling.conftest import add_rendered
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.projects import get_project
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels, submit_task
from visionloop.labeling.claims import open_task
from visionloop.labeling.entities import LabelTask, TaskOrder
from visionloop.labeling.errors import StaleLabels
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.settings import save_labeling_project
from visionloop.labeling.schema.changes import (
    change_schema,
    get_schema,
    list_schema_versions,
    preview_change,
)
from visionloop.labeling.schema.entities import (
    Attribute,
    AttributeScope,
    AttributeType,
    LabelClass,
    LabelSchema,
    SchemaChange,
    Skeleton,
)
from visionloop.labeling.schema.errors import AttributeInvalid, AttributesMissing, SchemaStale
from visionloop.labeling.tasks import create_tasks, get_task
from visionloop.storage.database import Database


def _without(schema: LabelSchema, *names: str) -> tuple[LabelClass, ...]:
    return tuple(item for item in schema.classes if item.name not in names)


@pytest.fixture
def merging(database: Database, queued: list[LabelTask]) -> SchemaChange:
    """Rename gear to cog, merge bolt into nut, drop washer; classes washer, bolt, nut, gear."""
    schema = get_schema(database, SYSTEM, "parts")
    kept = _without(schema, "washer", "bolt", "gear")
    return SchemaChange(
        expected_version=schema.version,
        classes=(*kept, replace(schema.classes[3], name="cog")),
        class_moves={"gear": "cog", "bolt": "nut", "washer": None},
    )


def test_a_preview_counts_and_changes_nothing(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
    merging: SchemaChange,
) -> None:
    for task, category in zip(queued, ("washer", "bolt", "nut", "gear"), strict=False):
        label(labeler, task.id, category)
    found = preview_change(database, SYSTEM, "parts", merging)
    assert [(m.kind, m.source, m.target, m.num_annotations) for m in found.class_moves] == [
        ("renamed", "gear", "cog", 1),
        ("merged", "bolt", "nut", 1),
        ("dropped", "washer", None, 1),
    ]
    assert (found.num_annotations, found.num_images, found.num_emptied) == (3, 3, 1)
    assert (found.num_open_tasks, found.num_accepted) == (3, 0)
    assert found.warnings
    assert get_schema(database, SYSTEM, "parts").version == 1
    assert get_annotations(database, SYSTEM, "parts", queued[0].image_id).revision == 1


def test_a_change_moves_every_label_and_tells_of_it(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
    merging: SchemaChange,
) -> None:
    for task, category in zip(queued, ("washer", "bolt", "nut", "gear"), strict=False):
        label(labeler, task.id, category)
    changed = change_schema(database, SYSTEM, "parts", merging)
    assert changed.schema.version == 2
    assert changed.schema.names == ("nut", "cog")
    assert get_project(database, "parts").classes == ("nut", "cog")
    sets = [get_annotations(database, SYSTEM, "parts", task.image_id) for task in queued[:4]]
    assert [[a.category for a in item.annotations] for item in sets] == [
        [],
        ["nut"],
        ["nut"],
        ["cog"],
    ]
    assert [item.status for item in sets] == ["unlabeled", "labeled", "labeled", "labeled"]
    assert [item.revision for item in sets] == [2, 2, 1, 2]
    assert sets[1].annotations[0].author == "lena"
    (event,) = list_events(database, SYSTEM, "parts", type_prefix="visionloop.label_schema")
    assert event.data["num_images"] == 3
    assert [item.version for item in list_schema_versions(database, SYSTEM, "parts")] == [2]


def test_work_under_the_old_schema_is_refused_and_not_mixed_in(
    database: Database, queued: list[LabelTask], labeler: Actor, merging: SchemaChange
) -> None:
    image_id = queued[0].image_id
    gear = AnnotationDraft(category="gear", kind="class")
    save_annotations(database, labeler, "parts", image_id, [gear], expected_revision=0)
    open_task(database, labeler, "parts", queued[0].id)
    change_schema(database, SYSTEM, "parts", merging)
    with pytest.raises(StaleLabels):
        save_labels(database, labeler, "parts", queued[0].id, [gear], expected_revision=1)
    cog = AnnotationDraft(category="cog", kind="class")
    save_labels(database, labeler, "parts", queued[0].id, [cog], expected_revision=2)


def test_a_refused_change_leaves_nothing_behind(
    database: Database, queued: list[LabelTask], make_actor: ActorFactory, merging: SchemaChange
) -> None:
    with pytest.raises(PermissionDenied):
        change_schema(database, make_actor("data_engineer"), "parts", merging)
    change_schema(database, make_actor("admin"), "parts", merging)
    with pytest.raises(SchemaStale, match="at version 2, not 1"):
        change_schema(database, SYSTEM, "parts", merging)


def test_two_classes_that_become_one_are_said_once(
    sqlite_database: Database, labeler: Actor
) -> None:
    database = sqlite_database
    make_project(database, "parts", "nut", "bolt", task="multilabel_classification")
    (image_id,) = add_rendered(database, 1)
    both = [AnnotationDraft(category=name, kind="class") for name in ("nut", "bolt")]
    save_annotations(database, labeler, "parts", image_id, both, expected_revision=0)
    schema = get_schema(database, SYSTEM, "parts")
    change = SchemaChange(1, schema.classes[:1], class_moves={"bolt": "nut"})
    change_schema(database, SYSTEM, "parts", change)
    (kept,) = get_annotations(database, SYSTEM, "parts", image_id).annotations
    assert kept.category == "nut"


def test_skeletons_parents_and_attributes_are_kept_and_asked_for(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    schema = get_schema(database, SYSTEM, "parts")
    skeleton = Skeleton(("head", "tip"), ((0, 1),))
    classes = (
        *schema.classes[:1],
        replace(schema.classes[1], parent="washer", skeleton=skeleton),
        *schema.classes[2:],
    )
    attributes = (
        Attribute("rust", AttributeType.CHOICE, values=("none", "some"), default="none"),
        Attribute("line", AttributeType.NUMBER, AttributeScope.IMAGE, is_required=True, minimum=1),
    )
    change_schema(database, SYSTEM, "parts", SchemaChange(1, classes, attributes))
    kept = get_schema(database, SYSTEM, "parts")
    assert kept.classes == classes
    assert kept.attributes == attributes
    task = queued[0].id
    draft = AnnotationDraft(category="bolt", kind="class", attributes={"rust": "much"})
    open_task(database, labeler, "parts", task)
    with pytest.raises(AttributeInvalid):
        save_labels(database, labeler, "parts", task, [draft], expected_revision=0)
    good = replace(draft, attributes={"rust": "some"})
    save_labels(database, labeler, "parts", task, [good], expected_revision=0)
    with pytest.raises(AttributesMissing, match="line of the image"):
        submit_task(database, labeler, "parts", task)
    with pytest.raises(AttributeInvalid, match="at least 1"):
        save_labels(
            database, labeler, "parts", task, [good], expected_revision=1, attributes={"line": 0}
        )
    save_labels(
        database, labeler, "parts", task, [good], expected_revision=1, attributes={"line": 2}
    )
    assert submit_task(database, labeler, "parts", task).revision == 2


def test_attributes_move_with_their_values(
    database: Database, project: Project, queued: list[LabelTask], labeler: Actor
) -> None:
    schema = get_schema(database, SYSTEM, "parts")
    old = (Attribute("rust", AttributeType.CHOICE, values=("none", "some")),)
    change_schema(database, SYSTEM, "parts", SchemaChange(1, schema.classes, old))
    draft = AnnotationDraft(category="bolt", kind="class", attributes={"rust": "none"})
    image_id = queued[0].image_id
    save_annotations(database, labeler, "parts", image_id, [draft], expected_revision=0)
    new = (Attribute("corrosion", AttributeType.CHOICE, values=("clean", "some")),)
    change = SchemaChange(
        2,
        schema.classes,
        new,
        attribute_moves={"rust": "corrosion"},
        value_moves={"corrosion": {"none": "clean"}},
    )
    done = change_schema(database, SYSTEM, "parts", change).done
    assert [(m.kind, m.num_annotations) for m in done.attribute_moves] == [
        ("renamed", 1),
        ("value_renamed", 1),
    ]
    (kept,) = get_annotations(database, SYSTEM, "parts", image_id).annotations
    assert kept.attributes == {"corrosion": "clean"}


def test_blind_answers_move_too(
    database: Database, queued: list[LabelTask], labeler: Actor, merging: SchemaChange
) -> None:
    consensus = LabelingProject("parts", "twice", "dora", utc_now(), num_annotators=2)
    save_labeling_project(database, SYSTEM, consensus)
    (task, _) = create_tasks(
        database, SYSTEM, "parts", [queued[0].image_id], TaskOrder(queue="twice")
    ).created
    open_task(database, labeler, "parts", task.id)
    gear = AnnotationDraft(category="gear", kind="class")
    save_labels(database, labeler, "parts", task.id, [gear], expected_revision=0)
    preview = preview_change(database, SYSTEM, "parts", merging)
    assert (preview.num_answers, preview.num_open_tasks) == (1, 1)
    change_schema(database, SYSTEM, "parts", merging)
    moved = get_task(database, labeler, "parts", task.id).annotations
    assert (moved.revision, moved.annotations[0].category) == (2, "cog")
