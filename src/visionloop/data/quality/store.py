"""Tables and SQL of quality findings and what was done about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from visionloop.data.quality.entities import Finding, FindingKind, FindingQuery, QualityAction
from visionloop.data.store.indexing import CHUNK
from visionloop.data.store.tables import images, ingest_files
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

quality_findings = sa.Table(
    "quality_findings",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("image_id", sa.String(64)),
    sa.Column("annotation_id", sa.String(40)),
    sa.Column("peer_id", sa.String(64)),
    sa.Column("category", sa.String(200)),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("job_id", sa.String(40), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("updated_by", sa.String(63), nullable=False),
    sa.Index("ix_quality_findings_order", "project", "status", "kind", "score", "id"),
    sa.Index("ix_quality_findings_image", "project", "image_id"),
)

quality_actions = sa.Table(
    "quality_actions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("actor", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("skipped", Json, nullable=False),
    sa.Column("undone_at", UtcDateTime),
    sa.Column("undone_by", sa.String(63)),
    sa.Index("ix_quality_actions_project", "project", "created_at"),
)

# What a later scan renews; the history stays.
_RENEWED = ("severity", "message", "score", "facts", "job_id")


def renew_findings(tx: Transaction, found: Sequence[Finding]) -> int:
    """Insert findings that are new and renew those that are known; tell how many are new.

    What a person decided stays decided; what was gone is open again.
    """
    if not found:
        return 0
    project, table = found[0].project, quality_findings
    known = {item.id: item for item in find_findings(tx, project, [item.id for item in found])}
    new = [item for item in found if item.id not in known]
    if new:
        tx.execute(table.insert(), [asdict(item) for item in new])
    for item in found:
        if item.id in known:
            values = {name: getattr(item, name) for name in _RENEWED}
            if known[item.id].status == "gone":
                values |= {"status": "open", "updated_at": item.updated_at}
            own = (table.c.project == project) & (table.c.id == item.id)
            tx.execute(table.update().where(own).values(**values))
    return len(new)


def retire_findings(
    tx: Transaction, project: str, kinds: Sequence[FindingKind], *, job_id: str, **values: Any
) -> int:
    """Set those open findings of some kinds to "gone" that a scan did not see again."""
    table = quality_findings
    unseen = (
        (table.c.project == project)
        & (table.c.status == "open")
        & table.c.kind.in_(kinds)
        & (table.c.job_id != job_id)
    )
    return tx.execute(table.update().where(unseen).values(status="gone", **values)).rowcount


def find_findings(tx: Transaction, project: str, ids: Sequence[str]) -> list[Finding]:
    """Return those of the findings that exist."""
    found: list[Finding] = []
    for start in range(0, len(ids), CHUNK):
        chosen = quality_findings.c.id.in_(ids[start : start + CHUNK])
        query = quality_findings.select().where(quality_findings.c.project == project, chosen)
        found += [Finding(**row) for row in tx.execute(query).mappings()]
    return found


def list_findings(
    tx: Transaction, project: str, query: FindingQuery, *, limit: int, offset: int
) -> tuple[list[Finding], int]:
    """Return a page of findings, the worst of each kind first, and how many there are in all."""
    conditions = _conditions(project, query)
    table = quality_findings
    total = tx.execute(
        sa.select(sa.func.count()).select_from(table).where(*conditions)
    ).scalar_one()
    order = (table.c.kind, table.c.score.desc(), table.c.id)
    page = table.select().where(*conditions).order_by(*order).limit(limit).offset(offset)
    return [Finding(**row) for row in tx.execute(page).mappings()], total


def count_findings(tx: Transaction, project: str) -> list[tuple[str, str, str, int]]:
    """Return (kind, severity, status, number of findings)."""
    table = quality_findings
    columns = (table.c.kind, table.c.severity, table.c.status)
    query = sa.select(*columns, sa.func.count()).where(table.c.project == project)
    rows = tx.execute(query.group_by(*columns).order_by(*columns))
    return [(kind, severity, status, count) for kind, severity, status, count in rows]


def update_findings(tx: Transaction, project: str, ids: Sequence[str], **values: Any) -> None:
    """Change columns of findings."""
    for start in range(0, len(ids), CHUNK):
        own = quality_findings.c.id.in_(ids[start : start + CHUNK])
        statement = quality_findings.update().where(quality_findings.c.project == project, own)
        tx.execute(statement.values(**values))


def insert_action(tx: Transaction, action: QualityAction) -> None:
    """Keep what was done."""
    tx.execute(quality_actions.insert().values(**asdict(action)))


def find_action(tx: Transaction, project: str, action_id: str) -> QualityAction | None:
    """Return one action."""
    own = (quality_actions.c.project == project) & (quality_actions.c.id == action_id)
    row = tx.execute(quality_actions.select().where(own)).mappings().first()
    return _action(row) if row else None


def list_actions(tx: Transaction, project: str, *, limit: int) -> list[QualityAction]:
    """Return the latest actions, newest first."""
    table = quality_actions
    query = table.select().where(table.c.project == project)
    rows = tx.execute(query.order_by(table.c.created_at.desc(), table.c.id).limit(limit))
    return [_action(row) for row in rows.mappings()]


def end_action(tx: Transaction, action: QualityAction, **values: Any) -> bool:
    """Mark an action as taken back; tell whether it was not yet."""
    table = quality_actions
    own = (table.c.id == action.id) & table.c.undone_at.is_(None)
    return tx.execute(table.update().where(own).values(**values)).rowcount == 1


def list_copies(tx: Transaction, project: str) -> dict[str, list[str]]:
    """Return image id to paths of the images that were ingested from several files."""
    table = ingest_files
    repeated = (
        sa.select(table.c.image_id)
        .where(table.c.project == project)
        .group_by(table.c.image_id)
        .having(sa.func.count() > 1)
    )
    query = sa.select(table.c.image_id, table.c.datastore, table.c.path).where(
        table.c.project == project, table.c.image_id.in_(repeated)
    )
    paths: dict[str, list[str]] = {}
    for image_id, datastore, path in tx.execute(query.order_by(table.c.datastore, table.c.path)):
        paths.setdefault(image_id, []).append(f"{datastore}/{path}")
    return paths


def count_modes(tx: Transaction, project: str) -> dict[str, int]:
    """Count the active images of a project by pixel mode."""
    own = (images.c.project == project) & (images.c.status == "active")
    query = sa.select(images.c.mode, sa.func.count()).where(own).group_by(images.c.mode)
    return {row.mode: int(row[1]) for row in tx.execute(query)}


def _conditions(project: str, query: FindingQuery) -> list[ColumnElement[bool]]:
    wanted = {name: value for name, value in asdict(query).items() if value is not None}
    table = quality_findings
    return [table.c.project == project, *(table.c[name] == wanted[name] for name in wanted)]


def _action(row: Mapping[Any, Any]) -> QualityAction:
    action = QualityAction(**row)
    return replace(action, changes=tuple(action.changes), skipped=tuple(action.skipped))
