"""The first steps of a promotion: check the package and put it on staging."""

from __future__ import annotations

from visionloop.admin.entities import SYSTEM
from visionloop.promotion import store, subjects
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import Pipeline
from visionloop.promotion.rollout import drop_others
from visionloop.promotion.rules import deployment_name
from visionloop.promotion.steps import Outcome
from visionloop.serving.deployments import deploy_model
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.entities import DeploymentSpec
from visionloop.serving.health import wait_ready


def verify_package(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Check that the package is complete, unchanged and the one that was registered."""
    verified = subjects.verify_package(
        context.database, context.home, pipeline.project, pipeline.model, pipeline.version
    )
    problems = list(verified.problems)
    if verified.digest != pipeline.digest:
        problems.append(f"its digest is {verified.digest[:12]}, not {pipeline.digest[:12]}")
    facts = {"num_files": verified.num_files, "size_bytes": verified.size_bytes}
    return Outcome(facts, tuple(f"the package is not what was registered: {p}" for p in problems))


def deploy_staging(context: PromotionContext, pipeline: Pipeline) -> Outcome:
    """Put the candidate on the staging endpoint and wait until it answers there."""
    endpoint = str(pipeline.policy.staging_endpoint)
    name = deployment_name(pipeline)
    place(context, pipeline, endpoint, weight=100)
    target = get_endpoint(context.database, SYSTEM, pipeline.project, name=endpoint)
    with context.database.read() as tx:
        active = {deployment_name(other) for other in store.list_active(tx)}
    drop_others(
        context.database,
        context.home,
        project=pipeline.project,
        endpoint=endpoint,
        keep=active | {name},
    )
    return Outcome({"endpoint": endpoint, "deployment": name, "url": target.url})


def place(
    context: PromotionContext, pipeline: Pipeline, endpoint: str, *, weight: int | None
) -> None:
    """Load the candidate behind an endpoint and wait until it answers; twice is once."""
    spec = DeploymentSpec(
        name=deployment_name(pipeline),
        model_digest=pipeline.digest,
        model_version=str(pipeline.version),
        weight=weight,
    )
    deploy_model(
        context.database,
        context.home,
        SYSTEM,
        project=pipeline.project,
        endpoint=endpoint,
        spec=spec,
    )
    wait_ready(
        context.database,
        context.home,
        SYSTEM,
        project=pipeline.project,
        endpoint=endpoint,
        digest=pipeline.digest,
        timeout_s=context.ready_timeout_s,
    )
