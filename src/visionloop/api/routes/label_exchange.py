"""Exchange of labels with other tools over REST."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.admin.projects import read_project
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.label_exchange import (
    ExchangeList,
    ExchangeReportOut,
    ExchangeSync,
    RefusedLabels,
)
from visionloop.labeling.exchange.errors import ExchangeUnknown
from visionloop.labeling.exchange.ports import ExchangeOptions
from visionloop.labeling.exchange.syncing import SyncTarget, sync_labels

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.get(
    "/exchanges",
    response_model=ExchangeList,
    operation_id="list_label_exchanges",
    summary="List tools to exchange labels with",
)
def get_exchanges(project: str, application: ApplicationDep, actor: ActorDep) -> ExchangeList:
    """Return built-ins and plugins by name."""
    read_project(application.database, actor, project)
    names = sorted(application.exchanges)
    return ExchangeList(items=names, total=len(names))


@router.post(
    "/exchanges/sync",
    response_model=ExchangeReportOut,
    operation_id="sync_labels",
    summary="Exchange labels with another tool",
)
def post_sync(
    project: str, body: ExchangeSync, application: ApplicationDep, actor: ActorDep
) -> ExchangeReportOut:
    """Send images and labels that are new here, take labels that are new there."""
    owner = read_project(application.database, actor, project)
    if body.exchange not in application.exchanges:
        raise ExchangeUnknown(body.exchange, list(application.exchanges))
    options = ExchangeOptions(
        url=body.url,
        token=body.token.get_secret_value(),
        remote_project=body.remote_project,
        classes=owner.classes,
    )
    name = f"{body.exchange} {body.remote_project} at {body.url.rstrip('/')}"
    exchange = application.exchanges[body.exchange](options)
    try:
        report = sync_labels(
            application.database,
            application.blobs,
            actor,
            SyncTarget(project, body.queue, name[:200]),
            exchange,
        )
    finally:
        exchange.close()
    refused = [RefusedLabels(image_id=image, reason=why) for image, why in report.refused]
    return ExchangeReportOut(**(vars(report) | {"refused": refused}))
