"""How runs and experiments look to a search: groups of facts, times in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from visionloop.training.entities import Experiment, Run, RunStatus
from visionloop.training.tracking.entities import LoggedModel
from visionloop.training.tracking.search import Record

_STATUS = {
    RunStatus.SCHEDULED: "SCHEDULED",
    RunStatus.RUNNING: "RUNNING",
    RunStatus.FINISHED: "FINISHED",
    RunStatus.FAILED: "FAILED",
    RunStatus.CANCELLED: "KILLED",
}
_STATUS_OF = {word: status for status, word in _STATUS.items()}


def status_word(status: RunStatus) -> str:
    """Return MLflow's word for a status."""
    return _STATUS[status]


def status_of(word: str) -> RunStatus | None:
    """Return the status that MLflow's word means, None where it means none."""
    return _STATUS_OF.get(word)


def milliseconds(time: datetime | None) -> int | None:
    """Return a time as milliseconds since 1970, as MLflow's clients count."""
    return None if time is None else round(time.timestamp() * 1000)


def parameters_of(run: Run) -> dict[str, str]:
    """Return the parameters as text, as MLflow's clients know them."""
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in run.parameters.items()
    }


def tags_of(run: Run) -> dict[str, str]:
    """Return the tags of a run, and what Visionloop knows of it under names of its own."""
    facts = {
        "mlflow.runName": run.name,
        "mlflow.user": run.created_by,
        "visionloop.recipe": run.recipe,
        "visionloop.dataset_version": run.dataset_version,
        "visionloop.evaluation_id": run.evaluation_id,
        "visionloop.error": run.error,
    }
    return {key: value for key, value in facts.items() if value} | dict(run.tags)


def view_run(run: Run) -> Record:
    """Return the facts that conditions and orders of runs name."""
    attributes: dict[str, Any] = {
        "run_id": run.id,
        "run_name": run.name,
        "Run name": run.name,
        "experiment_id": run.experiment_id,
        "status": status_word(run.status),
        "user_id": run.created_by,
        "start_time": milliseconds(run.started_at or run.created_at),
        "created": milliseconds(run.created_at),
        "end_time": milliseconds(run.ended_at),
    }
    return {
        "metrics": run.metrics,
        "params": parameters_of(run),
        "tags": tags_of(run),
        "attributes": attributes,
    }


def view_experiment(experiment: Experiment) -> Record:
    """Return the facts that conditions and orders of experiments name."""
    return _view(
        experiment.tags,
        experiment_id=experiment.id,
        name=experiment.name,
        creation_time=milliseconds(experiment.created_at),
        last_update_time=milliseconds(experiment.created_at),
    )


def view_logged_model(model: LoggedModel) -> Record:
    """Return the facts that conditions and orders of logged models name."""
    view = _view(
        model.tags,
        model_id=model.id,
        name=model.name,
        model_type=model.model_type,
        status=model.status,
        source_run_id=model.run_id,
        experiment_id=model.experiment_id,
        creation_time=milliseconds(model.created_at),
        creation_timestamp=milliseconds(model.created_at),
        last_updated_timestamp=milliseconds(model.updated_at),
    )
    return {**view, "params": model.parameters}


def _view(tags: Mapping[str, str], **attributes: Any) -> Record:
    return {"tags": tags, "attributes": attributes}
