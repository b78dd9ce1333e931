"""MLflow's run and metric calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from visionloop.api.mlflow.messages import metric_message, run_info, run_message
from visionloop.api.mlflow.protocol import (
    Call,
    CallDep,
    FieldInvalid,
    Fields,
    mlflow_router,
    paged,
    time_of,
)
from visionloop.kernel.clock import utc_now
from visionloop.training.entities import MetricPoint
from visionloop.training.tracking import runs
from visionloop.training.tracking.runs import RunLog, RunSearch
from visionloop.training.tracking.search import finite, parse_filter, parse_orderings
from visionloop.training.tracking.views import milliseconds, status_of

router = mlflow_router("/api/2.0/mlflow")

_LIFECYCLES = {"ACTIVE_ONLY": "active", "DELETED_ONLY": "deleted", "ALL": "all"}


@router.post("/runs/create")
def create(call: CallDep) -> dict[str, Any]:
    """Begin a run."""
    fields, tags = call.fields, call.fields.pairs("tags")
    started_at = fields.time("start_time") or utc_now()
    run = runs.begin_run(
        *call.where,
        experiment_id=fields.text("experiment_id"),
        name=fields.optional("run_name") or tags.get("mlflow.runName") or _name(started_at),
        tags=tags,
        started_at=started_at,
    )
    return {"run": run_message(run, [])}


@router.get("/runs/get")
def get(call: CallDep) -> dict[str, Any]:
    """Return a run."""
    run = runs.get_run(*call.where, call.fields.text("run_id", "run_uuid"))
    return {"run": run_message(run, runs.last_points(*call.where, [run])[run.id])}


@router.post("/runs/search")
def search(call: CallDep) -> dict[str, Any]:
    """Return a page of the runs that meet a filter."""
    fields = call.fields
    limit, offset = call.page()
    wanted = RunSearch(
        experiment_ids=fields.texts("experiment_ids"),
        conditions=parse_filter(fields.optional("filter")),
        orderings=parse_orderings(fields.texts("order_by")),
        lifecycle=_LIFECYCLES.get(fields.optional("run_view_type") or "ACTIVE_ONLY", "all"),
    )
    found = runs.search_runs(*call.where, wanted)
    page = found[offset : offset + limit]
    points = runs.last_points(*call.where, page)
    answer: dict[str, Any] = {"runs": [run_message(run, points[run.id]) for run in page]}
    if offset + limit < len(found):
        answer["next_page_token"] = str(offset + limit)
    return answer


@router.post("/runs/update")
def update(call: CallDep) -> dict[str, Any]:
    """Rename a run, end it, or take it up again."""
    fields = call.fields
    word = fields.optional("status")
    status = status_of(word) if word else None
    if word and status is None:
        raise FieldInvalid("status", f"is no status of a run: {word!r}")
    run = runs.change_run(
        *call.where,
        run_id=fields.text("run_id", "run_uuid"),
        status=status,
        ended_at=fields.time("end_time"),
        name=fields.optional("run_name"),
    )
    return {"run_info": run_info(run)}


@router.post("/runs/delete")
def delete(call: CallDep) -> dict[str, Any]:
    """Put a run aside."""
    runs.put_aside_run(*call.where, call.fields.text("run_id"))
    return {}


@router.post("/runs/restore")
def restore(call: CallDep) -> dict[str, Any]:
    """Bring a run back."""
    runs.restore_run(*call.where, call.fields.text("run_id"))
    return {}


@router.post("/runs/log-metric")
def log_metric(call: CallDep) -> dict[str, Any]:
    """Append one point."""
    return _log(call, RunLog(points=[_point(call.fields)]))


@router.post("/runs/log-parameter")
def log_parameter(call: CallDep) -> dict[str, Any]:
    """Log one parameter."""
    value = call.fields.optional("value") or ""
    return _log(call, RunLog(parameters={call.fields.text("key"): value}))


@router.post("/runs/set-tag")
def set_tag(call: CallDep) -> dict[str, Any]:
    """Set one tag; the tag that names a run renames it."""
    fields = call.fields
    key, value = fields.text("key"), fields.optional("value") or ""
    if key == "mlflow.runName":
        runs.change_run(*call.where, run_id=fields.text("run_id", "run_uuid"), name=value)
    return _log(call, RunLog(tags={key: value}))


@router.post("/runs/delete-tag")
def delete_tag(call: CallDep) -> dict[str, Any]:
    """Take one tag away."""
    runs.untag(*call.where, run_id=call.fields.text("run_id"), key=call.fields.text("key"))
    return {}


@router.post("/runs/log-batch")
def log_batch(call: CallDep) -> dict[str, Any]:
    """Log points, parameters and tags, all or nothing."""
    fields = call.fields
    points = [_point(Fields(item)) for item in fields.items_of("metrics")]
    return _log(call, RunLog(points, fields.pairs("params"), fields.pairs("tags")))


@router.post("/runs/log-inputs")
def log_inputs(call: CallDep) -> dict[str, Any]:
    """Say which data sets and logged models the run read."""
    models = [{"model_input": item} for item in call.fields.items_of("models")]
    return _log(call, RunLog(inputs=[*call.fields.items_of("datasets"), *models]))


@router.post("/runs/outputs")
def log_outputs(call: CallDep) -> dict[str, Any]:
    """Say which logged models the run made."""
    models = [{"model_output": item} for item in call.fields.items_of("models")]
    return _log(call, RunLog(inputs=models))


@router.get("/metrics/get-history")
def get_history(call: CallDep) -> dict[str, Any]:
    """Return a page of the history of a metric."""
    limit, offset = call.page(default=25_000)
    points = runs.page_metric(
        *call.where,
        run_id=call.fields.text("run_id", "run_uuid"),
        key=call.fields.text("metric_key"),
        limit=limit + 1,
        offset=offset,
    )
    page = paged("metrics", [metric_message(point) for point in points], limit, 0)
    return page | ({"next_page_token": str(offset + limit)} if "next_page_token" in page else {})


def _log(call: Call, what: RunLog) -> dict[str, Any]:
    runs.log(*call.where, run_id=call.fields.text("run_id", "run_uuid"), what=what)
    return {}


def _point(item: Fields | Mapping[str, Any]) -> MetricPoint:
    fields = Fields(item)
    value = fields.number("value", math.nan)
    time = time_of(fields.number("timestamp", 0)) if fields.get("timestamp") else utc_now()
    return MetricPoint(fields.text("key"), int(fields.number("step", 0)), finite(value), time)


def _name(started_at: Any) -> str:
    return f"run-{milliseconds(started_at)}"
