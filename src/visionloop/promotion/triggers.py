"""Registration starts a promotion, exactly once for each package digest."""

from __future__ import annotations

import logging
from datetime import timedelta

from visionloop.admin import store as admin_store
from visionloop.admin.entities import SYSTEM, Actor, Event
from visionloop.admin.events import list_events, publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import VisionloopError
from visionloop.promotion import store
from visionloop.promotion.entities import Pipeline, Trigger
from visionloop.promotion.pipelines import draft_pipeline, insert_pipeline, start_workflow
from visionloop.promotion.subjects import find_digest
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine

_CURSOR = "registrations"
_REGISTERED = "visionloop.model_version.registered"
_REFUSED = "visionloop.promotion.refused"
_BATCH = 500
_SETTLED_AFTER = timedelta(seconds=60)
_log = logging.getLogger(__name__)


def start_for_registrations(database: Database, engine: Engine) -> int:
    """Start a promotion for every registration that has had none; return how many were looked at.

    It follows the event log with a cursor that stays a minute behind, because the events of
    transactions that run at the same time appear out of order. Looking at one twice is harmless.
    """
    with database.read() as tx:
        cursor = store.read_cursor(tx, _CURSOR)
    events = _read(database, cursor, _REGISTERED)
    refused = {event.data.get("registration") for event in _read(database, cursor, _REFUSED)}
    for event in events:
        if event.id not in refused:
            _start(database, engine, event)
    _advance(database, cursor, events)
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
    with database.read() as tx:
        if store.has_pipeline(tx, project, digest):
            return None
    draft = draft_pipeline(database, actor, project, subject, Trigger.REGISTRATION)
    with database.begin() as tx:
        if store.has_pipeline(tx, project, digest):
            return None
        insert_pipeline(tx, actor, draft)
    start_workflow(engine, draft.id)
    return draft


def _read(database: Database, cursor: int, kind: str) -> list[Event]:
    return list_events(database, SYSTEM, None, after=cursor, limit=_BATCH, type_prefix=kind)


def _advance(database: Database, cursor: int, events: list[Event]) -> None:
    """Move the cursor past what is settled, but not past a registration still to be seen."""
    following = list_events(database, SYSTEM, None, after=cursor, limit=_BATCH)
    settled_before = utc_now() - _SETTLED_AFTER
    last = events[-1].id if len(events) == _BATCH else None
    settled = [
        event.id
        for event in following
        if event.time < settled_before and (last is None or event.id <= last)
    ]
    if settled:
        with database.begin() as tx:
            store.write_cursor(tx, _CURSOR, settled[-1])


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
                type=_REFUSED,
                project=event.project,
                subject=event.subject,
                actor=SYSTEM,
                data={
                    "model": model,
                    "version": version,
                    "registration": event.id,
                    "reason": error.message,
                },
            )


def _actor_of(database: Database, event: Event) -> Actor:
    with database.read() as tx:
        user = admin_store.find_user(tx, name=event.actor)
    return Actor(user.id, user.name) if user else Actor(event.actor, event.actor)
