"""MLflow's experiment calls."""

from __future__ import annotations

from typing import Any

from visionloop.api.mlflow.messages import experiment_message
from visionloop.api.mlflow.protocol import CallDep, mlflow_router, paged
from visionloop.training.tracking import experiments
from visionloop.training.tracking.search import matches, parse_filter, parse_orderings, sort_records
from visionloop.training.tracking.views import view_experiment

router = mlflow_router("/api/2.0/mlflow/experiments")


@router.post("/create")
def create(call: CallDep) -> dict[str, Any]:
    """Create an experiment."""
    experiment = experiments.start_experiment(
        *call.where, name=call.fields.text("name"), tags=call.fields.pairs("tags")
    )
    return {"experiment_id": experiment.id}


@router.get("/get")
def get(call: CallDep) -> dict[str, Any]:
    """Return an experiment by id."""
    experiment = experiments.get_experiment(*call.where, call.fields.text("experiment_id"))
    return {"experiment": experiment_message(experiment)}


@router.get("/get-by-name")
def get_by_name(call: CallDep) -> dict[str, Any]:
    """Return an experiment by name."""
    experiment = experiments.get_by_name(*call.where, call.fields.text("experiment_name"))
    return {"experiment": experiment_message(experiment)}


@router.get("/search")
@router.post("/search")
def search(call: CallDep) -> dict[str, Any]:
    """Return a page of the experiments that meet a filter."""
    limit, offset = call.page()
    conditions = parse_filter(call.fields.optional("filter"))
    view_type = call.fields.optional("view_type") or "ACTIVE_ONLY"
    wanted = {"ACTIVE_ONLY": (False,), "DELETED_ONLY": (True,)}.get(view_type, (False, True))
    found = [
        experiment
        for experiment in experiments.list_all(*call.where)
        if (experiment.deleted_at is not None) in wanted
        and matches(view_experiment(experiment), conditions)
    ]
    orderings = parse_orderings(call.fields.texts("order_by"))
    ordered = sort_records(found, orderings, view_experiment)
    return paged("experiments", [experiment_message(item) for item in ordered], limit, offset)


@router.post("/update")
def update(call: CallDep) -> dict[str, Any]:
    """Rename an experiment."""
    experiments.rename_experiment(
        *call.where,
        experiment_id=call.fields.text("experiment_id"),
        name=call.fields.text("new_name"),
    )
    return {}


@router.post("/delete")
def delete(call: CallDep) -> dict[str, Any]:
    """Put an experiment aside."""
    experiments.put_aside_experiment(*call.where, call.fields.text("experiment_id"))
    return {}


@router.post("/restore")
def restore(call: CallDep) -> dict[str, Any]:
    """Bring an experiment back."""
    experiments.restore_experiment(*call.where, call.fields.text("experiment_id"))
    return {}


@router.post("/set-experiment-tag")
def set_tag(call: CallDep) -> dict[str, Any]:
    """Set a tag of an experiment."""
    experiments.tag_experiment(
        *call.where,
        experiment_id=call.fields.text("experiment_id"),
        tags={call.fields.text("key"): call.fields.optional("value") or ""},
    )
    return {}


@router.post("/delete-experiment-tag")
def delete_tag(call: CallDep) -> dict[str, Any]:
    """Take a tag of an experiment away."""
    experiments.untag_experiment(
        *call.where,
        experiment_id=call.fields.text("experiment_id"),
        key=call.fields.text("key"),
    )
    return {}
