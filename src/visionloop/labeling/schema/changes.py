"""Read the label schema, look ahead at a change of it, and carry the change out at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from visionloop.admin import store as admin_store
from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.errors import ProjectNotFound
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet
from visionloop.data.rules import status_after_save
from visionloop.data.store.annotations import find_annotation_sets, replace_annotations
from visionloop.data.store.facts import iterate_image_attributes, iterate_label_facts
from visionloop.kernel.clock import utc_now
from visionloop.labeling.entities import LabelTask
from visionloop.labeling.records import Answer
from visionloop.labeling.schema import rules, store
from visionloop.labeling.schema.entities import (
    LabelSchema,
    SchemaChange,
    SchemaChanged,
    SchemaPreview,
)
from visionloop.labeling.store import answers as answer_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database, Transaction


@dataclass(frozen=True)
class _Reach:
    """What a change would touch."""

    facts: list[rules.LabelFacts]
    image_facts: list[rules.LabelFacts]
    sets: dict[str, AnnotationSet]
    answers: list[Answer]
    tasks: list[LabelTask]


def get_schema(database: Database, actor: Actor, project: str) -> LabelSchema:
    """Return the label schema as it is now."""
    require(actor, Permission.READ, project)
    owner = get_project(database, project)
    with database.read() as tx:
        return rules.merge_schema(store.find_newest(tx, project), owner)


def find_schema(tx: Transaction, project: Project) -> LabelSchema:
    """Return the label schema inside the caller's transaction."""
    return rules.merge_schema(store.find_newest(tx, project.name), project)


