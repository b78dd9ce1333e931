"""The only SQL of serving: endpoints, deployments and keys, as they are meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.serving.entities import Deployment, Endpoint, EndpointKey
from visionloop.storage.database import Transaction, UtcDateTime, metadata

endpoints = sa.Table(
    "endpoints",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("workspace", sa.String(63), nullable=False),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("port", sa.Integer, nullable=False, unique=True),
    sa.Column("desired_state", sa.String(20), nullable=False),
    sa.Column("log_sample_rate", sa.Float, nullable=False),
    sa.Column("max_body_bytes", sa.BigInteger, nullable=False),
    sa.Column("max_pixels", sa.BigInteger, nullable=False),
    sa.Column("max_in_flight", sa.Integer, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

deployments = sa.Table(
    "deployments",
    metadata,
    sa.Column("endpoint", sa.ForeignKey("endpoints.name"), primary_key=True),
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("model_name", sa.String(200), nullable=False),
    sa.Column("model_version", sa.String(63)),
    sa.Column("model_digest", sa.String(64), nullable=False, index=True),
    sa.Column("weight", sa.Integer, nullable=False),
    sa.Column("mirror", sa.Integer, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

endpoint_keys = sa.Table(
    "endpoint_keys",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("endpoint", sa.ForeignKey("endpoints.name"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("prefix", sa.String(20), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)


def insert_endpoint(tx: Transaction, endpoint: Endpoint) -> None:
    """Insert an endpoint without deployments."""
    values = {column.name: getattr(endpoint, column.name) for column in endpoints.columns}
    tx.execute(endpoints.insert().values(**values))


def update_endpoint(tx: Transaction, name: str, values: Mapping[str, Any]) -> None:
    """Change columns of an endpoint."""
    tx.execute(endpoints.update().where(endpoints.c.name == name).values(**values))


def delete_endpoint(tx: Transaction, name: str) -> None:
    """Delete an endpoint with its deployments and keys."""
    tx.execute(deployments.delete().where(deployments.c.endpoint == name))
    tx.execute(endpoint_keys.delete().where(endpoint_keys.c.endpoint == name))
    tx.execute(endpoints.delete().where(endpoints.c.name == name))


def find_endpoint(tx: Transaction, name: str) -> Endpoint | None:
    """Return an endpoint with its deployments by its name, whatever its project."""
    row = tx.execute(endpoints.select().where(endpoints.c.name == name)).mappings().first()
    return _endpoint(row, list_deployments(tx, name)) if row else None


def list_endpoints(
    tx: Transaction, project: str | None = None, workspace: str | None = None
) -> list[Endpoint]:
    """Return endpoints with their deployments by name; of every project when none is given."""
    query = endpoints.select().order_by(endpoints.c.name)
    if project is not None:
        query = query.where(endpoints.c.project == project)
    if workspace is not None:
        query = query.where(endpoints.c.workspace == workspace)
    rows = list(tx.execute(query).mappings())
    names = [row["name"] for row in rows]
    found: dict[str, list[Deployment]] = {name: [] for name in names}
    chosen = deployments.select().where(deployments.c.endpoint.in_(names))
    for row in tx.execute(chosen.order_by(deployments.c.name)).mappings():
        found[row["endpoint"]].append(Deployment(**row))
    return [_endpoint(row, found[row["name"]]) for row in rows]


def list_ports(tx: Transaction) -> set[int]:
    """Return every port that an endpoint holds."""
    return set(tx.execute(sa.select(endpoints.c.port)).scalars())


def list_deployments(tx: Transaction, endpoint: str) -> list[Deployment]:
    """Return the deployments of an endpoint by name."""
    query = deployments.select().where(deployments.c.endpoint == endpoint)
    return [Deployment(**row) for row in tx.execute(query.order_by(deployments.c.name)).mappings()]


def list_deployed_digests(tx: Transaction) -> set[str]:
    """Return the digest of every package that some deployment uses."""
    return set(tx.execute(sa.select(deployments.c.model_digest).distinct()).scalars())


def insert_deployment(tx: Transaction, deployment: Deployment) -> None:
    """Insert a deployment."""
    tx.execute(deployments.insert().values(**asdict(deployment)))


def update_deployment(tx: Transaction, endpoint: str, name: str, values: Mapping[str, Any]) -> None:
    """Change columns of a deployment."""
    chosen = (deployments.c.endpoint == endpoint) & (deployments.c.name == name)
    tx.execute(deployments.update().where(chosen).values(**values))


def delete_deployment(tx: Transaction, endpoint: str, name: str) -> None:
    """Delete a deployment."""
    chosen = (deployments.c.endpoint == endpoint) & (deployments.c.name == name)
    tx.execute(deployments.delete().where(chosen))


def insert_key(tx: Transaction, key: EndpointKey) -> None:
    """Insert a key."""
    tx.execute(endpoint_keys.insert().values(**asdict(key)))


def list_keys(tx: Transaction, endpoint: str) -> list[EndpointKey]:
    """Return the keys of an endpoint, revoked ones too, in order of their making."""
    query = endpoint_keys.select().where(endpoint_keys.c.endpoint == endpoint)
    rows = tx.execute(query.order_by(endpoint_keys.c.id)).mappings()
    return [EndpointKey(**row) for row in rows]


def revoke_key(tx: Transaction, endpoint: str, key_id: str, at: datetime) -> bool:
    """Mark a key as revoked; tell whether it was valid until now."""
    chosen = (
        (endpoint_keys.c.endpoint == endpoint)
        & (endpoint_keys.c.id == key_id)
        & endpoint_keys.c.revoked_at.is_(None)
    )
    return tx.execute(endpoint_keys.update().where(chosen).values(revoked_at=at)).rowcount > 0


def _endpoint(row: sa.RowMapping, found: list[Deployment]) -> Endpoint:
    return Endpoint(**row, deployments=tuple(found))
