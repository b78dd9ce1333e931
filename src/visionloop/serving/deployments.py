"""Put models behind an endpoint, split its traffic, take models away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.rules import is_allowed
from visionloop.kernel.clock import utc_now
from visionloop.serving import rules, store
from visionloop.serving.endpoints import find_endpoint, get_endpoint
from visionloop.serving.entities import Deployment, DeploymentSpec, Endpoint
from visionloop.serving.errors import (
    DeploymentInUse,
    DeploymentNotFound,
    PackageNotFound,
    PromotionRequired,
    TrafficInvalid,
)
from visionloop.serving.files import write_endpoint_file
from visionloop.serving.packages import ServablePackage, open_package
from visionloop.storage.database import Database, Transaction
from visionloop.storage.home import Home

_GATED = "prod"


@dataclass(frozen=True)
class TrafficSplit:
    """All shares of an endpoint at once, in percent; None leaves the mirrors as they are."""

    weights: Mapping[str, int]
    mirrors: Mapping[str, int] | None = None


def deploy_model(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    spec: DeploymentSpec,
) -> Deployment:
    """Deploy a model package, or change a deployment; doing it twice is doing it once.

    Raises:
        EndpointNotFound: the project has no such endpoint.
        PromotionRequired: it is a production endpoint, and the actor may not go past the gates.
        PackageNotFound: no package with this digest is stored here.
        PackageUnusable: the package is damaged or cannot be served.
        TrafficInvalid: the shares do not make sense.
    """
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    # Pipelines act as the system, after gates and approval; by hand there is no way around them.
    if target.workspace == _GATED and not is_allowed(
        actor, Permission.BYPASS_GATES, project, _GATED
    ):
        raise PromotionRequired(endpoint)
    rules.check_name("deployment", spec.name)
    if spec.mirror is not None and not 0 <= spec.mirror <= 100:
        raise TrafficInvalid(f"{spec.mirror} % cannot be mirrored", {spec.name: spec.mirror})
    folder = home.packages_dir / spec.model_digest
    if not folder.is_dir():
        raise PackageNotFound(spec.model_digest)
    package = open_package(folder)
    with database.begin() as tx:
        deployment = _upsert(tx, actor, find_endpoint(tx, project, endpoint), (spec, package))
    write_endpoint_file(database, home, endpoint)
    return deployment


def set_traffic(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    split: TrafficSplit,
) -> Endpoint:
    """Set every share of an endpoint at once.

    Raises:
        DeploymentNotFound: the split names an unknown deployment.
        TrafficInvalid: the weights do not add up to 100.
    """
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    with database.begin() as tx:
        target = find_endpoint(tx, project, endpoint)
        names = [deployment.name for deployment in target.deployments]
        weights = rules.check_split(split.weights, names, endpoint)
        mirrors = _check_mirrors(split.mirrors, target)
        if _write_shares(tx, target, weights, mirrors):
            _publish(tx, actor, target, "visionloop.traffic.changed", {"weights": weights})
        changed = find_endpoint(tx, project, endpoint)
    write_endpoint_file(database, home, endpoint)
    return changed


def remove_deployment(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str,
    name: str,
) -> bool:
    """Take a deployment away; tell whether it was there.

    Raises:
        DeploymentInUse: it answers live requests beside others.
    """
    target = get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.DEPLOY, project, target.workspace)
    with database.begin() as tx:
        target = find_endpoint(tx, project, endpoint)
        present = {deployment.name: deployment for deployment in target.deployments}
        if name in present:
            if present[name].weight > 0 and len(present) > 1:
                raise DeploymentInUse(endpoint, name, present[name].weight)
            store.delete_deployment(tx, endpoint, name)
            facts = {"deployment": name, "model_digest": present[name].model_digest}
            _publish(tx, actor, target, "visionloop.deployment.removed", facts)
    write_endpoint_file(database, home, endpoint)
    return name in present


def find_deployment(endpoint: Endpoint, name: str) -> Deployment:
    """Return a deployment of an endpoint.

    Raises:
        DeploymentNotFound: there is none of this name.
    """
    for deployment in endpoint.deployments:
        if deployment.name == name:
            return deployment
    raise DeploymentNotFound(endpoint.name, name, [d.name for d in endpoint.deployments])


def list_deployed_digests(database: Database) -> set[str]:
    """Return the digest of every package in use, which must not be deleted."""
    with database.read() as tx:
        return store.list_deployed_digests(tx)


def _upsert(
    tx: Transaction,
    actor: Actor,
    target: Endpoint,
    wanted: tuple[DeploymentSpec, ServablePackage],
) -> Deployment:
    spec, package = wanted
    present = {deployment.name: deployment for deployment in target.deployments}
    old = present.get(spec.name)
    now = utc_now()
    weights = rules.rebalance(
        {name: deployment.weight for name, deployment in present.items()},
        spec.name,
        spec.weight,
    )
    deployment = Deployment(
        name=spec.name,
        endpoint=target.name,
        model_name=package.name,
        model_version=spec.model_version,
        model_digest=spec.model_digest,
        weight=weights[spec.name],
        mirror=spec.mirror if spec.mirror is not None else (old.mirror if old else 0),
        created_by=old.created_by if old else actor.name,
        created_at=old.created_at if old else now,
        updated_at=now,
    )
    if old and _settings(old) == _settings(deployment):
        return old
    if old is None:
        store.insert_deployment(tx, deployment)
    else:
        store.update_deployment(tx, target.name, spec.name, _settings(deployment))
    others = tuple(d for d in target.deployments if d.name != spec.name)
    _write_shares(tx, replace(target, deployments=others), weights, {})
    facts = {"deployment": spec.name, **_settings(deployment), "weights": weights}
    verb = "updated" if old else "created"
    _publish(tx, actor, target, f"visionloop.deployment.{verb}", facts)
    return deployment


def _settings(deployment: Deployment) -> dict[str, str | int | None]:
    return {
        "model_name": deployment.model_name,
        "model_version": deployment.model_version,
        "model_digest": deployment.model_digest,
        "weight": deployment.weight,
        "mirror": deployment.mirror,
    }


def _check_mirrors(mirrors: Mapping[str, int] | None, target: Endpoint) -> dict[str, int]:
    for name, share in (mirrors or {}).items():
        find_deployment(target, name)
        if not 0 <= share <= 100:
            raise TrafficInvalid(f"{share} % cannot be mirrored", {name: share})
    return dict(mirrors or {})


def _write_shares(
    tx: Transaction,
    target: Endpoint,
    weights: Mapping[str, int],
    mirrors: Mapping[str, int],
) -> bool:
    """Write the shares that changed; tell whether any did."""
    changed = False
    for deployment in target.deployments:
        wanted = {
            "weight": weights.get(deployment.name, deployment.weight),
            "mirror": mirrors.get(deployment.name, deployment.mirror),
        }
        if wanted != {"weight": deployment.weight, "mirror": deployment.mirror}:
            values = {**wanted, "updated_at": utc_now()}
            store.update_deployment(tx, target.name, deployment.name, values)
            changed = True
    return changed


def _publish(
    tx: Transaction, actor: Actor, target: Endpoint, kind: str, facts: Mapping[str, object]
) -> None:
    publish(
        tx,
        type=kind,
        project=target.project,
        subject=f"endpoint/{target.name}",
        actor=actor,
        data={"workspace": target.workspace, **facts},
    )
