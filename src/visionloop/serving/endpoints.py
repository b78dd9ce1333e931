"""Create, find, change and delete online endpoints."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.serving import processes, rules, store
from visionloop.serving.entities import Endpoint, EndpointSpec
from visionloop.serving.errors import EndpointExists, EndpointInvalid, EndpointNotFound
from visionloop.serving.files import endpoint_folder, remove_folder, write_endpoint_file
from visionloop.storage.database import Database, Transaction
from visionloop.storage.home import Home

# Below the range from which the kernel hands out ports to outgoing connections, so that a port
# which is kept for an endpoint is still free after a restart.
_PORTS = range(20_000, 32_000)
_STATES = ("running", "stopped")
_LEAST = {"max_body_bytes": 1024, "max_pixels": 1024, "max_in_flight": 1}
_CHANGEABLE = ("desired_state", "log_sample_rate", *_LEAST)


def create_endpoint(
    database: Database, home: Home, actor: Actor, *, project: str, spec: EndpointSpec
) -> Endpoint:
    """Create an endpoint; the supervisor starts its process.

    Creating the same endpoint again returns the one that is there.

    Raises:
        EndpointExists: the name or the port is taken.
        EndpointInvalid: the workspace or the name cannot be used.
    """
    require(actor, Permission.DEPLOY, project, spec.workspace)
    rules.check_name("endpoint", spec.name)
    _check_changes({key: getattr(spec, key) for key in ("log_sample_rate", *_LEAST)})
    workspaces = get_project(database, project).workspaces
    if spec.workspace not in workspaces:
        raise EndpointInvalid("workspace", spec.workspace, " or ".join(workspaces))
    with database.begin() as tx:
        present = store.find_endpoint(tx, spec.name)
        endpoint = _match(present, project, spec) if present else _insert(tx, actor, project, spec)
    write_endpoint_file(database, home, endpoint.name)
    return endpoint


def list_endpoints(
    database: Database, actor: Actor, project: str, *, workspace: str | None = None
) -> list[Endpoint]:
    """Return the endpoints of a project by name."""
    require(actor, Permission.READ, project, workspace or "dev")
    with database.read() as tx:
        return store.list_endpoints(tx, project, workspace)


def get_endpoint(database: Database, actor: Actor, project: str, *, name: str) -> Endpoint:
    """Return one endpoint with its deployments.

    Raises:
        EndpointNotFound: the project has none of this name.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return find_endpoint(tx, project, name)


def update_endpoint(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    name: str,
    changes: Mapping[str, Any],
) -> Endpoint:
    """Change the desired state ("running" or "stopped"), the sampling of the log or the limits.

    Raises:
        EndpointInvalid: another field, or a value out of range.
    """
    endpoint = get_endpoint(database, actor, project, name=name)
    require(actor, Permission.DEPLOY, project, endpoint.workspace)
    _check_changes(changes)
    wanted = {key: value for key, value in changes.items() if getattr(endpoint, key) != value}
    if not wanted:
        return endpoint
    with database.begin() as tx:
        store.update_endpoint(tx, name, {**wanted, "updated_at": utc_now()})
        publish(
            tx,
            type="visionloop.endpoint.updated",
            project=project,
            subject=f"endpoint/{name}",
            actor=actor,
            data=dict(wanted),
        )
        changed = find_endpoint(tx, project, name)
    write_endpoint_file(database, home, name)
    return changed


def delete_endpoint(
    database: Database, home: Home, actor: Actor, *, project: str, name: str
) -> None:
    """Stop an endpoint and forget it; its prediction log is kept.

    Raises:
        EndpointNotFound: the project has none of this name.
    """
    endpoint = get_endpoint(database, actor, project, name=name)
    require(actor, Permission.DEPLOY, project, endpoint.workspace)
    with database.begin() as tx:
        find_endpoint(tx, project, name)
        store.delete_endpoint(tx, name)
        publish(
            tx,
            type="visionloop.endpoint.deleted",
            project=project,
            subject=f"endpoint/{name}",
            actor=actor,
            data={"workspace": endpoint.workspace},
        )
    processes.stop_process(endpoint_folder(home, name))
    remove_folder(home, name)


def find_endpoint(tx: Transaction, project: str, name: str) -> Endpoint:
    """Return an endpoint inside a transaction.

    Raises:
        EndpointNotFound: the project has none of this name.
    """
    endpoint = store.find_endpoint(tx, name)
    if endpoint is None or endpoint.project != project:
        raise EndpointNotFound(project, name)
    return endpoint


def move_to_free_port(database: Database, endpoint: Endpoint) -> Endpoint:
    """Give an endpoint whose process never ran another port, because its own was taken."""
    with database.begin() as tx:
        port = _free_port(tx, endpoint.host)
        store.update_endpoint(tx, endpoint.name, {"port": port, "updated_at": utc_now()})
    return replace(endpoint, port=port)


def is_port_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _match(present: Endpoint, project: str, spec: EndpointSpec) -> Endpoint:
    if present.project != project:
        raise EndpointExists(spec.name, "the name is taken in another project")
    if present.workspace != spec.workspace:
        raise EndpointExists(spec.name, f"it is already in workspace '{present.workspace}'")
    if spec.port not in (None, present.port):
        raise EndpointExists(spec.name, f"it already listens on port {present.port}")
    return present


def _insert(tx: Transaction, actor: Actor, project: str, spec: EndpointSpec) -> Endpoint:
    now = utc_now()
    endpoint = Endpoint(
        id=new_id("endpoint"),
        project=project,
        workspace=spec.workspace,
        name=spec.name,
        host=spec.host,
        port=_requested_port(tx, spec) if spec.port else _free_port(tx, spec.host),
        desired_state="running",
        log_sample_rate=spec.log_sample_rate,
        max_body_bytes=spec.max_body_bytes,
        max_pixels=spec.max_pixels,
        max_in_flight=spec.max_in_flight,
        created_by=actor.name,
        created_at=now,
        updated_at=now,
    )
    store.insert_endpoint(tx, endpoint)
    publish(
        tx,
        type="visionloop.endpoint.created",
        project=project,
        subject=f"endpoint/{endpoint.name}",
        actor=actor,
        data={"workspace": endpoint.workspace, "url": endpoint.url},
    )
    return endpoint


def _requested_port(tx: Transaction, spec: EndpointSpec) -> int:
    port = spec.port or 0
    if port in store.list_ports(tx) or not is_port_free(spec.host, port):
        raise EndpointExists(spec.name, f"port {port} is in use")
    return port


def _free_port(tx: Transaction, host: str) -> int:
    taken = store.list_ports(tx)
    for port in random.sample(_PORTS, 200):
        if port not in taken and is_port_free(host, port):
            return port
    raise EndpointInvalid("host", host, "an address of this machine with a free port")


def _check_changes(changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if key not in _CHANGEABLE:
            raise EndpointInvalid(key, value, "a field that can change: " + ", ".join(_CHANGEABLE))
    if changes.get("desired_state", "running") not in _STATES:
        raise EndpointInvalid("desired_state", changes["desired_state"], " or ".join(_STATES))
    if not 0.0 <= float(changes.get("log_sample_rate", 0.0)) <= 1.0:
        raise EndpointInvalid("log_sample_rate", changes["log_sample_rate"], "0 to 1")
    for key, least in _LEAST.items():
        value = changes.get(key, least)
        if not isinstance(value, int) or value < least:
            raise EndpointInvalid(key, value, f"a whole number from {least}")
