"""Tables that image queries read: narrow rows, and an index for every order.

They repeat what ``images``, ``annotation_sets``, ``annotations``, ``image_tags`` and
``image_scores`` say, so that a filter over a million images reads no JSON, and they can be
rebuilt from those at any time. Nothing in them is null: ``MISSING`` or an empty text stand for a
missing value, so a negated condition means in SQL what it means in words.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.storage.database import Json, UtcDateTime, metadata

# Far below every number that an image can have, and the same on every database.
MISSING: Final = -1e300

# Binary order on PostgreSQL too: pages and prefix searches must not depend on a locale.
_Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_Key = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
_Number = sa.Integer().with_variant(sa.BigInteger, "postgresql")


def _text(name: str, *, index: bool = True) -> sa.Column[Any]:
    return sa.Column(name, _Text, nullable=False, info={"index": index})


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False, info={"index": True})


_COLUMNS: Final = (
    _text("status"),
    _text("annotation_status"),
    _text("origin"),
    _text("datastore"),
    _text("camera"),
    _text("split"),
    _text("group"),
    _text("format", index=False),
    *(_number(name) for name in ("width", "height", "size_bytes", "num_annotations")),
    *(_number(name) for name in ("created", "captured", "annotated")),
    *(_number(name) for name in STATISTIC_NAMES),
    _text("name"),
    _text("search", index=False),
)
FACT_NAMES: Final = tuple(column.name for column in _COLUMNS)

image_facts = sa.Table(
    "image_facts",
    metadata,
    sa.Column("seq", _Number, primary_key=True, autoincrement=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("id", sa.String(64), nullable=False),
    *_COLUMNS,
    sa.UniqueConstraint("project", "id"),
    *(
        sa.Index(f"ix_image_facts_{column.name}", "project", column.name, "seq")
        for column in _COLUMNS
        if column.info["index"]
    ),
)

# One row for every class, tag, custom column, attribute and score of an image.
image_terms = sa.Table(
    "image_terms",
    metadata,
    sa.Column("seq", _Number, primary_key=True, autoincrement=False),
    sa.Column("field", sa.String(20), primary_key=True),
    sa.Column("key", _Key, primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("text", _Text, nullable=False),
    sa.Column("number", sa.Double, nullable=False),
    sa.Index("ix_image_terms_text", "project", "field", "key", "text", "seq"),
    sa.Index("ix_image_terms_number", "project", "field", "key", "number", "seq"),
    sqlite_with_rowid=False,
)

image_tags = sa.Table(
    "image_tags",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("tag", sa.String(100), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("added_by", sa.String(63), nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Index("ix_image_tags_image", "project", "image_id"),
)

image_scores = sa.Table(
    "image_scores",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("value", sa.Double, nullable=False),
    sa.Index("ix_image_scores_image", "project", "image_id"),
)

saved_views = sa.Table(
    "saved_views",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("filter", sa.Text, nullable=False),
    sa.Column("sort", sa.String(60), nullable=False),
    sa.Column("columns", Json, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)
