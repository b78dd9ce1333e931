"""Experiments as outside code sees them: found by id, renamed, tagged, put aside and restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction
from visionloop.training import store
from visionloop.training.entities import Experiment
from visionloop.training.errors import ExperimentExists, ExperimentNotFound
from visionloop.training.experiments import create_experiment
from visionloop.training.tracking.errors import NameInvalid, TagNotFound
from visionloop.training.tracking.store import all_experiments

DEFAULT = "Default"
"""The experiment that clients name by the id "0" before they choose one."""

_NAME_LIMIT = 120


def start_experiment(
    database: Database, actor: Actor, project: str, *, name: str, tags: Mapping[str, str]
) -> Experiment:
    """Create an experiment with tags.

    Raises:
        NameInvalid: The name is empty or too long.
        ExperimentExists: The name is taken, by one that is put aside too.
    """
    check_name("The name of an experiment", name, _NAME_LIMIT)
    experiment = create_experiment(database, actor, project, name=name)
    return tag_experiment(database, actor, project, experiment_id=experiment.id, tags=tags)


def get_experiment(
    database: Database, actor: Actor, project: str, experiment_id: str
) -> Experiment:
    """Return an experiment by id; "0" means the default one, which is made when first asked for.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        if experiment_id != "0":
            return find(tx, project, experiment_id)
        known = store.find_experiment(tx, project, DEFAULT)
    return known or create_experiment(database, actor, project, name=DEFAULT)


def get_by_name(database: Database, actor: Actor, project: str, name: str) -> Experiment:
    """Return an experiment by name, put aside or not.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        experiment = store.find_experiment(tx, project, name)
    if experiment is None:
        raise ExperimentNotFound(name, project)
    return experiment


def list_all(database: Database, actor: Actor, project: str) -> list[Experiment]:
    """Return every experiment of the project, those put aside too, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return all_experiments(tx, project)


def rename_experiment(
    database: Database, actor: Actor, project: str, *, experiment_id: str, name: str
) -> None:
    """Give an experiment another name.

    Raises:
        ExperimentNotFound: No such experiment in the project.
        ExperimentExists: The name is taken.
        NameInvalid: The name is empty or too long.
    """
    check_name("The name of an experiment", name, _NAME_LIMIT)
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        experiment = find(tx, project, experiment_id)
        taken = store.find_experiment(tx, project, name)
        if taken is not None and taken.id != experiment.id:
            raise ExperimentExists(name, project)
        _change(tx, actor, experiment, "renamed", {"name": name})


def tag_experiment(
    database: Database,
    actor: Actor,
    project: str,
    *,
    experiment_id: str,
    tags: Mapping[str, str],
) -> Experiment:
    """Set tags; others stay.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        experiment = find(tx, project, experiment_id)
        if tags:
            _change(tx, actor, experiment, "tagged", {"tags": {**experiment.tags, **tags}})
        return find(tx, project, experiment_id)


def untag_experiment(
    database: Database, actor: Actor, project: str, *, experiment_id: str, key: str
) -> None:
    """Take a tag away.

    Raises:
        ExperimentNotFound, TagNotFound: There is none.
    """
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        experiment = find(tx, project, experiment_id)
        if key not in experiment.tags:
            raise TagNotFound(f"Experiment {experiment.name!r}", key)
        left = {name: value for name, value in experiment.tags.items() if name != key}
        _change(tx, actor, experiment, "tagged", {"tags": left})


def put_aside_experiment(
    database: Database, actor: Actor, project: str, experiment_id: str
) -> None:
    """Hide an experiment with its runs; nothing is lost, and it can be restored.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    _set_deleted(database, actor, project, experiment_id, deleted=True)


def restore_experiment(database: Database, actor: Actor, project: str, experiment_id: str) -> None:
    """Bring an experiment back.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    _set_deleted(database, actor, project, experiment_id, deleted=False)


def find(tx: Transaction, project: str, experiment_id: str) -> Experiment:
    """Return an experiment by id.

    Raises:
        ExperimentNotFound: No such experiment in the project.
    """
    if experiment_id == "0":
        experiment = store.find_experiment(tx, project, DEFAULT)
    else:
        experiment = store.find_experiment_by_id(tx, project, experiment_id)
    if experiment is None:
        raise ExperimentNotFound(experiment_id, project)
    return experiment


def check_name(what: str, name: str, limit: int) -> None:
    """Refuse an empty or overlong name.

    Raises:
        NameInvalid: It is.
    """
    if not name.strip() or len(name) > limit:
        raise NameInvalid(what, name, limit)


def _set_deleted(
    database: Database, actor: Actor, project: str, experiment_id: str, *, deleted: bool
) -> None:
    require(actor, Permission.TRAIN, project)
    with database.begin() as tx:
        experiment = find(tx, project, experiment_id)
        if (experiment.deleted_at is not None) == deleted:
            return
        verb = "deleted" if deleted else "restored"
        _change(tx, actor, experiment, verb, {"deleted_at": utc_now() if deleted else None})


def _change(
    tx: Transaction, actor: Actor, experiment: Experiment, verb: str, values: dict[str, Any]
) -> None:
    store.update_experiment(tx, experiment.id, **values)
    publish(
        tx,
        type=f"visionloop.experiment.{verb}",
        project=experiment.project,
        subject=f"experiment/{experiment.id}",
        actor=actor,
        data={"name": values.get("name", experiment.name)},
    )
