"""Monitors, their windows, alerts, the review queue, the prediction log and endpoint health."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.monitoring import (
    AlertList,
    AlertSchema,
    EndpointHealthSchema,
    LoggedPredictionList,
    LogSummaryList,
    MonitorCreate,
    MonitorList,
    MonitorSchema,
    MonitorUpdate,
    MonitorWindowList,
    MonitorWindowSchema,
    PerformanceTimeline,
    ReviewBatchSchema,
    ReviewOutcomesSchema,
    ReviewRequest,
    ReviewSelectionList,
    TruthReceipt,
    TruthUpload,
)
from visionloop.monitoring import alerts as alert_cases
from visionloop.monitoring import (
    infrastructure,
    monitors,
    outcomes,
    predictions,
    review,
    windows,
)
from visionloop.monitoring.entities import AlertState, MonitorSettings

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["monitoring"])

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0)]


@router.get(
    "/monitors", response_model=MonitorList, operation_id="list_monitors", summary="List monitors"
)
def list_monitors(application: ApplicationDep, actor: ActorDep, project: str) -> Any:
    """Return the monitors of a project."""
    return _page(monitors.list_monitors(application.database, actor, project))


@router.post(
    "/monitors",
    response_model=MonitorSchema,
    status_code=201,
    operation_id="create_monitor",
    summary="Create a monitor",
)
def create_monitor(
    application: ApplicationDep, actor: ActorDep, project: str, body: MonitorCreate
) -> Any:
    """Watch the predictions of an endpoint."""
    return monitors.create_monitor(
        application.database,
        actor,
        project,
        name=body.name,
        endpoint=body.endpoint,
        deployment=body.deployment,
        is_enabled=body.is_enabled,
        settings=MonitorSettings(**body.settings.model_dump()),
    )


@router.get(
    "/monitors/{name}",
    response_model=MonitorSchema,
    operation_id="get_monitor",
    summary="Get a monitor",
)
def get_monitor(application: ApplicationDep, actor: ActorDep, project: str, name: str) -> Any:
    """Return one monitor."""
    return monitors.get_monitor(application.database, actor, project, name)


@router.patch(
    "/monitors/{name}",
    response_model=MonitorSchema,
    operation_id="update_monitor",
    summary="Change a monitor",
)
def update_monitor(
    application: ApplicationDep, actor: ActorDep, project: str, name: str, body: MonitorUpdate
) -> Any:
    """Change the fields that the body names."""
    changes = body.model_dump(exclude_unset=True)
    if body.settings is not None:
        changes["settings"] = body.settings.model_dump(exclude_unset=True)
    return monitors.update_monitor(application.database, actor, project, name, changes=changes)


@router.post(
    "/monitors/{name}/run",
    response_model=MonitorWindowSchema,
    operation_id="run_monitor",
    summary="Evaluate a monitor now",
)
def run_monitor(application: ApplicationDep, actor: ActorDep, project: str, name: str) -> Any:
    """Evaluate the newest window; without new requests the last window is returned."""
    return windows.run_monitor(
        application.database,
        application.home,
        application.blobs,
        actor,
        project=project,
        monitor=name,
    )


@router.get(
    "/monitors/{name}/windows",
    response_model=MonitorWindowList,
    operation_id="list_monitor_windows",
    summary="List the windows of a monitor",
)
def list_windows(
    application: ApplicationDep,
    actor: ActorDep,
    project: str,
    *,
    name: str,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Return what the monitor found, newest first."""
    items, total = windows.list_windows(
        application.database, actor, project, name, limit=limit, offset=offset
    )
    return {"items": items, "total": total}


@router.get(
    "/monitors/{name}/windows/{window_id}",
    response_model=MonitorWindowSchema,
    operation_id="get_monitor_window",
    summary="Get a window of a monitor",
)
def get_window(
    application: ApplicationDep, actor: ActorDep, project: str, name: str, window_id: str
) -> Any:
    """Return one window with its drifted statistics and most shifted images."""
    return windows.get_window(application.database, actor, project, name, window_id)


@router.get(
    "/monitors/{name}/performance",
    response_model=PerformanceTimeline,
    operation_id="get_performance_timeline",
    summary="Get estimated and audited accuracy over time",
)
def get_performance(
    application: ApplicationDep, actor: ActorDep, project: str, name: str, limit: Limit = 200
) -> Any:
    """Return the performance timeline, oldest first."""
    return _page(
        outcomes.get_performance_timeline(application.database, actor, project, name, limit=limit)
    )


@router.post(
    "/monitors/{name}/review",
    response_model=ReviewBatchSchema,
    operation_id="send_to_review",
    summary="Send the images most likely wrong to the review queue",
)
def send_to_review(
    application: ApplicationDep, actor: ActorDep, project: str, name: str, body: ReviewRequest
) -> Any:
    """Rank, deduplicate and turn production images into labeling tasks."""
    return review.send_to_review(
        application.database,
        application.blobs,
        application.home,
        actor,
        project=project,
        monitor=name,
        budget=body.budget,
        alert_id=body.alert_id,
    )


