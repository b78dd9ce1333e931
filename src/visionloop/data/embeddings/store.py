"""The only SQL of embeddings; the vectors themselves lie in the blob store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from visionloop.data.embeddings.entities import EmbeddingMap, EmbeddingPart, EmbeddingSpace
from visionloop.storage.database import Transaction, UtcDateTime, metadata

embedding_spaces = sa.Table(
    "embedding_spaces",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("model", sa.String(500), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
    sa.Column("index", sa.String(64)),
    sa.Column("index_images", sa.Integer, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

embedding_parts = sa.Table(
    "embedding_parts",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("space", sa.String(63), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("vectors", sa.String(64), nullable=False),
    sa.Column("image_ids", sa.String(64), nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
)

embedding_maps = sa.Table(
    "embedding_maps",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("space", sa.String(63), primary_key=True),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("points", sa.String(64), nullable=False),
    sa.Column("image_ids", sa.String(64), nullable=False),
    sa.Column("num_images", sa.Integer, nullable=False),
    sa.Column("num_space_images", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)


def insert_space(tx: Transaction, space: EmbeddingSpace) -> None:
    """Insert a space without vectors."""
    tx.execute(embedding_spaces.insert().values(**asdict(space)))


def find_space(tx: Transaction, project: str, name: str) -> EmbeddingSpace | None:
    """Return a space by name."""
    own = (embedding_spaces.c.project == project) & (embedding_spaces.c.name == name)
    row = tx.execute(embedding_spaces.select().where(own)).mappings().first()
    return None if row is None else EmbeddingSpace(**row)


def list_spaces(tx: Transaction, project: str) -> list[EmbeddingSpace]:
    """Return the spaces of a project by name."""
    table = embedding_spaces
    query = table.select().where(table.c.project == project).order_by(table.c.name)
    return [EmbeddingSpace(**row) for row in tx.execute(query).mappings()]


def update_space(tx: Transaction, project: str, name: str, **values: Any) -> None:
    """Change columns of a space."""
    own = (embedding_spaces.c.project == project) & (embedding_spaces.c.name == name)
    tx.execute(embedding_spaces.update().where(own).values(**values))


def delete_space(tx: Transaction, project: str, name: str) -> None:
    """Delete a space with its parts and its map."""
    own = (embedding_spaces.c.project == project) & (embedding_spaces.c.name == name)
    tx.execute(embedding_spaces.delete().where(own))
    for table in (embedding_parts, embedding_maps):
        tx.execute(table.delete().where(table.c.project == project, table.c.space == name))


def list_parts(tx: Transaction, project: str, space: str) -> list[EmbeddingPart]:
    """Return the parts of a space in order."""
    table = embedding_parts
    query = table.select().where(table.c.project == project, table.c.space == space)
    names = EmbeddingPart.__dataclass_fields__
    return [
        EmbeddingPart(**{name: row[name] for name in names})
        for row in tx.execute(query.order_by(table.c.position)).mappings()
    ]


def insert_part(tx: Transaction, project: str, space: str, part: EmbeddingPart) -> None:
    """Add a part to a space."""
    values = asdict(part) | {"project": project, "space": space}
    tx.execute(embedding_parts.insert().values(**values))


def replace_map(tx: Transaction, made: EmbeddingMap) -> None:
    """Write the map of a space."""
    table = embedding_maps
    own = (table.c.project == made.project) & (table.c.space == made.space)
    tx.execute(table.delete().where(own))
    tx.execute(table.insert().values(**asdict(made)))


def find_map(tx: Transaction, project: str, space: str) -> EmbeddingMap | None:
    """Return the map of a space."""
    own = (embedding_maps.c.project == project) & (embedding_maps.c.space == space)
    row = tx.execute(embedding_maps.select().where(own)).mappings().first()
    return None if row is None else EmbeddingMap(**row)
