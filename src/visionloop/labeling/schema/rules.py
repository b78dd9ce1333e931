"""Pure decisions about label schemas: what is sound, and what a change does to labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from visionloop.admin.entities import Category, Project
from visionloop.labeling.schema.entities import (
    Attribute,
    AttributeMove,
    AttributeScope,
    AttributeType,
    ClassMove,
    LabelClass,
    LabelSchema,
    SchemaChange,
)
from visionloop.labeling.schema.errors import ClassesUnmapped, SchemaInvalid, SchemaStale

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_MAX_NAME = 100
_CHOICES = (AttributeType.CHOICE, AttributeType.CHOICES)


def merge_schema(stored: LabelSchema | None, project: Project) -> LabelSchema:
    """Return the schema as it is: what was stored, on the classes that the project has now.

    Classes can also be added by an ingest or a project file, which know nothing of the rest.
    """
    if stored is None:
        stored = LabelSchema(project.name, 1, ())
    known = {item.name: item for item in stored.classes}
    classes = tuple(
        replace(known[category.name], color=category.color, hotkey=category.hotkey)
        if category.name in known
        else LabelClass(category.name, category.color, category.hotkey)
        for category in project.categories
    )
    return replace(stored, classes=classes)


def as_categories(classes: Iterable[LabelClass]) -> tuple[Category, ...]:
    """Return the part of the classes that the project itself holds."""
    return tuple(Category(item.name, item.color, item.hotkey) for item in classes)


def check_change(before: LabelSchema, change: SchemaChange) -> None:
    """Refuse a change that is unsound, made from an old version, or silent about labels.

    Raises:
        SchemaStale: The schema changed since.
        SchemaInvalid: Names, colours, keys, parents, skeletons or attributes do not fit.
        ClassesUnmapped: A class vanishes and nobody said where its labels go.
    """
    if change.expected_version != before.version:
        raise SchemaStale(change.expected_version, before.version)
    _check_classes(change.classes)
    _check_attributes(change.attributes, {item.name for item in change.classes})
    names = {item.name for item in change.classes}
    for source, target in change.class_moves.items():
        if source not in before.names:
            raise SchemaInvalid(f"class_moves names {source!r}, which the schema does not have")
        if target is not None and target not in names:
            raise SchemaInvalid(f"class_moves sends {source!r} to {target!r}, which is no class")
    gone = [name for name in before.names if name not in names and name not in change.class_moves]
    if gone:
        raise ClassesUnmapped(gone)


def _check_classes(classes: Sequence[LabelClass]) -> None:
    names = [item.name for item in classes]
    if not names:
        raise SchemaInvalid("it has no class")
    _refuse_repeated(names, "class")
    _refuse_repeated([item.hotkey for item in classes if item.hotkey], "hotkey")
    by_name = {item.name: item for item in classes}
    for item in classes:
        _check_name(item.name, "class")
        if not _COLOR.fullmatch(item.color):
            raise SchemaInvalid(f"the colour {item.color!r} of {item.name!r} is not like #4c6ef5")
        if item.hotkey is not None and len(item.hotkey) != 1:
            raise SchemaInvalid(f"the hotkey {item.hotkey!r} of {item.name!r} is not one key")
        _check_ancestors(item, by_name)
        _check_skeleton(item)


def _check_ancestors(item: LabelClass, by_name: Mapping[str, LabelClass]) -> None:
    seen = {item.name}
    parent = item.parent
    while parent is not None:
        if parent not in by_name:
            raise SchemaInvalid(f"the parent {parent!r} of {item.name!r} is no class")
        if parent in seen:
            raise SchemaInvalid(f"{item.name!r} is among its own ancestors")
        seen.add(parent)
        parent = by_name[parent].parent


def _check_skeleton(item: LabelClass) -> None:
    if item.skeleton is None:
        return
    _refuse_repeated(item.skeleton.points, f"keypoint of {item.name!r}")
    count = len(item.skeleton.points)
    for first, second in item.skeleton.edges:
        if not (0 <= first < count and 0 <= second < count and first != second):
            raise SchemaInvalid(
                f"the edge ({first}, {second}) of {item.name!r} does not join two of its "
                f"{count} points, counted from 0"
            )


def _check_attributes(attributes: Sequence[Attribute], classes: set[str]) -> None:
    for scope in AttributeScope:
        _refuse_repeated([a.name for a in attributes if a.scope is scope], f"{scope} attribute")
    for item in attributes:
        _check_name(item.name, "attribute")
        if item.type in _CHOICES and not item.values:
            raise SchemaInvalid(f"attribute {item.name!r} has no values to choose from")
        _refuse_repeated(item.values, f"value of {item.name!r}")
        if unknown := sorted(set(item.classes) - classes):
            raise SchemaInvalid(f"attribute {item.name!r} names {unknown[0]!r}, which is no class")
        if item.default is not None and (why := find_problem(item, item.default)) is not None:
            raise SchemaInvalid(f"the default {item.default!r} of {item.name!r} is not {why}")


def _check_name(name: str, what: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > _MAX_NAME:
        raise SchemaInvalid(f"{name!r} cannot name a {what}; use 1 to {_MAX_NAME} characters")


def _refuse_repeated(values: Sequence[str], what: str) -> None:
    for value in values:
        if list(values).count(value) > 1:
            raise SchemaInvalid(f"the {what} {value!r} is given twice")


def find_problem(attribute: Attribute, value: Any) -> str | None:
    """Say what was expected when a value does not fit its attribute; None when it fits."""
    if attribute.type is AttributeType.CHOICE:
        fits, expected = value in attribute.values, f"one of {', '.join(attribute.values)}"
    elif attribute.type is AttributeType.CHOICES:
        fits = isinstance(value, list | tuple) and set(value) <= set(attribute.values)
        expected = f"a list from {', '.join(attribute.values)}"
    elif attribute.type is AttributeType.BOOLEAN:
        fits, expected = isinstance(value, bool), "true or false"
    elif attribute.type is AttributeType.NUMBER:
        fits, expected = _is_within(attribute, value), _describe_bounds(attribute)
    else:
        fits, expected = isinstance(value, str), "a text"
    return None if fits else expected


def _is_within(attribute: Attribute, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = attribute.minimum is None or value >= attribute.minimum
    return low and (attribute.maximum is None or value <= attribute.maximum)


def _describe_bounds(attribute: Attribute) -> str:
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", attribute.minimum), ("at most", attribute.maximum))
        if bound is not None
    ]
    return " ".join(["a number", *bounds])


@dataclass(frozen=True)
class LabelFacts:
    """What a change looks at in one label."""

    image_id: str
    category: str
    attributes: Mapping[str, Any]


def list_class_moves(
    before: LabelSchema, change: SchemaChange, facts: Sequence[LabelFacts]
) -> tuple[ClassMove, ...]:
    """Tell what happens to the labels of each class that moves."""
    kept = set(before.names)
    targets = list(change.class_moves.values())
    moves = []
    for source, target in change.class_moves.items():
        if target == source:
            continue
        own = [fact for fact in facts if fact.category == source]
        kind = "renamed"
        if target is None:
            kind = "dropped"
        elif target in kept or targets.count(target) > 1:
            kind = "merged"
        images = {fact.image_id for fact in own}
        moves.append(ClassMove(kind, source, target, len(own), len(images)))
    return tuple(moves)


def list_attribute_moves(
    change: SchemaChange, facts: Sequence[LabelFacts]
) -> tuple[AttributeMove, ...]:
    """Tell what happens to the values of each attribute that moves."""
    moves = []
    for source, target in change.attribute_moves.items():
        own = [fact for fact in facts if source in fact.attributes]
        kind = "dropped" if target is None else "renamed"
        moves.append(AttributeMove(kind, source, target, *_count(own)))
    old_names = {target: source for source, target in change.attribute_moves.items()}
    for name, values in change.value_moves.items():
        old_name = old_names.get(name, name)
        for old, new in values.items():
            own = [fact for fact in facts if _holds(fact.attributes.get(old_name), old)]
            kind = "value_dropped" if new is None else "value_renamed"
            to = None if new is None else f"{name}={new}"
            moves.append(AttributeMove(kind, f"{name}={old}", to, *_count(own)))
    return tuple(moves)


def _count(facts: Sequence[LabelFacts]) -> tuple[int, int]:
    return len(facts), len({fact.image_id for fact in facts})


def _holds(value: Any, wanted: str) -> bool:
    return wanted in value if isinstance(value, list | tuple) else bool(value == wanted)


def move_category(change: SchemaChange, category: str) -> str | None:
    """Return the class that a label has after a change; None when it is dropped."""
    return change.class_moves.get(category, category)


def move_attributes(change: SchemaChange, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that a label has after a change."""
    moved: dict[str, Any] = {}
    for name, value in attributes.items():
        target = change.attribute_moves.get(name, name)
        if target is None:
            continue
        renamed = _move_value(change.value_moves.get(target, {}), value)
        if renamed is not None:
            moved[target] = renamed
    return moved


def _move_value(moves: Mapping[str, str | None], value: Any) -> Any:
    if isinstance(value, list | tuple):
        kept = (moves.get(item, item) for item in value)
        return list(dict.fromkeys(item for item in kept if item is not None))
    return moves.get(value, value) if isinstance(value, str) else value
