"""A label schema, a change to it and what the change would do, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AttributeType(StrEnum):
    """What an attribute holds."""

    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


class AttributeScope(StrEnum):
    """What an attribute describes."""

    SHAPE = "shape"
    IMAGE = "image"


@dataclass(frozen=True)
class Attribute:
    """A fact that labelers note beside a class.

    Attributes:
        values: what can be chosen, for choices.
        default: what a new shape or image starts with; None starts empty.
        is_required: a task cannot be handed in without it.
        classes: only shapes of these have it; empty means all. Images ignore it.
        minimum, maximum: bounds of a number.
    """

    name: str
    type: AttributeType
    scope: AttributeScope = AttributeScope.SHAPE
    values: tuple[str, ...] = ()
    default: Any = None
    is_required: bool = False
    classes: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    help: str = ""


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of a class and the lines drawn between them.

    Attributes:
        edges: pairs of indices into ``points``, from 0.
    """

    points: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class LabelClass:
    """One class; its place in the schema is its label index.

    Attributes:
        parent: the class that it is a kind of.
    """

    name: str
    color: str
    hotkey: str | None = None
    parent: str | None = None
    skeleton: Skeleton | None = None
    help: str = ""


@dataclass(frozen=True)
class LabelSchema:
    """All that labelers of a project may say, at one version.

    Attributes:
        version: counts up from 1; a change must name the one it was made from.
    """

    project: str
    version: int
    classes: tuple[LabelClass, ...]
    attributes: tuple[Attribute, ...] = ()
    note: str = ""
    created_by: str = ""
    created_at: datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes in order."""
        return tuple(item.name for item in self.classes)


@dataclass(frozen=True)
class SchemaChange:
    """A new schema, and what becomes of what it no longer has.

    Attributes:
        class_moves: old class to the class that takes its labels; None drops them.
        attribute_moves: old attribute to its new name; None drops its values.
        value_moves: attribute (by its new name) to old value to new value; None drops the value.
    """

    expected_version: int
    classes: tuple[LabelClass, ...]
    attributes: tuple[Attribute, ...] = ()
    class_moves: Mapping[str, str | None] = field(default_factory=dict)
    attribute_moves: Mapping[str, str | None] = field(default_factory=dict)
    value_moves: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class ClassMove:
    """What happens to the labels of one class.

    Attributes:
        kind: "renamed", "merged" or "dropped".
        target: the class afterwards; None when dropped.
    """

    kind: str
    source: str
    target: str | None
    num_annotations: int
    num_images: int


@dataclass(frozen=True)
class AttributeMove:
    """What happens to the noted values of one attribute.

    Attributes:
        kind: "renamed", "dropped", "value_renamed" or "value_dropped".
    """

    kind: str
    source: str
    target: str | None
    num_annotations: int
    num_images: int


@dataclass(frozen=True)
class SchemaPreview:
    """What a change would do, counted on the labels as they are.

    Attributes:
        num_annotations: labels that would change or vanish.
        num_images: images that hold one.
        num_emptied: images that would be left without a label.
        num_open_tasks: unfinished tasks on those images.
        num_accepted: accepted images whose labels would change.
        num_answers: blind answers that would change.
        num_suggestions: proposals of models that would change.
        warnings: what a person should know first.
    """

    from_version: int
    added: tuple[str, ...]
    class_moves: tuple[ClassMove, ...]
    attribute_moves: tuple[AttributeMove, ...]
    num_annotations: int
    num_images: int
    num_emptied: int
    num_open_tasks: int
    num_accepted: int
    num_answers: int
    num_suggestions: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SchemaChanged:
    """The schema as it is now, and what the change did."""

    schema: LabelSchema
    done: SchemaPreview
