"""Events: every state change leaves one, written in the same transaction (D13).

The event log is ordered, append-only and names the actor, so it is the audit trail as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visionloop.admin import store
from visionloop.admin.access import require, require_admin
from visionloop.admin.entities import Actor, Event, Permission
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction


def publish(
    tx: Transaction,
    *,
    type: str,
    project: str,
    subject: str,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Append an event to the log inside the transaction of the change it tells of.

    Args:
        tx: The transaction of the change.
        type: ``visionloop.<noun>.<verb past>``: ``visionloop.model_version.registered``.
        project: Name of the project, or ``*`` for the installation.
        subject: What changed, as ``kind/id``.
        actor: Who did it.
        data: JSON-serialisable facts; never secrets.

    Returns:
        The event's number, which orders the log.
    """
    values = {
        "type": type,
        "project": project,
        "subject": subject,
        "time": utc_now(),
        "actor": actor.name,
        "data": dict(data or {}),
    }
    return store.insert_event(tx, values)


def list_events(
    database: Database,
    actor: Actor,
    project: str | None,
    *,
    after: int = 0,
    limit: int = 100,
    newest_first: bool = False,
    type_prefix: str | None = None,
    subjects: Sequence[str] | None = None,
) -> list[Event]:
    """Return events in order from a cursor, or the newest ones.

    Args:
        database: Where the log is.
        actor: Who asks; reading all projects at once takes an administrator.
        project: Name of the project, or None for all.
        after: Number of the last event already seen.
        limit: At most this many.
        newest_first: Newest first instead of in order.
        type_prefix: Only types that begin so.
        subjects: Only of these, such as ``image/ID``.
    """
    if project is None:
        require_admin(actor)
    else:
        require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_events(
            tx,
            project=project,
            after=after,
            limit=limit,
            newest_first=newest_first,
            type_prefix=type_prefix,
            subjects=subjects,
        )
