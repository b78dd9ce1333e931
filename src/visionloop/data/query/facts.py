"""What a filter sees of one image, and the decision whether it fulfils the filter.

The store says the same in SQL; a property test holds the two together.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from visionloop.data.entities import Annotation, AnnotationSet, Image, ManifestRow
from visionloop.data.grouping import capture_time
from visionloop.data.query.parsing import parse_filter
from visionloop.data.query.times import seconds_of
from visionloop.data.query.trees import (
    And,
    Comparison,
    Filter,
    LabelCount,
    Not,
    Or,
    Period,
    Text,
)
from visionloop.data.statistics import STATISTIC_NAMES

# Database indexes hold a limited number of bytes; what lies beyond is not compared anywhere.
MAX_KEYED_TEXT: Final = 500

LABEL_PARTS: Final = {"label": "category", "annotator": "author", "source": "source"}

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Facts:
    """Everything that filters can ask about one image; what is not there is missing.

    Attributes:
        numbers: numbers, and times as seconds since 1970.
        keyed: field to key to value, of fields such as ``metadata``.
    """

    texts: Mapping[str, str | None] = field(default_factory=dict)
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    keyed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labels: Sequence[Annotation] = ()
    tags: frozenset[str] = frozenset()


def facts_of_image(
    image: Image,
    annotations: AnnotationSet,
    *,
    tags: frozenset[str] = frozenset(),
    split: str | None = None,
    scores: Mapping[str, float] | None = None,
) -> Facts:
    """Collect the facts of an image of a project."""
    own = {"group": image.group_key, "split": split, "annotation_status": annotations.status}
    plain = ("id", "name", "uri", "datastore", "camera", "format", "mode", "origin", "status")
    return Facts(
        texts={name: getattr(image, name) for name in plain} | own,
        numbers={
            **_numbers(image),
            "num_annotations": len(annotations.annotations),
            "created": seconds_of(image.created_at),
            "annotated": seconds_of(annotations.updated_at) if annotations.revision else None,
        },
        keyed={
            "exif": image.exif,
            "metadata": image.metadata,
            "attribute": annotations.attributes,
            "score": scores or {},
        },
        labels=annotations.annotations,
        tags=tags,
    )


def facts_of_row(row: ManifestRow) -> Facts:
    """Collect the facts of a row of a frozen version; tags and scores are not frozen."""
    own = {"id": row.image_id, "group": row.group_key}
    plain = ("name", "uri", "camera", "format", "origin", "split", "annotation_status")
    return Facts(
        texts={name: getattr(row, name) for name in plain} | own,
        numbers={**_numbers(row), "num_annotations": len(row.annotations)},
        keyed={"exif": row.exif, "metadata": row.metadata, "attribute": row.attributes},
        labels=row.annotations,
    )


def facts_of_file(name: str, exif: Mapping[str, Any]) -> Facts:
    """Collect the facts of a file that is in no project yet."""
    camera = exif.get("Model")
    return Facts(
        texts={"name": name, "camera": None if camera is None else str(camera)},
        keyed={"exif": exif},
    )


def _numbers(image: Image | ManifestRow) -> dict[str, float | None]:
    taken = capture_time(dict(image.exif))
    measured = image.statistics or (None,) * len(STATISTIC_NAMES)
    return {
        "width": image.width,
        "height": image.height,
        "size_bytes": image.size_bytes,
        "captured": None if taken is None else seconds_of(taken),
        **dict(zip(STATISTIC_NAMES, measured, strict=True)),
    }


def as_text(value: Any) -> str:
    """Write a value of a keyed field as filters compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:MAX_KEYED_TEXT]


def searchable_text(name: str, uri: str, *columns: Mapping[str, Any]) -> str:
    """Write down what a text search looks through."""
    values = [as_text(value) for column in columns for value in column.values()]
    return "\n".join([name, uri, *values]).casefold()


