"""Keys with which clients of an endpoint prove that they may ask."""

from __future__ import annotations

import secrets

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.ids import new_id
from visionloop.serving import store
from visionloop.serving.endpoints import find_endpoint, get_endpoint
from visionloop.serving.entities import EndpointKey, IssuedKey
from visionloop.serving.errors import KeyNotFound
from visionloop.serving.files import write_endpoint_file
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_PREFIX_LENGTH = 8


def create_key(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    name: str,
) -> IssuedKey:
    """Issue a key; the secret is in the answer and nowhere else."""
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    secret = f"vle_{secrets.token_urlsafe(32)}"
    key = EndpointKey(
        id=new_id("key"),
        endpoint=endpoint,
        name=name,
        prefix=secret[:_PREFIX_LENGTH],
        sha256=sha256_bytes(secret.encode()),
        created_by=actor.name,
        created_at=utc_now(),
    )
    with database.begin() as tx:
        find_endpoint(tx, project, endpoint)
        store.insert_key(tx, key)
        publish(
            tx,
            type="visionloop.endpoint_key.created",
            project=project,
            subject=f"endpoint/{endpoint}",
            actor=actor,
            data={"key": key.id, "name": name},
        )
    write_endpoint_file(database, home, endpoint)
    return IssuedKey(key=key, secret=secret)


def list_keys(
    database: Database, actor: Actor, *, project: str, endpoint: str
) -> list[EndpointKey]:
    """Return the keys of an endpoint, revoked ones too."""
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    with database.read() as tx:
        return store.list_keys(tx, endpoint)


def revoke_key(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    key_id: str,
) -> None:
    """Refuse a key from now on; revoking it again changes nothing.

    Raises:
        KeyNotFound: the endpoint has no such key.
    """
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    with database.begin() as tx:
        if key_id not in {key.id for key in store.list_keys(tx, endpoint)}:
            raise KeyNotFound(endpoint, key_id)
        if store.revoke_key(tx, endpoint, key_id, utc_now()):
            publish(
                tx,
                type="visionloop.endpoint_key.revoked",
                project=project,
                subject=f"endpoint/{endpoint}",
                actor=actor,
                data={"key": key_id},
            )
    write_endpoint_file(database, home, endpoint)
