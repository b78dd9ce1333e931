"""What a filter can ask about: names, meanings and kinds of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from visionloop.data.statistics import STATISTIC_NAMES

FieldKind = Literal["text", "number", "time", "keyed", "set"]


@dataclass(frozen=True)
class Field:
    """One thing that a filter can ask about.

    Attributes:
        kind: "keyed" has a key of its own (``metadata.line``), "set" holds several texts.
        example: a condition that shows it.
        sortable: lists can be ordered by it.
    """

    name: str
    kind: FieldKind
    meaning: str
    example: str
    sortable: bool = False


def _table(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_STATISTICS: Final = tuple(
    Field(name, "number", "image statistic", f"{name} > 10", sortable=True)
    for name in STATISTIC_NAMES
)

FIELDS: Final[Mapping[str, Field]] = _table(
    Field("id", "text", "sha256 of the file", "id = 3fa9*", sortable=True),
    Field("name", "text", "path below the datastore", "name = line-1/*", sortable=True),
    Field("uri", "text", "full address", "uri = datastore://line-1/*"),
    Field("datastore", "text", "where it is read from", "datastore = line-1", sortable=True),
    Field("camera", "text", "EXIF camera model", "camera = iPhone 7", sortable=True),
    Field("format", "text", "file format", "format = png"),
    Field("mode", "text", "pixel mode", "mode = L"),
    Field("origin", "text", "ingest or production", "origin = production", sortable=True),
    Field("status", "text", "active, excluded or missing", "status = active", sortable=True),
    Field("group", "text", "group that splits keep together", "group = none", sortable=True),
    Field("split", "text", "in the newest dataset version", "split = test", sortable=True),
    Field(
        "annotation_status",
        "text",
        "unlabeled, labeled, accepted or rejected",
        "annotation_status = accepted",
        sortable=True,
    ),
    Field("width", "number", "upright pixels", "width >= 1920", sortable=True),
    Field("height", "number", "upright pixels", "height < 480", sortable=True),
    Field("size_bytes", "number", "size of the file", "size_bytes > 1000000", sortable=True),
    Field("num_annotations", "number", "labels on the image", "num_annotations = 0", sortable=True),
    *_STATISTICS,
    Field("created", "time", "when it came into the project", "created >= 2026-11-01", True),
    Field("captured", "time", "EXIF capture time", "captured < 2026-11-30T12:00", True),
    Field("annotated", "time", "last change of its labels", "annotated = 2026-11-30", True),
    Field("exif", "keyed", "capture facts", "exif.ISOSpeedRatings > 400"),
    Field("metadata", "keyed", "custom columns", "metadata.line = 3"),
    Field("attribute", "keyed", "image attributes of the labels", "attribute.weather = rain"),
    Field("score", "keyed", "scores by models and checks", "score.label_quality < 0.2"),
    Field("label", "set", "classes that it shows", "label:bolt"),
    Field("annotator", "set", "people, models, imports that labeled", "annotator:anna"),
    Field("source", "set", "human, import or model", "source:model"),
    Field("tag", "set", "tags", "tag:blurry"),
)

LABEL_FIELDS: Final[Mapping[str, Field]] = _table(
    Field("category", "text", "class", "labels(category = bolt) >= 2"),
    Field("kind", "text", "class, box, polygon, ...", "labels(kind = polygon)"),
    Field("source", "text", "human, import or model", "labels(source = model)"),
    Field("annotator", "text", "who made it", "labels(annotator = anna)"),
    Field("reviewer", "text", "who reviewed it", "labels(reviewer = none)"),
    Field("score", "number", "confidence of a model", "labels(score < 0.5)"),
)

ALIASES: Final[Mapping[str, str]] = {
    "brightness": "luminance_mean",
    "contrast": "luminance_std",
    "sharpness": "laplacian_variance",
    "class": "label",
    "category": "label",
    "group_key": "group",
    "size": "size_bytes",
    "created_at": "created",
    "captured_at": "captured",
    "time": "captured",
    "tags": "tag",
}
SORTABLE: Final = tuple(name for name, field in FIELDS.items() if field.sortable)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that someone probably meant, or None."""
    found = get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return found[0] if found else None