def matches(facts: Facts, condition: str | Filter) -> bool:
    """Decide whether an image fulfils a filter.

    A missing value fulfils no comparison, so its negation holds: ``camera != iPhone 7`` is true
    for an image without a camera.

    Raises:
        FilterInvalid: ``condition`` is text that does not parse.
    """
    tree = parse_filter(condition) if isinstance(condition, str) else condition
    if isinstance(tree, And):
        return all(matches(facts, part) for part in tree.parts)
    if isinstance(tree, Or):
        return any(matches(facts, part) for part in tree.parts)
    if isinstance(tree, Not):
        return not matches(facts, tree.part)
    if isinstance(tree, LabelCount):
        chosen = [label for label in facts.labels if _label_matches(label, tree.where)]
        return _COMPARE[tree.operator](len(chosen), tree.count)
    if isinstance(tree, Text):
        columns = (facts.keyed.get("metadata", {}), facts.keyed.get("attribute", {}))
        name, uri = facts.texts.get("name") or "", facts.texts.get("uri") or ""
        return tree.word in searchable_text(name, uri, *columns)
    return _compare(facts, tree)


def _compare(facts: Facts, tree: Comparison) -> bool:
    if tree.key is not None:
        return _keyed_matches(facts.keyed.get(tree.field, {}).get(tree.key), tree)
    if tree.field in facts.texts:
        return _text_matches(facts.texts[tree.field], tree)
    if tree.field in facts.numbers:
        return _number_matches(facts.numbers[tree.field], tree)
    members = _members(facts, tree.field)
    if not members or tree.value is None:
        return not members and tree.value is None
    return any(_text_matches(member, tree) for member in members)


def _members(facts: Facts, name: str) -> frozenset[str]:
    if name == "tag":
        return facts.tags
    if name not in LABEL_PARTS:
        return frozenset()
    return frozenset(getattr(label, LABEL_PARTS[name]) for label in facts.labels)


def _label_matches(label: Annotation, where: Filter | None) -> bool:
    if where is None:
        return True
    facts = Facts(
        texts={
            "category": label.category,
            "kind": label.kind,
            "source": label.source,
            "annotator": label.author,
            "reviewer": label.reviewed_by,
        },
        numbers={"score": label.score},
    )
    return matches(facts, where)


def _number_matches(value: float | None, tree: Comparison) -> bool:
    if tree.value is None or value is None:
        return value is None and tree.value is None
    if isinstance(tree.value, Period):
        return _in_period(value, tree)
    return _COMPARE[tree.operator](value, tree.value)


def _in_period(value: float, tree: Comparison) -> bool:
    period = tree.value
    assert isinstance(period, Period)
    last = period.end > period.start
    if tree.operator == "=":
        return period.start <= value < period.end if last else value == period.start
    if tree.operator in ("<", ">="):
        return _COMPARE[tree.operator](value, period.start)
    if tree.operator == "<=":
        return value < period.end if last else value <= period.start
    return value >= period.end if last else value > period.start


def _text_matches(value: str | None, tree: Comparison) -> bool:
    if not value or tree.value is None:
        return not value and tree.value is None
    wanted = str(tree.value)
    if tree.operator == "~":
        return re.search(wanted, value) is not None
    if tree.operator == "like":
        pattern = ".*".join(re.escape(part) for part in wanted.split("*"))
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    return value == wanted


def _keyed_matches(value: Any, tree: Comparison) -> bool:
    if value is None or tree.value is None:
        return value is None and tree.value is None
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(tree.value, float):
        return number is not None and _COMPARE[tree.operator](number, tree.value)
    same_number = tree.operator == "=" and number is not None and number == as_number(tree.value)
    return same_number or _text_matches(as_text(value), tree)


def as_number(value: object) -> float | None:
    """Read a number that was written as text; None when it is none."""
    try:
        return float(str(value))
    except ValueError:
        return None
