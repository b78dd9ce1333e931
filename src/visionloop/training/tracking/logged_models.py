"""Models that outside code logs: created, filled with files, finalised, found and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database, Transaction
from visionloop.training.tracking import store
from visionloop.training.tracking.entities import LoggedModel
from visionloop.training.tracking.errors import ModelUnknown, TagNotFound
from visionloop.training.tracking.experiments import check_name, find

PENDING = "LOGGED_MODEL_PENDING"


@dataclass(frozen=True)
class ModelDraft:
    """What is known of a model before its files arrive."""

    experiment_id: str
    name: str | None = None
    run_id: str | None = None
    model_type: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def create_logged_model(
    database: Database, actor: Actor, project: str, draft: ModelDraft
) -> LoggedModel:
    """Create a model that waits for its files.

    Raises:
        ExperimentNotFound: No such experiment in the project.
        NameInvalid: The name is too long.
    """
    require(actor, Permission.TRAIN, project)
    model_id, now = new_id("m"), utc_now()
    name = draft.name or model_id
    check_name("The name of a model", name, 250)
    with database.begin() as tx:
        model = LoggedModel(
            id=model_id,
            project=project,
            experiment_id=find(tx, project, draft.experiment_id).id,
            run_id=draft.run_id,
            name=name,
            model_type=draft.model_type,
            status=PENDING,
            parameters=dict(draft.parameters),
            tags=dict(draft.tags),
            created_by=actor.name,
            created_at=now,
            updated_at=now,
        )
        store.insert_logged_model(tx, model)
        _publish(tx, actor, model, "logged")
    return model


def get_logged_model(database: Database, actor: Actor, project: str, model_id: str) -> LoggedModel:
    """Return a logged model.

    Raises:
        ModelUnknown: No such model in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return find_model(tx, project, model_id)


def list_logged_models(
    database: Database, actor: Actor, project: str, experiment_ids: Sequence[str]
) -> list[LoggedModel]:
    """Return the models of some experiments, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_logged_models(tx, project, experiment_ids)


def finalize_logged_model(
    database: Database, actor: Actor, project: str, *, model_id: str, status: str
) -> LoggedModel:
    """Say that the files of a model have arrived, or that they have not.

    Raises:
        ModelUnknown: No such model in the project.
    """
    return _change(database, actor, project, model_id, verb="finalized", status=status)


def add_facts(
    database: Database,
    actor: Actor,
    project: str,
    *,
    model_id: str,
    parameters: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> LoggedModel:
    """Add parameters or tags.

    Raises:
        ModelUnknown: No such model in the project.
    """
    model = get_logged_model(database, actor, project, model_id)
    return _change(
        database,
        actor,
        project,
        model_id,
        parameters={**model.parameters, **(parameters or {})},
        tags={**model.tags, **(tags or {})},
    )


def untag_logged_model(
    database: Database, actor: Actor, project: str, *, model_id: str, key: str
) -> LoggedModel:
    """Take a tag away.

    Raises:
        ModelUnknown, TagNotFound: There is none.
    """
    model = get_logged_model(database, actor, project, model_id)
    if key not in model.tags:
        raise TagNotFound(f"Logged model {model_id}", key)
    left = {name: value for name, value in model.tags.items() if name != key}
    return _change(database, actor, project, model_id, tags=left)


def delete_logged_model(database: Database, actor: Actor, project: str, model_id: str) -> None:
    """Delete a logged model; versions registered from it keep their files.

    Raises:
        ModelUnknown: No such model in the project.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        model = find_model(tx, project, model_id)
        store.update_logged_model(tx, model_id, deleted_at=utc_now())
        _publish(tx, actor, model, "deleted")


def find_model(tx: Transaction, project: str, model_id: str) -> LoggedModel:
    """Return a logged model.

    Raises:
        ModelUnknown: No such model in the project.
    """
    model = store.find_logged_model(tx, project, model_id)
    if model is None:
        raise ModelUnknown(model_id, project)
    return model


def _change(
    database: Database,
    actor: Actor,
    project: str,
    model_id: str,
    *,
    verb: str | None = None,
    **values: Any,
) -> LoggedModel:
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        model = find_model(tx, project, model_id)
        store.update_logged_model(tx, model_id, updated_at=utc_now(), **values)
        if verb is not None:
            _publish(tx, actor, model, verb)
        return find_model(tx, project, model_id)


def _publish(tx: Transaction, actor: Actor, model: LoggedModel, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.logged_model.{verb}",
        project=model.project,
        subject=f"logged_model/{model.id}",
        actor=actor,
        data={"name": model.name, "run_id": model.run_id},
    )
