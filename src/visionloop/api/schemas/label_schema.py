"""What the label schema routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from visionloop.api.schemas.common import Schema
from visionloop.labeling.schema.entities import (
    Attribute,
    AttributeScope,
    AttributeType,
    LabelClass,
    SchemaChange,
    Skeleton,
)


class SkeletonBody(Schema):
    """The keypoints of a class and the lines drawn between them."""

    points: list[str] = Field(max_length=200)
    edges: list[tuple[int, int]] = Field(
        default_factory=list, max_length=400, description="Pairs of indices into points, from 0"
    )


class LabelClassBody(Schema):
    """One class; its place in the list is its label index."""

    name: str
    color: str = Field(description="Like #4c6ef5")
    hotkey: str | None = None
    parent: str | None = Field(default=None, description="The class that it is a kind of")
    skeleton: SkeletonBody | None = None
    help: str = Field(default="", max_length=2000)


class AttributeBody(Schema):
    """A fact that labelers note beside a class."""

    name: str
    type: AttributeType
    scope: AttributeScope = AttributeScope.SHAPE
    values: list[str] = Field(default_factory=list, max_length=1000)
    default: Any = None
    is_required: bool = False
    classes: list[str] = Field(default_factory=list, description="Empty means all classes")
    minimum: float | None = None
    maximum: float | None = None
    help: str = Field(default="", max_length=2000)


class LabelSchemaOut(Schema):
    """All that labelers of a project may say, at one version."""

    project: str
    version: int
    classes: list[LabelClassBody]
    attributes: list[AttributeBody]
    note: str
    created_by: str
    created_at: datetime | None


class LabelSchemaList(Schema):
    """Versions of a schema, newest first."""

    items: list[LabelSchemaOut]
    total: int


class LabelSchemaChange(Schema):
    """A new schema, and what becomes of what it no longer has."""

    expected_version: int = Field(ge=1)
    classes: list[LabelClassBody] = Field(min_length=1, max_length=5000)
    attributes: list[AttributeBody] = Field(default_factory=list, max_length=500)
    class_moves: dict[str, str | None] = Field(
        default_factory=dict, description="Old class to the class that takes its labels, or null"
    )
    attribute_moves: dict[str, str | None] = Field(
        default_factory=dict, description="Old attribute to its new name, or null to drop it"
    )
    value_moves: dict[str, dict[str, str | None]] = Field(
        default_factory=dict, description="Attribute to old value to new value, or null"
    )
    note: str = Field(default="", max_length=2000)

    def as_change(self) -> SchemaChange:
        """Return the change as the domain knows it."""
        return SchemaChange(
            expected_version=self.expected_version,
            classes=tuple(_class(item) for item in self.classes),
            attributes=tuple(
                Attribute(
                    **item.model_dump(exclude={"values", "classes"}),
                    values=tuple(item.values),
                    classes=tuple(item.classes),
                )
                for item in self.attributes
            ),
            class_moves=self.class_moves,
            attribute_moves=self.attribute_moves,
            value_moves=self.value_moves,
            note=self.note,
        )


class SchemaMoveOut(Schema):
    """What happens to the labels of one class, or to the values of one attribute."""

    kind: str
    source: str
    target: str | None
    num_annotations: int
    num_images: int


class SchemaPreviewOut(Schema):
    """What a change would do, counted on the labels as they are."""

    from_version: int
    added: list[str]
    class_moves: list[SchemaMoveOut]
    attribute_moves: list[SchemaMoveOut]
    num_annotations: int
    num_images: int
    num_emptied: int
    num_open_tasks: int
    num_accepted: int
    num_answers: int
    num_suggestions: int
    warnings: list[str]


class SchemaChangedOut(Schema):
    """The schema as it is now, and what the change did."""

    label_schema: LabelSchemaOut
    done: SchemaPreviewOut


def _class(item: LabelClassBody) -> LabelClass:
    skeleton = None
    if item.skeleton is not None:
        skeleton = Skeleton(tuple(item.skeleton.points), tuple(item.skeleton.edges))
    return LabelClass(**item.model_dump(exclude={"skeleton"}), skeleton=skeleton)
