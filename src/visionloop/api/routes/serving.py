"""Online endpoints: create, deploy, split traffic, issue keys, try an image, look at health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.serving import (
    DeploymentOut,
    DeploymentPut,
    EndpointCreate,
    EndpointHealthOut,
    EndpointList,
    EndpointOut,
    EndpointUpdate,
    KeyCreate,
    KeyIssued,
    KeyList,
    KeyOut,
    LogTail,
    ScoreOut,
    TrafficPut,
)
from visionloop.serving import deployments, endpoints, health, keys, scoring
from visionloop.serving.entities import DeploymentSpec, EndpointSpec

router = APIRouter(prefix="/api/v1/projects/{project}/endpoints", tags=["serving"])

_IMAGE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png")
        },
    }
}


@router.get(
    "",
    response_model=EndpointList,
    operation_id="list_endpoints",
    summary="List the endpoints of a project",
)
def list_endpoints(
    project: str, app: ApplicationDep, actor: ActorDep, workspace: str | None = None
) -> EndpointList:
    """Return every endpoint with its deployments."""
    found = endpoints.list_endpoints(app.database, actor, project, workspace=workspace)
    return EndpointList(items=[EndpointOut.model_validate(e) for e in found], total=len(found))


@router.post(
    "",
    response_model=EndpointOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_endpoint",
    summary="Create an endpoint",
)
def create_endpoint(
    project: str, body: EndpointCreate, app: ApplicationDep, actor: ActorDep
) -> EndpointOut:
    """Create an endpoint; its process starts within seconds."""
    spec = EndpointSpec(**body.model_dump())
    created = endpoints.create_endpoint(app.database, app.home, actor, project=project, spec=spec)
    return EndpointOut.model_validate(created)


@router.get(
    "/{endpoint}",
    response_model=EndpointOut,
    operation_id="get_endpoint",
    summary="Show an endpoint",
)
def get_endpoint(project: str, endpoint: str, app: ApplicationDep, actor: ActorDep) -> EndpointOut:
    """Return one endpoint with its deployments."""
    return EndpointOut.model_validate(
        endpoints.get_endpoint(app.database, actor, project, name=endpoint)
    )


@router.patch(
    "/{endpoint}",
    response_model=EndpointOut,
    operation_id="update_endpoint",
    summary="Start, stop or reconfigure an endpoint",
)
def update_endpoint(
    project: str,
    endpoint: str,
    body: EndpointUpdate,
    app: ApplicationDep,
    actor: ActorDep,
) -> EndpointOut:
    """Change the desired state or the sampling of the prediction log."""
    changed = endpoints.update_endpoint(
        app.database,
        app.home,
        actor,
        project=project,
        name=endpoint,
        changes=body.model_dump(exclude_none=True),
    )
    return EndpointOut.model_validate(changed)


@router.delete(
    "/{endpoint}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="delete_endpoint",
    summary="Delete an endpoint",
)
def delete_endpoint(project: str, endpoint: str, app: ApplicationDep, actor: ActorDep) -> Response:
    """Stop the process and forget the endpoint; its prediction log is kept."""
    endpoints.delete_endpoint(app.database, app.home, actor, project=project, name=endpoint)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.put(
    "/{endpoint}/deployments/{deployment}",
    response_model=DeploymentOut,
    operation_id="deploy_model",
    summary="Deploy a model, or change a deployment",
)
def deploy_model(
    project: str,
    endpoint: str,
    deployment: str,
    *,
    body: DeploymentPut,
    app: ApplicationDep,
    actor: ActorDep,
) -> DeploymentOut:
    """Put a model package behind an endpoint; doing it twice is doing it once."""
    spec = DeploymentSpec(name=deployment, **body.model_dump())
    deployed = deployments.deploy_model(
        app.database, app.home, actor, project=project, endpoint=endpoint, spec=spec
    )
    return DeploymentOut.model_validate(deployed)


@router.delete(
    "/{endpoint}/deployments/{deployment}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="remove_deployment",
    summary="Remove a deployment",
)
def remove_deployment(
    project: str, endpoint: str, deployment: str, app: ApplicationDep, actor: ActorDep
) -> Response:
    """Unload a deployment that receives no live traffic."""
    removed = deployments.remove_deployment(
        app.database, app.home, actor, project=project, endpoint=endpoint, name=deployment
    )
    if not removed:
        target = endpoints.get_endpoint(app.database, actor, project, name=endpoint)
        deployments.find_deployment(target, deployment)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.put(
    "/{endpoint}/traffic",
    response_model=EndpointOut,
    operation_id="set_traffic",
    summary="Split the traffic",
)
def set_traffic(
    project: str, endpoint: str, body: TrafficPut, app: ApplicationDep, actor: ActorDep
) -> EndpointOut:
    """Set every weight at once; they add up to 100."""
    changed = deployments.set_traffic(
        app.database,
        app.home,
        actor,
        project=project,
        endpoint=endpoint,
        split=deployments.TrafficSplit(weights=body.weights, mirrors=body.mirrors),
    )
    return EndpointOut.model_validate(changed)


@router.get(
    "/{endpoint}/keys",
    response_model=KeyList,
    operation_id="list_endpoint_keys",
    summary="List the keys of an endpoint",
)
def list_endpoint_keys(
    project: str, endpoint: str, app: ApplicationDep, actor: ActorDep
) -> KeyList:
    """Return keys without their secrets."""
    found = keys.list_keys(app.database, actor, project=project, endpoint=endpoint)
    return KeyList(items=[KeyOut.model_validate(key) for key in found], total=len(found))


@router.post(
    "/{endpoint}/keys",
    response_model=KeyIssued,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_endpoint_key",
    summary="Issue a key",
)
def create_endpoint_key(
    project: str, endpoint: str, body: KeyCreate, app: ApplicationDep, actor: ActorDep
) -> KeyIssued:
    """Issue a key; from the first one on, clients must present one."""
    issued = keys.create_key(
        app.database,
        app.home,
        actor,
        project=project,
        endpoint=endpoint,
        name=body.name,
    )
    return KeyIssued(key=KeyOut.model_validate(issued.key), secret=issued.secret)


@router.delete(
    "/{endpoint}/keys/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="revoke_endpoint_key",
    summary="Revoke a key",
)
def revoke_endpoint_key(
    project: str, endpoint: str, key_id: str, app: ApplicationDep, actor: ActorDep
) -> Response:
    """Refuse a key from now on."""
    keys.revoke_key(
        app.database, app.home, actor, project=project, endpoint=endpoint, key_id=key_id
    )
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/{endpoint}/score",
    response_model=ScoreOut,
    operation_id="score_image",
    summary="Score one image",
    openapi_extra=_IMAGE_BODY,
)
async def score_image(
    project: str,
    endpoint: str,
    request: Request,
    *,
    app: ApplicationDep,
    actor: ActorDep,
    deployment: Annotated[str | None, Query(description="Force one deployment")] = None,
) -> ScoreOut:
    """Send the body, a JPEG or PNG file, to the endpoint and return its answer."""
    target = await run_in_threadpool(
        endpoints.get_endpoint, app.database, actor, project, name=endpoint
    )
    image = bytearray()
    async for chunk in request.stream():
        image += chunk
        scoring.check_body_size(target, len(image))
    score = await run_in_threadpool(
        scoring.score_image, app.home, target, bytes(image), deployment=deployment
    )
    return ScoreOut.model_validate(score)


@router.get(
    "/{endpoint}/health",
    response_model=EndpointHealthOut,
    operation_id="get_endpoint_health",
    summary="Measure an endpoint",
)
def get_endpoint_health(
    project: str, endpoint: str, app: ApplicationDep, actor: ActorDep
) -> EndpointHealthOut:
    """Ask the endpoint's process for requests per minute, latencies, errors and queue."""
    target = endpoints.get_endpoint(app.database, actor, project, name=endpoint)
    return EndpointHealthOut.model_validate(health.check_endpoint(app.home, target))


@router.post(
    "/{endpoint}/restart",
    response_model=EndpointHealthOut,
    operation_id="restart_endpoint",
    summary="Restart an endpoint's process",
)
def restart_endpoint(
    project: str, endpoint: str, app: ApplicationDep, actor: ActorDep
) -> EndpointHealthOut:
    """Stop the process, draining its requests, and start it again."""
    health.restart_endpoint(app.database, app.home, actor, project=project, name=endpoint)
    target = endpoints.get_endpoint(app.database, actor, project, name=endpoint)
    return EndpointHealthOut.model_validate(health.check_endpoint(app.home, target))


@router.get(
    "/{endpoint}/log",
    response_model=LogTail,
    operation_id="get_endpoint_log",
    summary="Show the end of the process log",
)
def get_endpoint_log(
    project: str,
    endpoint: str,
    app: ApplicationDep,
    actor: ActorDep,
    num_lines: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LogTail:
    """Return the last lines that the endpoint's process wrote."""
    target = endpoints.get_endpoint(app.database, actor, project, name=endpoint)
    return LogTail(lines=health.read_log(app.home, target, num_lines=num_lines))
