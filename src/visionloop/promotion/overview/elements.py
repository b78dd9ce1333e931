"""Pure drawing: from what was read to ten boxes, each with a state, a headline and facts."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.monitoring.entities import Alert, AlertKind
from visionloop.promotion.entities import Pipeline, PipelineState
from visionloop.promotion.overview.entities import Element, ElementState, Fact, Running, Snapshot
from visionloop.serving.entities import Endpoint

_INFRASTRUCTURE = (AlertKind.ENDPOINT_DOWN, AlertKind.LATENCY)
_ACTIVE = (PipelineState.RUNNING, PipelineState.WAITING_FOR_APPROVAL, PipelineState.APPROVED)


def draw_elements(found: Snapshot) -> tuple[Element, ...]:
    """Return the ten boxes in the order of the reference architecture."""
    return (
        _data_estate(found),
        _administration(found),
        _inner_loop(found),
        _registry(found),
        _outer_loop(found),
        _staging(found),
        _production(found),
        _monitoring(found),
        _model_data_events(found),
        _infrastructure_events(found),
    )


def draw_running(found: Snapshot) -> tuple[Running, ...]:
    """Return jobs and promotions that move now or wait for a person."""
    jobs = [
        Running(job.kind, job.id, f"{job.kind.capitalize()}: {job.message}", job.state.value,
                job.progress, "/runs" if job.kind == "train" else "/data")
        for job in found.jobs
        if not job.state.is_final
    ]  # fmt: skip
    pipelines = [
        Running("promotion", pipeline.id, f"{pipeline.model} {pipeline.version}: {_step(pipeline)}",
                pipeline.state.value, None, f"/promotions/{pipeline.id}")
        for pipeline in found.pipelines
        if pipeline.state in _ACTIVE
    ]  # fmt: skip
    return (*jobs, *pipelines)


def _data_estate(found: Snapshot) -> Element:
    data = found.data
    ingesting = any(job.kind == "ingest" and not job.state.is_final for job in found.jobs)
    state = ElementState.RUNNING if ingesting else _ok_if(data.num_images > 0)
    return _element(
        "data_estate", state, _count(data.num_images, "image"), "/data",
        Images_labeled=f"{data.num_labeled}", Versions=f"{data.num_versions}",
        Cameras=f"{len(data.by_camera)}",
    )  # fmt: skip


def _administration(found: Snapshot) -> Element:
    num_open = len(found.proposals)
    state = ElementState.ATTENTION if num_open else ElementState.OK
    headline = (
        _count(num_open, "open proposal") if num_open else _count(found.num_members, "member")
    )
    return _element(
        "administration", state, headline, "/administration",
        Members=f"{found.num_members}", Endpoints=f"{len(found.endpoints)}",
        Datastores=f"{found.num_datastores}",
    )  # fmt: skip


def _inner_loop(found: Snapshot) -> Element:
    training = any(job.kind == "train" and not job.state.is_final for job in found.jobs)
    failed = bool(found.runs) and found.runs[0].status.value == "failed"
    best = max((run.metrics.get("test_accuracy", 0.0) for run in found.runs), default=0.0)
    state = (
        ElementState.RUNNING if training
        else ElementState.ATTENTION if failed
        else _ok_if(found.num_runs > 0)
    )  # fmt: skip
    waiting = found.labeling.total - found.labeling.by_state.get("accepted", 0)
    return _element(
        "inner_loop", state, _count(found.num_runs, "run"), "/runs",
        To_label=f"{max(0, waiting)}", Best_accuracy=f"{best:.3f}" if best else "-",
    )  # fmt: skip


def _registry(found: Snapshot) -> Element:
    num_versions = sum(model.num_versions for model in found.models)
    champions = [
        f"{model.name} {model.aliases['champion']}"
        for model in found.models
        if "champion" in model.aliases
    ]
    return _element(
        "registry", _ok_if(num_versions > 0), _count(num_versions, "signed version"), "/models",
        Models=f"{len(found.models)}", Champion=", ".join(champions) or "none yet",
    )  # fmt: skip


def _outer_loop(found: Snapshot) -> Element:
    active = [pipeline for pipeline in found.pipelines if pipeline.state in _ACTIVE]
    newest = found.pipelines[0] if found.pipelines else None
    state = ElementState.IDLE if newest is None else ElementState.OK
    if newest is not None and newest.state is PipelineState.FAILED:
        state = ElementState.ATTENTION
    if active:
        state = ElementState.RUNNING
    if any(pipeline.state is PipelineState.WAITING_FOR_APPROVAL for pipeline in active):
        state = ElementState.ATTENTION
    succeeded = sum(pipeline.state is PipelineState.SUCCEEDED for pipeline in found.pipelines)
    return _element(
        "outer_loop", state, _count(len(found.pipelines), "promotion"), "/promotions",
        Active=f"{len(active)}", Succeeded=f"{succeeded}",
    )  # fmt: skip


def _staging(found: Snapshot) -> Element:
    testing = [pipeline for pipeline in found.pipelines if pipeline.state is PipelineState.RUNNING]
    endpoints = [endpoint for endpoint in found.endpoints if endpoint.workspace == "staging"]
    state = ElementState.RUNNING if testing else _health(found, endpoints)
    newest = found.pipelines[0] if found.pipelines else None
    headline = _step(testing[0]) if testing else ("Gates" if newest is None else _outcome(newest))
    return _element(
        "staging", state, headline, "/promotions", Serving=_serving(endpoints),
        Waiting=f"{sum(p.state is PipelineState.WAITING_FOR_APPROVAL for p in found.pipelines)}",
    )  # fmt: skip


def _production(found: Snapshot) -> Element:
    endpoints = [endpoint for endpoint in found.endpoints if endpoint.workspace == "prod"]
    up = sum(found.endpoint_states.get(endpoint.name) == "running" for endpoint in endpoints)
    return _element(
        "production", _health(found, endpoints), f"{up} of {len(endpoints)} endpoints up",
        "/endpoints", Serving=_serving(endpoints),
    )  # fmt: skip


def _monitoring(found: Snapshot) -> Element:
    newest = next((window for window in found.windows.values() if window is not None), None)
    live = {
        deployment.model_digest
        for endpoint in found.endpoints
        for deployment in endpoint.deployments
        if deployment.weight > 0
    }
    if newest is None:
        state, headline = ElementState.IDLE, "No traffic yet"
    elif newest.model_digest not in live:
        state, headline = ElementState.OK, "New model, no traffic yet"
    elif newest.drift is None:
        state, headline = ElementState.OK, "Collecting images"
    elif newest.drift.is_drifted:
        state, headline = ElementState.ATTENTION, "Drift"
    else:
        state, headline = ElementState.OK, "No drift"
    estimate = newest.performance if newest is not None else None
    return _element(
        "monitoring", state, headline, "/monitoring",
        Accuracy_estimated=f"{estimate.value:.2f}" if estimate else "-",
        Interval=f"{estimate.low:.2f} to {estimate.high:.2f}" if estimate else "-",
        Requests=f"{newest.num_requests if newest else 0}",
    )  # fmt: skip


def _model_data_events(found: Snapshot) -> Element:
    alerts = [alert for alert in found.alerts if alert.kind not in _INFRASTRUCTURE]
    state = ElementState.ATTENTION if alerts or found.open_reviews else ElementState.OK
    headline = _count(len(alerts), "open alert")
    if found.open_reviews and not alerts:
        headline = f"{_count(found.open_reviews, 'image')} to review"
    return _element(
        "model_data_events", state, headline, "/labeling",
        To_review=f"{found.open_reviews}", Latest=_latest(alerts),
    )  # fmt: skip


def _infrastructure_events(found: Snapshot) -> Element:
    alerts = [alert for alert in found.alerts if alert.kind in _INFRASTRUCTURE]
    state = ElementState.OK
    if found.proposals:
        state = ElementState.ATTENTION
    if alerts:
        state = ElementState.FAILING
    return _element(
        "infrastructure_events", state, _count(len(alerts), "open alarm"),
        "/monitoring/infrastructure", Proposals=f"{len(found.proposals)}", Latest=_latest(alerts),
    )  # fmt: skip


def _element(key: str, state: ElementState, headline: str, link: str, **facts: str) -> Element:
    shown = tuple(Fact(label.replace("_", " "), value) for label, value in facts.items())
    return Element(key, state, headline, shown, link)


def _health(found: Snapshot, endpoints: Sequence[Endpoint]) -> ElementState:
    states = [found.endpoint_states.get(endpoint.name) for endpoint in endpoints]
    if not any(endpoint.deployments for endpoint in endpoints):
        return ElementState.IDLE
    return ElementState.FAILING if "down" in states else ElementState.OK


def _serving(endpoints: Sequence[Endpoint]) -> str:
    served = [
        f"{deployment.model_name} {deployment.model_version or ''}".strip()
        for endpoint in endpoints
        for deployment in endpoint.deployments
        if deployment.weight > 0
    ]
    return ", ".join(served) or "nothing yet"


def _step(pipeline: Pipeline) -> str:
    return pipeline.step.replace("gate:", "gate ").replace("_", " ")


def _outcome(pipeline: Pipeline) -> str:
    return pipeline.state.value.replace("_", " ").capitalize()


def _latest(alerts: Sequence[Alert]) -> str:
    return alerts[0].kind.value.replace("_", " ") if alerts else "none"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _ok_if(condition: bool) -> ElementState:
    return ElementState.OK if condition else ElementState.IDLE
