"""The only SQL of label schemas; labels themselves are changed through the stores of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.labeling.schema.entities import (
    Attribute,
    AttributeScope,
    AttributeType,
    LabelClass,
    LabelSchema,
    Skeleton,
)
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

label_schemas = sa.Table(
    "label_schemas",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("classes", Json, nullable=False),
    sa.Column("attributes", Json, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)


def insert_schema(tx: Transaction, schema: LabelSchema) -> None:
    """Insert a version."""
    tx.execute(label_schemas.insert().values(**asdict(schema)))


def find_newest(tx: Transaction, project: str) -> LabelSchema | None:
    """Return the newest version; None before the first change."""
    query = (
        label_schemas.select()
        .where(label_schemas.c.project == project)
        .order_by(label_schemas.c.version.desc())
        .limit(1)
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _schema(row)


def list_versions(tx: Transaction, project: str) -> list[LabelSchema]:
    """Return every version, newest first."""
    query = (
        label_schemas.select()
        .where(label_schemas.c.project == project)
        .order_by(label_schemas.c.version.desc())
    )
    return [_schema(row) for row in tx.execute(query).mappings()]


def _schema(row: Mapping[Any, Any]) -> LabelSchema:
    return LabelSchema(
        project=row["project"],
        version=row["version"],
        classes=tuple(_class(item) for item in row["classes"]),
        attributes=tuple(_attribute(item) for item in row["attributes"]),
        note=row["note"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )


def _class(values: Mapping[str, Any]) -> LabelClass:
    skeleton = values["skeleton"]
    if skeleton is None:
        return LabelClass(**values)
    edges = tuple((int(first), int(second)) for first, second in skeleton["edges"])
    return LabelClass(**{**values, "skeleton": Skeleton(tuple(skeleton["points"]), edges)})


def _attribute(values: Mapping[str, Any]) -> Attribute:
    return Attribute(
        **{
            **values,
            "type": AttributeType(values["type"]),
            "scope": AttributeScope(values["scope"]),
            "values": tuple(values["values"]),
            "classes": tuple(values["classes"]),
        }
    )
