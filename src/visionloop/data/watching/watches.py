"""Make, change and remove watches, and hear what stores tell of them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import SYSTEM, Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.data.connections.addresses import parse_address
from visionloop.data.connections.network import HostUnknown, guarded_client
from visionloop.data.datastores import get_datastore
from visionloop.data.entities import Watch
from visionloop.data.ingest import check_request
from visionloop.data.store import datastores as datastore_store
from visionloop.data.store import watches as store
from visionloop.data.watching.entities import Notification
from visionloop.data.watching.errors import (
    NotificationInvalid,
    WatchExists,
    WatchInvalid,
    WatchNotFound,
    WatchTokenRefused,
)
from visionloop.data.watching.notifications import parse_notification
from visionloop.data.watching.rules import LEAST_EVERY_S, MOST_EVERY_S, concerns
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.database import Database, Transaction

_TOKEN_BYTES: Final = 24


@dataclass(frozen=True)
class WatchRequest:
    """A watch to make; the fields are those of ``Watch``."""

    name: str
    datastore: str
    path: str = ""
    every_s: int = 60
    ascending: bool = False
    ingest: Mapping[str, Any] = field(default_factory=dict)
    queue: str | None = None


def create_watch(
    database: Database, actor: Actor, project: str, request: WatchRequest
) -> tuple[Watch, str]:
    """Watch a place of a datastore; what lies there already is taken in by the first look.

    Returns:
        The watch, and the token that notifications must bring, which is shown this once.

    Raises:
        BadName, WatchInvalid, IngestInvalid: the request makes no sense.
        DatastoreNotFound: there is nothing to watch.
        WatchExists: the name is taken.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(request.name):
        raise BadName("watch", request.name)
    if not LEAST_EVERY_S <= request.every_s <= MOST_EVERY_S:
        limits = f"{LEAST_EVERY_S} to {MOST_EVERY_S}"
        raise WatchInvalid(f"it must look every {limits} seconds, not {request.every_s}")
    get_datastore(database, actor, project, request.datastore)
    path = request.path.strip("/")
    check_request({**request.ingest, "datastore": request.datastore, "path": path})
    now = utc_now()
    watch = Watch(
        project=project,
        **vars(replace(request, path=path, ingest=dict(request.ingest))),
        is_paused=False,
        created_by=actor.name,
        created_at=now,
        due_at=now,
    )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with database.begin() as tx:
        if store.find_watch(tx, project, request.name) is not None:
            raise WatchExists(project, request.name)
        store.insert_watch(tx, watch, _hash(token))
        _tell(tx, actor, watch, "created")
    return watch, token


def list_watches(database: Database, actor: Actor, project: str) -> list[Watch]:
    """Return the watches of a project by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_watches(tx, project)


def get_watch(database: Database, actor: Actor, project: str, name: str) -> Watch:
    """Return one watch with what its last look found.

    Raises:
        WatchNotFound: the project has none of this name.
    """
    found = {watch.name: watch for watch in list_watches(database, actor, project)}
    if name not in found:
        raise WatchNotFound(project, name, sorted(found))
    return found[name]


def pause_watch(
    database: Database, actor: Actor, project: str, name: str, *, is_paused: bool
) -> Watch:
    """Stop looking, or look again from now on."""
    verb = "paused" if is_paused else "resumed"
    return _change(database, actor, project, name, verb=verb, is_paused=is_paused, due_at=utc_now())


def hasten_watch(database: Database, actor: Actor, project: str, name: str) -> Watch:
    """Look within seconds, and at all files."""
    values = {"due_at": utc_now(), "swept_at": None}
    return _change(database, actor, project, name, verb=None, **values)


def rotate_token(database: Database, actor: Actor, project: str, name: str) -> str:
    """Issue a new token for notifications; the one before no longer holds."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    _change(database, actor, project, name, verb="token_rotated", token_sha256=_hash(token))
    return token


def remove_watch(database: Database, actor: Actor, project: str, name: str) -> None:
    """Stop watching; images that were taken in stay."""
    require(actor, Permission.MANAGE_DATA, project)
    watch = get_watch(database, actor, project, name)
    with database.begin() as tx:
        store.delete_watch(tx, project, name)
        _tell(tx, actor, watch, "removed")


def hear(
    database: Database, project: str, name: str, *, token: str, body: bytes,
    headers: Mapping[str, str],
) -> Notification:  # fmt: skip
    """Take a notification of a store: the watch looks at once if the change concerns it.

    Hearing the same twice changes nothing. Only the token authorises; it can do no more than
    bring the next look forward.

    Raises:
        WatchTokenRefused: the token does not fit, or there is no such watch.
        NotificationInvalid: not understood.
    """
    with database.read() as tx:
        expected = store.find_token(tx, project, name) or ""
        watch = store.find_watch(tx, project, name)
        known = {item.name: item for item in datastore_store.list_datastores(tx, project)}
    if not hmac.compare_digest(expected, _hash(token)) or watch is None:
        raise WatchTokenRefused
    notification = parse_notification(body, headers)
    if notification.confirmation_url is not None:
        _confirm(notification.confirmation_url)
    datastore = known.get(watch.datastore)
    if datastore is None:
        return notification
    address = parse_address(datastore.url)
    near = [change for change in notification.changes if concerns(change, address, watch.path)]
    now = utc_now()
    if near and watch.due_at > now:
        # What was deleted or overwritten shows in a full listing only.
        behind = all(
            change.action == "created" and change.path > (watch.cursor or "") for change in near
        )
        again = {} if behind else {"swept_at": None}
        with database.begin() as tx:
            store.update_watch(tx, project, name, due_at=now, **again)
    return replace(notification, changes=tuple(near))


def _confirm(url: str) -> None:
    import httpx

    try:
        with guarded_client(allow_private=False) as client:
            client.get(url).raise_for_status()
    except (httpx.HTTPError, HostUnknown) as error:
        raise NotificationInvalid(f"the subscription cannot be confirmed ({error})") from error


def _change(
    database: Database, actor: Actor, project: str, name: str, *, verb: str | None, **values: Any
) -> Watch:
    require(actor, Permission.MANAGE_DATA, project)
    watch = get_watch(database, actor, project, name)
    with database.begin() as tx:
        store.update_watch(tx, project, name, **values)
        if verb is not None:
            _tell(tx, actor, watch, verb)
    return get_watch(database, SYSTEM, project, name)


def _tell(tx: Transaction, actor: Actor, watch: Watch, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.watch.{verb}",
        project=watch.project,
        subject=f"watch/{watch.name}",
        actor=actor,
        data={"datastore": watch.datastore, "path": watch.path, "queue": watch.queue},
    )


def _hash(token: str) -> str:
    return sha256_bytes(token.encode())
