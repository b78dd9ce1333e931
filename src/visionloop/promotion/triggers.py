"""Registration starts a promotion, exactly once for each package digest."""

from __future__ import annotations

import logging

from visionloop.admin import store as admin_store
from visionloop.admin.entities import SYSTEM, Actor, Event
from visionloop.admin.events import list_events, publish
from visionloop.kernel.errors import VisionloopError
from visionloop.promotion import store
from visionloop.promotion.entities import Pipeline, Trigger
from visionloop.promotion.pipelines import draft_pipeline, insert_pipeline, start_workflow
from visionloop.promotion.subjects import find_digest
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine

_CURSOR = "registrations"
_EVENT = "visionloop.model_version.registered"
_BATCH = 100
_log = logging.getLogger(__name__)


def start_for_registrations(database: Database, engine: Engine) -> int:
    """Start a promotion for every registration since the last look; return how many were seen.

    It follows the event log with a cursor, so a registration is neither missed, whichever
    process made it and whatever crashed then, nor taken twice.
    """
    with database.read() as tx:
        cursor = store.read_cursor(tx, _CURSOR)
    events = list_events(database, SYSTEM, None, after=cursor, limit=_BATCH, type_prefix=_EVENT)
    for event in events:
        _start(database, engine, event)
        with database.begin() as tx:
            store.write_cursor(tx, _CURSOR, event.id)
    return len(events)


def on_model_version_registered(
    database: Database,
    engine: Engine,
    actor: Actor,
    *,
    project: str,
    model: str,
    version: int,
) -> Pipeline | None:
    """Start the promotion of a version that was just registered.

    Args:
        database: Where the version is.
        engine: Runs the promotion.
        actor: Who registered it, and so may not approve it.
        project: Name of the project.
        model: Name of the model.
        version: Number of the version.

    Returns:
        The pipeline, or None when this digest had its promotion before.
    """
    digest = find_digest(database, project, model, version)
    subject = (model, version, digest)
    draft = draft_pipeline(database, actor, project, subject, Trigger.REGISTRATION)
    with database.begin() as tx:
        if store.find_by_registration(tx, project, digest) is not None:
            return None
        if store.find_active(tx, project, model, version) is not None:
            return None
        insert_pipeline(tx, actor, draft)
    start_workflow(engine, draft.id)
    return draft


def _start(database: Database, engine: Engine, event: Event) -> None:
    model, version = str(event.data["model"]), int(event.data["version"])
    try:
        on_model_version_registered(
            database,
            engine,
            _actor_of(database, event),
            project=event.project,
            model=model,
            version=version,
        )
    except VisionloopError as error:
        # Nobody waits for an answer here, so the reason goes where people look: the event log.
        _log.warning("no promotion for %s version %d: %s", model, version, error.message)
        with database.begin() as tx:
            publish(
                tx,
                type="visionloop.promotion.refused",
                project=event.project,
                subject=event.subject,
                actor=SYSTEM,
                data={"model": model, "version": version, "reason": error.message},
            )


def _actor_of(database: Database, event: Event) -> Actor:
    with database.read() as tx:
        user = admin_store.find_user(tx, name=event.actor)
    return Actor(user.id, user.name) if user else Actor(event.actor, event.actor)
