"""MLflow's logged model calls."""

from __future__ import annotations

from typing import Any

from visionloop.api.mlflow.messages import logged_model_message
from visionloop.api.mlflow.protocol import CallDep, mlflow_router, paged
from visionloop.training.tracking import logged_models
from visionloop.training.tracking.logged_models import ModelDraft
from visionloop.training.tracking.search import matches, parse_filter, parse_orderings, sort_records
from visionloop.training.tracking.views import view_logged_model

router = mlflow_router("/api/2.0/mlflow/logged-models")

_STATUSES = {
    "1": "LOGGED_MODEL_PENDING",
    "2": "LOGGED_MODEL_READY",
    "3": "LOGGED_MODEL_UPLOAD_FAILED",
}


@router.post("")
def create(call: CallDep) -> dict[str, Any]:
    """Create a model that waits for its files."""
    fields = call.fields
    draft = ModelDraft(
        experiment_id=fields.text("experiment_id"),
        name=fields.optional("name"),
        run_id=fields.optional("source_run_id"),
        model_type=fields.optional("model_type") or "",
        parameters=fields.pairs("params"),
        tags=fields.pairs("tags"),
    )
    return {"model": logged_model_message(logged_models.create_logged_model(*call.where, draft))}


@router.post("/search")
def search(call: CallDep) -> dict[str, Any]:
    """Return a page of the models that meet a filter."""
    fields = call.fields
    limit, offset = call.page(default=100)
    conditions = parse_filter(fields.optional("filter"))
    found = [
        model
        for model in logged_models.list_logged_models(*call.where, fields.texts("experiment_ids"))
        if matches(view_logged_model(model), conditions)
    ]
    orders = [
        f"{item.get('field_name', '')} {'ASC' if item.get('ascending', True) else 'DESC'}"
        for item in fields.items_of("order_by")
    ]
    ordered = sort_records(found, parse_orderings(orders), view_logged_model)
    return paged("models", [logged_model_message(model) for model in ordered], limit, offset)


@router.get("/{model_id}")
def get(model_id: str, call: CallDep) -> dict[str, Any]:
    """Return a model."""
    model = logged_models.get_logged_model(*call.where, model_id)
    return {"model": logged_model_message(model)}


@router.patch("/{model_id}")
def finalize(model_id: str, call: CallDep) -> dict[str, Any]:
    """Say that the files of a model have arrived, or that they have not."""
    status = call.fields.text("status")
    model = logged_models.finalize_logged_model(
        *call.where, model_id=model_id, status=_STATUSES.get(status, status)
    )
    return {"model": logged_model_message(model)}


@router.delete("/{model_id}")
def delete(model_id: str, call: CallDep) -> dict[str, Any]:
    """Delete a model."""
    logged_models.delete_logged_model(*call.where, model_id)
    return {}


@router.post("/{model_id}/params")
def add_params(model_id: str, call: CallDep) -> dict[str, Any]:
    """Add parameters of a model."""
    logged_models.add_facts(*call.where, model_id=model_id, parameters=call.fields.pairs("params"))
    return {}


@router.patch("/{model_id}/tags")
def set_tags(model_id: str, call: CallDep) -> dict[str, Any]:
    """Set tags of a model."""
    model = logged_models.add_facts(*call.where, model_id=model_id, tags=call.fields.pairs("tags"))
    return {"model": logged_model_message(model)}


@router.delete("/{model_id}/tags/{key}")
def delete_tag(model_id: str, key: str, call: CallDep) -> dict[str, Any]:
    """Take a tag of a model away."""
    logged_models.untag_logged_model(*call.where, model_id=model_id, key=key)
    return {}