@router.get(
    "/monitors/{name}/review-selections",
    response_model=ReviewSelectionList,
    operation_id="list_review_selections",
    summary="List images sent to review",
)
def list_review_selections(
    application: ApplicationDep,
    actor: ActorDep,
    project: str,
    *,
    name: str,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Return the review selections of a monitor, newest first."""
    items, total = outcomes.list_selections(
        application.database, actor, project, name, limit=limit, offset=offset
    )
    return {"items": items, "total": total}


@router.get(
    "/monitors/{name}/review-outcomes",
    response_model=ReviewOutcomesSchema,
    operation_id="get_review_outcomes",
    summary="Get hit rate of the review queue and audited accuracy",
)
def get_review_outcomes(
    application: ApplicationDep, actor: ActorDep, project: str, name: str
) -> Any:
    """Return how well the queue finds errors and the true accuracy that audits show."""
    return outcomes.summarise_reviews(application.database, actor, project, name)


@router.get("/alerts", response_model=AlertList, operation_id="list_alerts", summary="List alerts")
def list_alerts(
    application: ApplicationDep,
    actor: ActorDep,
    project: str,
    *,
    state: AlertState | None = None,
    endpoint: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Return the alerts of a project, newest first."""
    items, total = alert_cases.list_alerts(
        application.database,
        actor,
        project,
        state=state,
        endpoint=endpoint,
        limit=limit,
        offset=offset,
    )
    return {"items": items, "total": total}


@router.get(
    "/alerts/{alert_id}",
    response_model=AlertSchema,
    operation_id="get_alert",
    summary="Get an alert",
)
def get_alert(application: ApplicationDep, actor: ActorDep, project: str, alert_id: str) -> Any:
    """Return one alert."""
    return alert_cases.get_alert(application.database, actor, project, alert_id)


@router.post(
    "/alerts/{alert_id}/acknowledge",
    response_model=AlertSchema,
    operation_id="acknowledge_alert",
    summary="Acknowledge an alert",
)
def acknowledge_alert(
    application: ApplicationDep, actor: ActorDep, project: str, alert_id: str
) -> Any:
    """Say that a person is on it."""
    return alert_cases.acknowledge_alert(application.database, actor, project, alert_id)


@router.post(
    "/alerts/{alert_id}/resolve",
    response_model=AlertSchema,
    operation_id="resolve_alert",
    summary="Resolve an alert",
)
def resolve_alert(application: ApplicationDep, actor: ActorDep, project: str, alert_id: str) -> Any:
    """Close an alert."""
    return alert_cases.resolve_alert(application.database, actor, project, alert_id)


@router.get(
    "/prediction-log/{endpoint}",
    response_model=LoggedPredictionList,
    operation_id="list_predictions",
    summary="List logged requests",
)
def list_predictions(
    application: ApplicationDep,
    actor: ActorDep,
    project: str,
    *,
    endpoint: str,
    deployment: str | None = None,
    label: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Return answered requests, newest first."""
    items, total = predictions.list_predictions(
        application.database,
        application.home,
        actor,
        project,
        endpoint,
        deployment=deployment,
        label=label,
        limit=limit,
        offset=offset,
    )
    return {"items": items, "total": total}


@router.get(
    "/prediction-log/{endpoint}/summary",
    response_model=LogSummaryList,
    operation_id="summarise_predictions",
    summary="Summarise the log for each deployment",
)
def summarise_predictions(
    application: ApplicationDep, actor: ActorDep, project: str, endpoint: str
) -> Any:
    """Return counts, labels and latencies for each deployment."""
    return _page(
        predictions.summarise_predictions(
            application.database, application.home, actor, project, endpoint
        )
    )


@router.get(
    "/prediction-log/{endpoint}/images/{image_id}",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}}},
    operation_id="get_logged_image",
    summary="Get a logged image",
)
def get_logged_image(
    application: ApplicationDep, actor: ActorDep, project: str, endpoint: str, image_id: str
) -> Response:
    """Return the bytes of an image that the log kept."""
    data, media_type = predictions.get_logged_image(
        application.database,
        application.home,
        actor,
        project,
        endpoint=endpoint,
        image_id=image_id,
    )
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=media_type, headers=headers)


@router.post(
    "/prediction-log/{endpoint}/truths",
    response_model=TruthReceipt,
    operation_id="record_truths",
    summary="Record ground truth of past requests",
)
def record_truths(
    application: ApplicationDep, actor: ActorDep, project: str, endpoint: str, body: TruthUpload
) -> Any:
    """Join ground truth that arrives late to requests, by request id."""
    return predictions.record_truths(
        application.database,
        application.home,
        actor,
        project,
        endpoint=endpoint,
        labels={item.request_id: item.label for item in body.items},
    )


@router.get(
    "/infrastructure/{endpoint}",
    response_model=EndpointHealthSchema,
    operation_id="get_endpoint_health_history",
    summary="Get the infrastructure view of an endpoint",
)
def get_endpoint_health(
    application: ApplicationDep, actor: ActorDep, project: str, endpoint: str
) -> Any:
    """Return recent checks, traffic and restarts of an endpoint."""
    return infrastructure.get_endpoint_health(
        application.database, application.home, actor, project, endpoint
    )


def _page(items: Any) -> dict[str, Any]:
    return {"items": items, "total": len(items)}
