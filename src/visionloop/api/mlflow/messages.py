"""What Visionloop keeps, in the words of MLflow's messages; times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visionloop.registry.entities import CatalogEntry, RegisteredModel
from visionloop.training.entities import Experiment, MetricPoint, Run
from visionloop.training.tracking.entities import LoggedModel
from visionloop.training.tracking.views import (
    milliseconds,
    parameters_of,
    status_word,
    tags_of,
)

ARTIFACTS = "mlflow-artifacts:/"


def experiment_message(experiment: Experiment) -> dict[str, Any]:
    """Return an ``Experiment``."""
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "artifact_location": f"{ARTIFACTS}experiments/{experiment.id}",
        "lifecycle_stage": _lifecycle(experiment.deleted_at),
        "creation_time": milliseconds(experiment.created_at),
        "last_update_time": milliseconds(experiment.created_at),
        "tags": pairs(experiment.tags),
    }


def run_message(run: Run, metrics: list[MetricPoint]) -> dict[str, Any]:
    """Return a ``Run`` with the last point of each metric."""
    data = {
        "metrics": [metric_message(point) for point in metrics],
        "params": pairs(parameters_of(run)),
        "tags": pairs(tags_of(run)),
    }
    return {"info": run_info(run), "data": data, "inputs": _inputs(run), "outputs": _outputs(run)}


def run_info(run: Run) -> dict[str, Any]:
    """Return a ``RunInfo``."""
    info = {
        "run_id": run.id,
        "run_uuid": run.id,
        "run_name": run.name,
        "experiment_id": run.experiment_id,
        "user_id": run.created_by,
        "status": status_word(run.status),
        "start_time": milliseconds(run.started_at or run.created_at),
        "artifact_uri": f"{ARTIFACTS}runs/{run.id}",
        "lifecycle_stage": _lifecycle(run.deleted_at),
    }
    if run.ended_at is not None:
        info["end_time"] = milliseconds(run.ended_at)
    return info


def metric_message(point: MetricPoint) -> dict[str, Any]:
    """Return a ``Metric``; NaN is a word, as protocol buffers write it."""
    value: float | str = point.value if point.value == point.value else "NaN"
    time = milliseconds(point.time)
    return {"key": point.key, "value": value, "timestamp": time, "step": point.step}


def logged_model_message(model: LoggedModel) -> dict[str, Any]:
    """Return a ``LoggedModel``."""
    info = {
        "model_id": model.id,
        "experiment_id": model.experiment_id,
        "name": model.name,
        "model_type": model.model_type,
        "status": model.status,
        "creation_timestamp_ms": milliseconds(model.created_at),
        "last_updated_timestamp_ms": milliseconds(model.updated_at),
        "artifact_uri": f"{ARTIFACTS}models/{model.id}",
        "tags": pairs(model.tags),
    }
    if model.run_id is not None:
        info["source_run_id"] = model.run_id
    return {"info": info, "data": {"params": pairs(model.parameters), "metrics": []}}


def model_message(model: RegisteredModel, entries: list[CatalogEntry]) -> dict[str, Any]:
    """Return a ``RegisteredModel``; its latest version is the newest of ``entries``."""
    numbers = {alias: entry.version for entry in entries for alias in entry.aliases}
    newest = sorted(entries, key=lambda entry: entry.version)[-1:]
    changed = [model.created_at, *(entry.changed_at for entry in entries)]
    return {
        "name": model.name,
        "description": model.description,
        "creation_timestamp": milliseconds(model.created_at),
        "last_updated_timestamp": milliseconds(max(changed)),
        "user_id": model.created_by,
        "tags": pairs(model.tags),
        "aliases": [{"alias": name, "version": str(n)} for name, n in sorted(numbers.items())],
        "latest_versions": [version_message(entry) for entry in newest],
    }


def version_message(entry: CatalogEntry) -> dict[str, Any]:
    """Return a ``ModelVersion``; a signed one says so in a tag."""
    tags = {**entry.tags, "visionloop.signed": "true" if entry.is_signed else "false"}
    return {
        "name": entry.model,
        "version": str(entry.version),
        "source": source_of(entry),
        "run_id": entry.run_id or "",
        "status": "READY",
        "current_stage": "None",
        "description": entry.description,
        "user_id": entry.created_by,
        "creation_timestamp": milliseconds(entry.created_at),
        "last_updated_timestamp": milliseconds(entry.changed_at),
        "tags": pairs(tags),
        "aliases": list(entry.aliases),
    }


def source_of(entry: CatalogEntry) -> str:
    """Return where the files of a version are read."""
    return entry.source or f"{ARTIFACTS}packages/{entry.model}/{entry.version}"


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a mapping as a list of {key, value}."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _lifecycle(deleted_at: object) -> str:
    return "active" if deleted_at is None else "deleted"


def _inputs(run: Run) -> dict[str, Any]:
    datasets = [item for item in run.inputs if "dataset" in item]
    models = [item["model_input"] for item in run.inputs if "model_input" in item]
    return {"dataset_inputs": datasets, "model_inputs": models}


def _outputs(run: Run) -> dict[str, Any]:
    return {"model_outputs": [i["model_output"] for i in run.inputs if "model_output" in i]}
