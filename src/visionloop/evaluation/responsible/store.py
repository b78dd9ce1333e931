"""The only SQL of Responsible AI reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from visionloop.storage.database import Transaction, UtcDateTime, metadata

responsible_reports = sa.Table(
    "responsible_reports",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id"), nullable=False, index=True),
    sa.Column("report_digest", sa.String(64), nullable=False),
    sa.Column("card_digest", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class StoredReport:
    """Where a report and its card are kept."""

    id: str
    project: str
    evaluation_id: str
    report_digest: str
    card_digest: str
    created_by: str
    created_at: datetime


def insert_report(tx: Transaction, report: StoredReport) -> None:
    """Store a new report; earlier ones of the same evaluation stay."""
    tx.execute(sa.insert(responsible_reports).values(**asdict(report)))


def find_latest(tx: Transaction, project: str, evaluation_id: str) -> StoredReport | None:
    """Return the newest report of an evaluation, if there is one."""
    table = responsible_reports
    query = (
        sa.select(table)
        .where(table.c.project == project, table.c.evaluation_id == evaluation_id)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else StoredReport(**row._mapping)
