"""The last steps of a promotion: load, optionally watch a canary, and move the traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from visionloop.admin.entities import SYSTEM
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import VisionloopError
from visionloop.promotion import rules, store
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import (
    DEPLOY_PRODUCTION,
    START_CANARY,
    Champion,
    Pipeline,
)
from visionloop.promotion.rollout import (
    drop_others,
    find_named,
    live_deployment,
    move_traffic,
    split_traffic,
)
from visionloop.promotion.staging import place
from visionloop.promotion.steps import Outcome
from visionloop.promotion.subjects import find_registered, set_champion
from visionloop.serving.deployments import remove_deployment
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.entities import Deployment, Endpoint
from visionloop.serving.health import check_endpoint

_REMEMBERED = "remembered"


def deploy_production(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Load the candidate behind the production endpoint, without traffic where one serves."""
    refused = _remember(context, pipeline)
    if refused:
        return Outcome(reasons=(f"not deployed: {refused}",))
    endpoint = str(pipeline.policy.production_endpoint)
    try:
        place(context, pipeline, endpoint, weight=None)
    except VisionloopError as error:
        if not error.retryable:
            _take_away(context, pipeline)
        raise
    url = _endpoint(context, pipeline).url
    return Outcome(
        {"endpoint": endpoint, "deployment": rules.deployment_name(pipeline), "url": url}
    )


def start_canary(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Give the candidate its first share of live requests."""
    target = _endpoint(context, pipeline)
    name = rules.deployment_name(pipeline)
    previous = _previous_name(context, pipeline)
    if previous is None or find_named(target, previous) is None:
        return Outcome({"skipped": "there is no champion to share the traffic with"})
    percent = pipeline.policy.rollout.canary_percent
    split_traffic(
        context.database,
        context.home,
        project=pipeline.project,
        endpoint=target.name,
        weights={name: percent, previous: 100 - percent},
    )
    return Outcome({"percent": percent, **_count(context, target, name)})


def judge_canary(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Let the canary go on, or give the traffic back to the champion."""
    target = _endpoint(context, pipeline)
    name = rules.deployment_name(pipeline)
    with context.database.read() as tx:
        begun = store.find_step(tx, pipeline.id, START_CANARY)
    before = begun.details if begun else {}
    if "percent" not in before:
        return Outcome({"skipped": "no canary ran"})
    now = _count(context, target, name)
    # A restarted endpoint counts from zero again; then everything it counted is the canary's.
    restarted = now["num_requests"] < before["num_requests"]
    base = {"num_requests": 0, "num_errors": 0} if restarted else before
    num_requests = now["num_requests"] - base["num_requests"]
    num_errors = now["num_errors"] - base["num_errors"]
    details = {"num_requests": num_requests, "num_errors": num_errors}
    refused = rules.judge_canary(num_requests, num_errors, pipeline.policy.rollout)
    if refused is None:
        return Outcome(details)
    previous = _previous_name(context, pipeline)
    if previous is not None:
        move_traffic(
            context.database,
            context.home,
            project=pipeline.project,
            endpoint=target.name,
            winner=previous,
        )
    return Outcome(details, (f"canary rolled back: {refused}",))


def shift_traffic(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Give the candidate all live requests and make it the champion."""
    endpoint = str(pipeline.policy.production_endpoint)
    name = rules.deployment_name(pipeline)
    move_traffic(
        context.database,
        context.home,
        project=pipeline.project,
        endpoint=endpoint,
        winner=name,
    )
    champion = Champion(pipeline.model, pipeline.version, pipeline.digest, name)
    set_champion(context.database, pipeline.project, champion)
    previous = _previous_name(context, pipeline)
    drop_others(
        context.database,
        context.home,
        project=pipeline.project,
        endpoint=endpoint,
        keep={name, previous} if previous else {name},
    )
    return Outcome({"endpoint": endpoint, "deployment": name, "kept": previous}, completes=True)


def _remember(context: PromotionContext, pipeline: Pipeline) -> str | None:
    """Check the approval and note what serves now, once, before anything changes."""
    target = _endpoint(context, pipeline)
    live = live_deployment(target)
    previous = _describe(context, pipeline, live) if live else None
    with context.database.begin() as tx:
        step = store.find_step(tx, pipeline.id, DEPLOY_PRODUCTION)
        if step is None or _REMEMBERED in step.details:
            return None
        now = utc_now()
        refused = rules.refuse_deployment(pipeline, store.find_approval(tx, pipeline.id), now)
        if refused:
            return refused
        if previous is not None:
            store.update_pipeline(tx, pipeline.id, now, previous=previous)
        details = {**step.details, _REMEMBERED: live.name if live else None}
        store.update_step(tx, pipeline.id, step.name, details=details)
    return None


def _describe(context: PromotionContext, pipeline: Pipeline, live: Deployment) -> Champion | None:
    """Return what serves now, None when it is the candidate or was never registered."""
    found = find_registered(context.database, pipeline.project, live.model_digest)
    if found is None or live.model_digest == pipeline.digest:
        return None
    return replace(found, deployment=live.name)


def _take_away(context: PromotionContext, pipeline: Pipeline) -> None:
    target = _endpoint(context, pipeline)
    name = rules.deployment_name(pipeline)
    placed = find_named(target, name)
    if placed is not None and placed.weight == 0:
        remove_deployment(
            context.database,
            context.home,
            SYSTEM,
            project=pipeline.project,
            endpoint=target.name,
            name=name,
        )


def _count(context: PromotionContext, target: Endpoint, name: str) -> dict[str, Any]:
    health = check_endpoint(context.home, target)
    for deployment in health.deployments:
        if deployment.name == name:
            return {
                "num_requests": deployment.num_requests,
                "num_errors": deployment.num_errors,
            }
    return {"num_requests": 0, "num_errors": 0}


def _previous_name(context: PromotionContext, pipeline: Pipeline) -> str | None:
    # Read again: the pipeline at hand may be older than what was remembered.
    with context.database.read() as tx:
        stored = store.find_pipeline(tx, pipeline.id)
    return stored.previous.deployment if stored and stored.previous else None


def _endpoint(context: PromotionContext, pipeline: Pipeline) -> Endpoint:
    return get_endpoint(
        context.database,
        SYSTEM,
        pipeline.project,
        name=str(pipeline.policy.production_endpoint),
    )
