"""Pure checks of labels against the attributes of a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from visionloop.labeling.schema.entities import Attribute, AttributeScope, LabelSchema
from visionloop.labeling.schema.errors import AttributeInvalid, AttributesMissing
from visionloop.labeling.schema.rules import find_problem


class Labeled(Protocol):
    """What a check looks at: annotations and drafts both have it."""

    @property
    def category(self) -> str:
        """The class."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Facts beside the class."""


def check_values(
    schema: LabelSchema, labels: Sequence[Labeled], image_attributes: Mapping[str, Any]
) -> None:
    """Refuse values that the schema's attributes do not allow; unknown names are left alone.

    Facts of foreign files (COCO's ``iscrowd``) are no attributes of the schema and stay.

    Raises:
        AttributeInvalid: A value does not fit.
    """
    for attribute, values in _pairs(schema, labels, image_attributes):
        value = values.get(attribute.name)
        if value is not None and (expected := find_problem(attribute, value)) is not None:
            raise AttributeInvalid(attribute.name, value, expected)


def check_required(
    schema: LabelSchema, labels: Sequence[Labeled], image_attributes: Mapping[str, Any]
) -> None:
    """Refuse to hand in labels while required attributes are empty.

    Raises:
        AttributesMissing: With every shape that lacks one.
    """
    missing = []
    for attribute in schema.attributes:
        if not attribute.is_required:
            continue
        if attribute.scope is AttributeScope.IMAGE:
            if _is_empty(image_attributes.get(attribute.name)):
                missing.append(f"{attribute.name} of the image")
            continue
        for number, label in enumerate(labels, start=1):
            if _applies(attribute, label) and _is_empty(label.attributes.get(attribute.name)):
                missing.append(f"{attribute.name} of label {number} ({label.category})")
    if missing:
        raise AttributesMissing(missing)


def _pairs(
    schema: LabelSchema, labels: Sequence[Labeled], image_attributes: Mapping[str, Any]
) -> Iterator[tuple[Attribute, Mapping[str, Any]]]:
    for attribute in schema.attributes:
        if attribute.scope is AttributeScope.IMAGE:
            yield attribute, image_attributes
        else:
            for label in labels:
                if _applies(attribute, label):
                    yield attribute, label.attributes


def _applies(attribute: Attribute, label: Labeled) -> bool:
    return not attribute.classes or label.category in attribute.classes


def _is_empty(value: Any) -> bool:
    return value in (None, "", [])
