"""Use cases around Responsible AI reports: keep one, and read it or its card again."""

from __future__ import annotations

import json
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.evaluation.errors import ResponsibleReportNotFound
from visionloop.evaluation.responsible import store
from visionloop.evaluation.responsible.entities import ResponsibleReport
from visionloop.evaluation.responsible.forms import report_to_dict
from visionloop.evaluation.responsible.store import StoredReport
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import canonical_json
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def record_report(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    evaluation_id: str,
    report: ResponsibleReport,
    card: str,
) -> StoredReport:
    """Keep a report of an evaluation with its card."""
    require(actor, Permission.TRAIN, project)
    stored = StoredReport(
        id=new_id("rai"),
        project=project,
        evaluation_id=evaluation_id,
        report_digest=blobs.put(canonical_json(report_to_dict(report))),
        card_digest=blobs.put(card.encode()),
        created_by=actor.name,
        created_at=utc_now(),
    )
    weak = sum(item.gap.is_weak for item in report.cohorts)
    with database.begin() as tx:
        store.insert_report(tx, stored)
        publish(
            tx,
            type="visionloop.responsible_report.recorded",
            project=project,
            subject=f"evaluation/{evaluation_id}",
            actor=actor,
            data={"num_images": report.num_images, "num_weak_cohorts": weak},
        )
    return stored


def read_report(
    database: Database, blobs: BlobStore, actor: Actor, project: str, evaluation_id: str
) -> tuple[StoredReport, dict[str, Any]]:
    """Return the newest report of an evaluation in its JSON form.

    Raises:
        ResponsibleReportNotFound: None was made.
    """
    stored = _find(database, actor, project, evaluation_id)
    return stored, json.loads(blobs.get(stored.report_digest))


def read_card(
    database: Database, blobs: BlobStore, actor: Actor, project: str, evaluation_id: str
) -> str:
    """Return the card of the newest report of an evaluation, one HTML page.

    Raises:
        ResponsibleReportNotFound: None was made.
    """
    return blobs.get(_find(database, actor, project, evaluation_id).card_digest).decode()


def _find(database: Database, actor: Actor, project: str, evaluation_id: str) -> StoredReport:
    require(actor, Permission.READ, project)
    with database.read() as tx:
        stored = store.find_latest(tx, project, evaluation_id)
    if stored is None:
        raise ResponsibleReportNotFound(evaluation_id)
    return stored