def list_schema_versions(database: Database, actor: Actor, project: str) -> list[LabelSchema]:
    """Return every version that a change made, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_versions(tx, project)


def preview_change(
    database: Database, actor: Actor, project: str, change: SchemaChange
) -> SchemaPreview:
    """Count what a change would do, without doing it.

    Raises:
        SchemaInvalid, SchemaStale, ClassesUnmapped: It cannot be done.
    """
    require(actor, Permission.READ, project)
    owner = get_project(database, project)
    with database.read() as tx:
        before = find_schema(tx, owner)
        rules.check_change(before, change)
        return _describe(before, change, _find_reach(tx, owner, change))


def change_schema(
    database: Database, actor: Actor, project: str, change: SchemaChange
) -> SchemaChanged:
    """Make a new version and move every live label to it, all at once or not at all.

    Frozen dataset versions keep the labels they were frozen with. Touched images get a new
    revision, so that a save that was made under the old schema is refused with both versions.

    Raises:
        SchemaInvalid, SchemaStale, ClassesUnmapped: It cannot be done.
    """
    require(actor, Permission.ADMINISTER, project)
    with database.begin() as tx:
        owner = admin_store.find_project(tx, project)
        if owner is None:
            raise ProjectNotFound(project)
        before = find_schema(tx, owner)
        rules.check_change(before, change)
        reach = _find_reach(tx, owner, change)
        done = _describe(before, change, reach)
        _move_labels(tx, actor, owner, change, reach)
        schema = LabelSchema(
            project=project,
            version=before.version + 1,
            classes=change.classes,
            attributes=change.attributes,
            note=change.note,
            created_by=actor.name,
            created_at=utc_now(),
        )
        categories = rules.as_categories(change.classes)
        admin_store.upsert_project(tx, replace(owner, categories=categories))
        store.insert_schema(tx, schema)
        _publish(tx, actor, schema, done)
    return SchemaChanged(schema, done)


def _find_reach(tx: Transaction, project: Project, change: SchemaChange) -> _Reach:
    facts = [rules.LabelFacts(*row) for row in iterate_label_facts(tx, project.name)]
    image_facts = [
        rules.LabelFacts(image_id, "", attributes)
        for image_id, attributes in iterate_image_attributes(tx, project.name)
    ]
    touched = {fact.image_id for fact in facts if _is_touched(change, fact)}
    touched |= {fact.image_id for fact in image_facts if _is_touched(change, fact)}
    answers = [
        answer
        for answer in answer_store.list_answers(tx, project.name)
        if _move_answer(change, answer) != answer
    ]
    answered = {answer.task_id for answer in answers}
    tasks = task_store.list_unfinished(tx, project.name)
    return _Reach(
        facts=facts,
        image_facts=image_facts,
        sets=find_annotation_sets(tx, project.name, sorted(touched)),
        answers=answers,
        tasks=[
            task
            for task in tasks
            if (task.image_id in touched and not task.is_blind)
            or task.id in answered
            or _is_stale(change, task)
        ],
    )


def _is_touched(change: SchemaChange, fact: rules.LabelFacts) -> bool:
    if fact.category and rules.move_category(change, fact.category) != fact.category:
        return True
    return rules.move_attributes(change, fact.attributes) != dict(fact.attributes)


def _is_stale(change: SchemaChange, task: LabelTask) -> bool:
    drafts = () if task.suggestion is None else task.suggestion.annotations
    return any(rules.move_category(change, d.category) != d.category for d in drafts)


def _describe(before: LabelSchema, change: SchemaChange, reach: _Reach) -> SchemaPreview:
    moved = {image_id: _moved(change, item) for image_id, item in reach.sets.items()}
    emptied = [i for i, kept in moved.items() if reach.sets[i].annotations and not kept]
    all_facts = [*reach.facts, *reach.image_facts]
    class_moves = rules.list_class_moves(before, change, reach.facts)
    targets = set(change.class_moves.values())
    return SchemaPreview(
        from_version=before.version,
        added=tuple(
            item.name
            for item in change.classes
            if item.name not in before.names and item.name not in targets
        ),
        class_moves=class_moves,
        attribute_moves=rules.list_attribute_moves(change, all_facts),
        num_annotations=sum(_is_touched(change, fact) for fact in reach.facts),
        num_images=len(reach.sets),
        num_emptied=len(emptied),
        num_open_tasks=len(reach.tasks),
        num_accepted=sum(item.status == "accepted" for item in reach.sets.values()),
        num_answers=len(reach.answers),
        num_suggestions=sum(_is_stale(change, task) for task in reach.tasks),
        warnings=_warnings(before, change),
    )


def _warnings(before: LabelSchema, change: SchemaChange) -> tuple[str, ...]:
    warnings = []
    names = tuple(item.name for item in change.classes)
    if names[: len(before.names)] != before.names:
        warnings.append(
            "Models that are trained already keep the classes they were trained with; retrain "
            "before you compare them with the new labels."
        )
        warnings.append("Change the classes in the project file too, or its next apply is refused.")
    return tuple(warnings)


def _move_labels(
    tx: Transaction, actor: Actor, project: Project, change: SchemaChange, reach: _Reach
) -> None:
    for before in reach.sets.values():
        kept = _moved(change, before)
        status = before.status
        if before.annotations and not kept:
            emptied = status_after_save(project.task.value, [])
            status = emptied if emptied == "unlabeled" else status
        moved = replace(
            before,
            revision=before.revision + 1,
            status=status,
            annotations=tuple(kept),
            attributes=rules.move_attributes(change, before.attributes),
            updated_at=utc_now(),
            updated_by=actor.name,
        )
        replace_annotations(tx, moved, expected_revision=before.revision)
    for answer in reach.answers:
        moved_answer = replace(_move_answer(change, answer), revision=answer.revision + 1)
        answer_store.write_answer(tx, moved_answer, expected_revision=answer.revision)
    for task in reach.tasks:
        if task.suggestion is not None and _is_stale(change, task):
            task_store.update_task(tx, _move_suggestion(change, task))


def _moved(change: SchemaChange, before: AnnotationSet) -> list[Annotation]:
    return _move_all(change, before.annotations)


def _move_answer(change: SchemaChange, answer: Answer) -> Answer:
    return replace(
        answer,
        annotations=tuple(_move_all(change, answer.annotations)),
        attributes=rules.move_attributes(change, answer.attributes),
    )


_Label = TypeVar("_Label", Annotation, AnnotationDraft)


def _move_all(change: SchemaChange, labels: Sequence[_Label]) -> list[_Label]:
    kept: list[_Label] = []
    for label in labels:
        category = rules.move_category(change, label.category)
        if category is None:
            continue
        if label.kind == "class" and any(
            other.kind == "class" and other.category == category for other in kept
        ):
            continue  # two classes that became one say it once
        attributes = rules.move_attributes(change, label.attributes)
        kept.append(replace(label, category=category, attributes=attributes))
    return kept


def _move_suggestion(change: SchemaChange, task: LabelTask) -> LabelTask:
    assert task.suggestion is not None
    drafts = _move_all(change, task.suggestion.annotations)
    return replace(task, suggestion=replace(task.suggestion, annotations=tuple(drafts)))


def _publish(tx: Transaction, actor: Actor, schema: LabelSchema, done: SchemaPreview) -> None:
    moves: Sequence[dict[str, object]] = [
        {"kind": move.kind, "from": move.source, "to": move.target} for move in done.class_moves
    ]
    publish(
        tx,
        type="visionloop.label_schema.changed",
        project=schema.project,
        subject=f"label_schema/{schema.version}",
        actor=actor,
        data={
            "version": schema.version,
            "classes": list(schema.names),
            "added": list(done.added),
            "moves": moves,
            "num_annotations": done.num_annotations,
            "num_images": done.num_images,
            "num_open_tasks": done.num_open_tasks,
        },
    )
