"""Production traffic: to a new version, at once or by canary, and back to the one before."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import SYSTEM, Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.promotion import store
from visionloop.promotion.endpoints import choose_endpoint
from visionloop.promotion.entities import PRODUCTION, Champion, Pipeline, Rollback
from visionloop.promotion.errors import NothingToRollBack
from visionloop.promotion.rules import deployment_name
from visionloop.promotion.subjects import find_champion, find_registered, set_champion
from visionloop.serving.deployments import TrafficSplit, remove_deployment, set_traffic
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.entities import Deployment, Endpoint
from visionloop.storage.database import Database
from visionloop.storage.home import Home


def rollback_production(
    database: Database,
    home: Home,
    actor: Actor,
    *,
    project: str,
    endpoint: str | None = None,
    reason: str = "",
) -> Rollback:
    """Return production to the champion before: a pointer swap, because it is still loaded.

    Args:
        database: Where the promotions are.
        home: Where the endpoint runs.
        actor: Who asks; needs the right to deploy to production.
        project: Name of the project.
        endpoint: None takes the project's production endpoint.
        reason: For the record.

    Raises:
        NothingToRollBack: No promotion that is still live replaced another version.
    """
    require(actor, Permission.DEPLOY, project, PRODUCTION)
    name = choose_endpoint(database, project, PRODUCTION, endpoint)
    target = get_endpoint(database, SYSTEM, project, name=name)
    pipeline = _promoting(database, project, target)
    restored = pipeline.previous if pipeline else None
    if pipeline is None or restored is None or find_named(target, restored.deployment) is None:
        raise NothingToRollBack(project, name)
    rollback = Rollback(
        id=new_id("rollback"),
        project=project,
        endpoint=name,
        restored=restored,
        replaced=Champion(
            pipeline.model, pipeline.version, pipeline.digest, deployment_name(pipeline)
        ),
        reason=reason,
        requested_by=actor.name,
        created_at=utc_now(),
    )
    # The alias moves last: until then a second try after a crash finds the same to do.
    move_traffic(database, home, project=project, endpoint=name, winner=str(restored.deployment))
    set_champion(database, project, restored)
    _record(database, actor, rollback)
    return rollback


def list_rollbacks(
    database: Database, actor: Actor, project: str, *, limit: int = 50, offset: int = 0
) -> tuple[list[Rollback], int]:
    """Return a page of rollbacks, newest first, and how many there are."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_rollbacks(tx, project, limit=limit, offset=offset)


def move_traffic(
    database: Database, home: Home, *, project: str, endpoint: str, winner: str
) -> None:
    """Give all live traffic to one deployment; doing it twice is doing it once."""
    split_traffic(database, home, project=project, endpoint=endpoint, weights={winner: 100})


def split_traffic(
    database: Database, home: Home, *, project: str, endpoint: str, weights: dict[str, int]
) -> None:
    """Give deployments their shares, in percent; those not named get none."""
    split = TrafficSplit(weights)
    set_traffic(database, home, SYSTEM, project=project, endpoint=endpoint, split=split)


def drop_others(
    database: Database, home: Home, *, project: str, endpoint: str, keep: set[str]
) -> list[str]:
    """Take away deployments without traffic, except those to keep; return what went."""
    target = get_endpoint(database, SYSTEM, project, name=endpoint)
    gone = [d.name for d in target.deployments if d.name not in keep and d.weight == 0]
    for name in gone:
        remove_deployment(database, home, SYSTEM, project=project, endpoint=endpoint, name=name)
    return gone


def live_deployment(endpoint: Endpoint) -> Deployment | None:
    """Return the deployment with most of the traffic."""
    live = [deployment for deployment in endpoint.deployments if deployment.weight > 0]
    return max(live, key=lambda deployment: deployment.weight) if live else None


def find_named(endpoint: Endpoint, name: str | None) -> Deployment | None:
    """Return a deployment by name."""
    return next((d for d in endpoint.deployments if d.name == name), None)


def _promoting(database: Database, project: str, target: Endpoint) -> Pipeline | None:
    """Return the promotion that made the present champion and replaced another."""
    live = live_deployment(target)
    if live is None:
        return None
    registered = find_registered(database, project, live.model_digest)
    champion = find_champion(database, project, registered.model) if registered else None
    if champion is None:
        return None
    with database.read() as tx:
        return store.find_promoting(tx, project, champion.digest, target.name)


def _record(database: Database, actor: Actor, rollback: Rollback) -> None:
    with database.begin() as tx:
        store.insert_rollback(tx, rollback)
        publish(
            tx,
            type="visionloop.promotion.rolled_back",
            project=rollback.project,
            subject=f"endpoint/{rollback.endpoint}",
            actor=actor,
            data={
                "restored": rollback.restored.version,
                "replaced": rollback.replaced.version,
                "model": rollback.restored.model,
                "digest": rollback.restored.digest,
                "reason": rollback.reason,
            },
        )
