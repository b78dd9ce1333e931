"""Watches over REST, and the address that object stores send their notifications to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.watches import (
    NotificationOut,
    WatchCreate,
    WatchCreated,
    WatchList,
    WatchOut,
    WatchPatch,
    WatchToken,
)
from visionloop.data.watching import watches
from visionloop.data.watching.errors import NotificationInvalid

router = APIRouter(prefix="/api/v1/projects/{project}/watches", tags=["data"])

_MOST_BYTES = 1024 * 1024


@router.get("", response_model=WatchList, operation_id="list_watches", summary="List watches")
def get_watches(project: str, application: ApplicationDep, actor: ActorDep) -> WatchList:
    """List the watched places with what their last looks found."""
    found = watches.list_watches(application.database, actor, project)
    items = [WatchOut.model_validate(item) for item in found]
    return WatchList(items=items, total=len(items))


@router.post(
    "",
    response_model=WatchCreated,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_watch",
    summary="Watch a place",
)
def post_watch(
    project: str, body: WatchCreate, application: ApplicationDep, actor: ActorDep
) -> WatchCreated:
    """Look at a place of a datastore again and again, and take in what is new."""
    request = watches.WatchRequest(**body.model_dump())
    watch, token = watches.create_watch(application.database, actor, project, request)
    return WatchCreated(watch=WatchOut.model_validate(watch), token=token)


@router.get("/{name}", response_model=WatchOut, operation_id="get_watch", summary="Show a watch")
def get_watch(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> WatchOut:
    """Return a watch with what its last look found."""
    return WatchOut.model_validate(watches.get_watch(application.database, actor, project, name))


@router.patch(
    "/{name}",
    response_model=WatchOut,
    operation_id="change_watch",
    summary="Pause or resume a watch",
)
def patch_watch(
    project: str, name: str, body: WatchPatch, application: ApplicationDep, actor: ActorDep
) -> WatchOut:
    """Stop looking, or look again."""
    changed = watches.pause_watch(
        application.database, actor, project, name, is_paused=body.is_paused
    )
    return WatchOut.model_validate(changed)


@router.delete(
    "/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="remove_watch",
    summary="Remove a watch",
)
def delete_watch(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> None:
    """Stop watching; images that were taken in stay."""
    watches.remove_watch(application.database, actor, project, name)


@router.post(
    "/{name}/check",
    response_model=WatchOut,
    operation_id="check_watch",
    summary="Look at a watched place now",
)
def post_check(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> WatchOut:
    """Look at all files within seconds instead of when it is due."""
    changed = watches.hasten_watch(application.database, actor, project, name)
    return WatchOut.model_validate(changed)


@router.post(
    "/{name}/token",
    response_model=WatchToken,
    operation_id="rotate_watch_token",
    summary="Issue a new token for notifications",
)
def post_token(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> WatchToken:
    """Replace the token; notifications with the one before are refused from now on."""
    return WatchToken(token=watches.rotate_token(application.database, actor, project, name))


@router.options("/{name}/events", operation_id="validate_watch_events", include_in_schema=False)
def options_events(
    webhook_request_origin: Annotated[str | None, Header(alias="WebHook-Request-Origin")] = None,
) -> Response:
    """Answer the handshake of CloudEvents; the token is asked for with every event."""
    headers = {"Allow": "POST"}
    if webhook_request_origin:
        headers |= {"WebHook-Allowed-Origin": webhook_request_origin, "WebHook-Allowed-Rate": "*"}
    return Response(status_code=status.HTTP_200_OK, headers=headers)


@router.post(
    "/{name}/events",
    response_model=NotificationOut,
    response_model_exclude_none=True,
    operation_id="notify_watch",
    summary="Take a notification of an object store",
)
async def post_events(
    project: str,
    name: str,
    request: Request,
    *,
    application: ApplicationDep,
    token: Annotated[str, Query(description="Or as header Authorization: Bearer")] = "",
    authorization: Annotated[str, Header()] = "",
) -> NotificationOut:
    """Take events of Event Grid, CloudEvents, EventBridge, SNS, S3 or MinIO; look at once."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise NotificationInvalid(f"it is larger than {_MOST_BYTES >> 20} MiB")
    heard = await run_in_threadpool(
        watches.hear,
        application.database,
        project,
        name,
        token=token or authorization.removeprefix("Bearer").strip(),
        body=bytes(body),
        headers={key.lower(): value for key, value in request.headers.items()},
    )
    return NotificationOut(validationResponse=heard.validation_code, changes=len(heard.changes))
