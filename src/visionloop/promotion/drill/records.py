"""Drills are kept as evidence: the whole report as a blob, its figures in the event log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Event, Permission
from visionloop.admin.events import list_events, publish
from visionloop.kernel.digests import canonical_json
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

_EVENT = "visionloop.drill.finished"


def record_drill(
    database: Database, blobs: BlobStore, actor: Actor, project: str, report: Mapping[str, Any]
) -> str:
    """Keep the report of a drill and return its digest."""
    require(actor, Permission.ADMINISTER, project)
    digest = blobs.put(canonical_json(report))
    facts = {key: report.get(key) for key in ("shift", "figures", "passed")}
    with database.begin() as tx:
        publish(
            tx,
            type=_EVENT,
            project=project,
            subject=f"drill/{digest[:12]}",
            actor=actor,
            data={"report": digest, **facts},
        )
    return digest


def list_drills(database: Database, actor: Actor, project: str, *, limit: int = 20) -> list[Event]:
    """Return the events of finished drills, newest first."""
    return list_events(database, actor, project, limit=limit, newest_first=True, type_prefix=_EVENT)
