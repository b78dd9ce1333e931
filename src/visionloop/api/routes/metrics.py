"""Prometheus metrics over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from visionloop.admin.access import require_operator
from visionloop.api.dependencies import ActorDep

router = APIRouter(prefix="/api/v1/metrics", tags=["compute"])


@router.get(
    "",
    operation_id="get_metrics",
    summary="Get Prometheus metrics",
    response_class=PlainTextResponse,
)
def get_metrics(request: Request, actor: ActorDep) -> PlainTextResponse:
    """Return metrics of the control plane; Prometheus sends a token of a service account."""
    require_operator(actor)
    return PlainTextResponse(request.app.state.metrics.expose(), media_type=CONTENT_TYPE_LATEST)
