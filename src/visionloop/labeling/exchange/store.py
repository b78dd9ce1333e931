"""The only SQL of exchanges: which image is which there, and when both sides last agreed."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from visionloop.labeling.exchange.entities import ExchangeLink
from visionloop.storage.database import Transaction, UtcDateTime, metadata

label_links = sa.Table(
    "label_links",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("exchange", sa.String(200), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("remote_id", sa.String(100), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("stamp", sa.String(200), nullable=False),
    sa.Column("synced_at", UtcDateTime, nullable=False),
)


def list_links(tx: Transaction, project: str, exchange: str) -> dict[str, ExchangeLink]:
    """Return the links of an exchange, by image."""
    query = label_links.select().where(
        label_links.c.project == project, label_links.c.exchange == exchange
    )
    return {row["image_id"]: ExchangeLink(**row) for row in tx.execute(query).mappings()}


def replace_link(tx: Transaction, link: ExchangeLink) -> None:
    """Write a link, in place of an earlier one."""
    tx.execute(
        label_links.delete().where(
            label_links.c.project == link.project,
            label_links.c.exchange == link.exchange,
            label_links.c.image_id == link.image_id,
        )
    )
    tx.execute(label_links.insert().values(**asdict(link)))
