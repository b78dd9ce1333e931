"""Look at findings: list, count, one by one."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.quality import store
from visionloop.data.quality.entities import Finding, FindingQuery, QualityAction
from visionloop.data.quality.errors import FindingNotFound
from visionloop.storage.database import Database


def list_findings(
    database: Database,
    actor: Actor,
    project: str,
    query: FindingQuery | None = None,
    *,
    limit: int = 60,
    offset: int = 0,
) -> tuple[list[Finding], int]:
    """Return a page of findings, the worst of each kind first, and how many there are."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_findings(tx, project, query or FindingQuery(), limit=limit, offset=offset)


def get_finding(database: Database, actor: Actor, project: str, finding_id: str) -> Finding:
    """Return one finding.

    Raises:
        FindingNotFound: the project has no such finding.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        found = store.find_findings(tx, project, [finding_id])
    if not found:
        raise FindingNotFound(project, finding_id)
    return found[0]


def count_findings(
    database: Database, actor: Actor, project: str
) -> list[tuple[str, str, str, int]]:
    """Return (kind, severity, status, number of findings)."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.count_findings(tx, project)


def list_actions(
    database: Database, actor: Actor, project: str, *, limit: int = 50
) -> list[QualityAction]:
    """Return what was done about findings, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_actions(tx, project, limit=limit)
