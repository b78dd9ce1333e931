"""What is wrong with a label schema, or with labels under it."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Invalid


class SchemaInvalid(Invalid):
    """A schema contradicts itself."""

    code = "label_schema_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The label schema cannot be used: {reason}.", reason=reason)


class SchemaStale(Conflict):
    """Somebody changed the schema in the meantime."""

    code = "label_schema_stale"

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(
            f"The label schema is at version {current}, not {expected}: somebody changed it in "
            "between. Load it, make the change again and look at its preview.",
            expected_version=expected,
            current_version=current,
        )


class ClassesUnmapped(Invalid):
    """Classes with labels would vanish and nobody said what becomes of the labels."""

    code = "label_classes_unmapped"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"The new schema lacks {', '.join(map(repr, names))}. Say for each in class_moves "
            "which class takes its labels, or null to drop them.",
            classes=list(names),
        )


class AttributeInvalid(Invalid):
    """A label carries a value that its attribute does not allow."""

    code = "label_attribute_invalid"

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(
            f"Attribute {name!r} cannot be {value!r}; expected {expected}.",
            attribute=name,
            value=str(value),
            expected=expected,
        )


class AttributesMissing(Invalid):
    """A task was handed in without facts that the schema requires."""

    code = "label_attributes_missing"

    def __init__(self, missing: Sequence[str]) -> None:
        shown = "; ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        super().__init__(
            f"Required attributes are empty: {shown}. Fill them in, then submit again.",
            missing=list(missing),
        )
