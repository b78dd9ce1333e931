"""Use cases about promotions: start, look at, cancel."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.admin.rules import is_allowed
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.promotion import rules, store
from visionloop.promotion.endpoints import choose_endpoints
from visionloop.promotion.entities import (
    PRODUCTION,
    VERIFY_PACKAGE,
    Approval,
    Pipeline,
    PipelineReport,
    PipelineState,
    Trigger,
)
from visionloop.promotion.errors import PipelineNotFound, PromotionOver, PromotionRunning
from visionloop.promotion.policy import read_policy
from visionloop.promotion.subjects import find_digest
from visionloop.storage.database import Database, Transaction
from visionloop.storage.engine import Engine, WorkflowState

WORKFLOW = "promotion"
DECISION_TOPIC = "decision"


def start_promotion(
    database: Database,
    engine: Engine,
    actor: Actor,
    *,
    project: str,
    model: str,
    version: int,
) -> Pipeline:
    """Take a registered version towards production.

    Raises:
        PromotionRunning: It is on its way already.
        EndpointMissing: Staging or production has no endpoint.
        InvalidPolicy: The project's promotion settings are wrong.
    """
    require(actor, Permission.REQUEST_PROMOTION, project)
    digest = find_digest(database, project, model, version)
    draft = draft_pipeline(database, actor, project, (model, version, digest), Trigger.MANUAL)
    with database.begin() as tx:
        running = store.find_active(tx, project, model, version)
        if running is not None:
            raise PromotionRunning(model, version, running.id, running.state.value)
        insert_pipeline(tx, actor, draft)
    start_workflow(engine, draft.id)
    return draft


def list_pipelines(
    database: Database,
    actor: Actor,
    project: str,
    *,
    state: PipelineState | None = None,
    model: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Pipeline], int]:
    """Return a page of promotions, newest first, and how many there are."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_pipelines(
            tx, project, state=state, model=model, limit=limit, offset=offset
        )


def get_report(database: Database, actor: Actor, project: str, pipeline_id: str) -> PipelineReport:
    """Return a promotion with its steps, gates and decision.

    Raises:
        PipelineNotFound: The project has none with this id.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        pipeline = find_pipeline(tx, project, pipeline_id)
        approval = store.find_approval(tx, pipeline_id)
        steps = store.list_steps(tx, pipeline_id)
        gates = store.list_gate_results(tx, pipeline_id)
    why_not = _why_not(actor, pipeline, approval)
    return PipelineReport(pipeline, steps, gates, approval, why_not is None, why_not)


def cancel_promotion(
    database: Database,
    engine: Engine,
    actor: Actor,
    *,
    project: str,
    pipeline_id: str,
    reason: str = "",
) -> PipelineReport:
    """Call a promotion off before production begins to change.

    Raises:
        PipelineNotFound: The project has none with this id.
        PromotionOver: It has ended, or production is changing already.
    """
    require(actor, Permission.REQUEST_PROMOTION, project)
    with database.begin() as tx:
        pipeline = find_pipeline(tx, project, pipeline_id, lock=True)
        if not rules.may_cancel(pipeline, store.list_steps(tx, pipeline_id)):
            raise PromotionOver(pipeline_id, pipeline.state.value)
        finish(tx, actor, pipeline, PipelineState.CANCELLED, [reason or "cancelled"])
    notify_workflow(engine, pipeline_id, PipelineState.CANCELLED)
    return get_report(database, actor, project, pipeline_id)


def draft_pipeline(
    database: Database,
    actor: Actor,
    project: str,
    subject: tuple[str, int, str],
    trigger: Trigger,
) -> Pipeline:
    """Make a pipeline that is not stored yet, under the policy as it is now.

    Args:
        database: Where the project is.
        actor: Who asks, and so may not approve.
        project: Name of the project.
        subject: Model, version, digest.
        trigger: What caused it.
    """
    model, version, digest = subject
    policy = read_policy(get_project(database, project).settings)
    now = utc_now()
    return Pipeline(
        id=new_id("promotion"),
        project=project,
        model=model,
        version=version,
        digest=digest,
        state=PipelineState.RUNNING,
        step=VERIFY_PACKAGE,
        trigger=trigger,
        requested_by=actor.name,
        requested_by_id=actor.user_id,
        policy=choose_endpoints(database, project, policy),
        created_at=now,
        updated_at=now,
    )


def insert_pipeline(tx: Transaction, actor: Actor, pipeline: Pipeline) -> None:
    """Store a pipeline with its steps, and tell."""
    store.insert_pipeline(tx, pipeline, rules.plan_steps(pipeline.policy))
    tell(tx, actor, pipeline, "started", trigger=pipeline.trigger.value)


def find_pipeline(
    tx: Transaction, project: str, pipeline_id: str, *, lock: bool = False
) -> Pipeline:
    """Return a pipeline of a project inside a transaction.

    Raises:
        PipelineNotFound: The project has none with this id.
    """
    pipeline = store.find_pipeline(tx, pipeline_id, lock=lock)
    if pipeline is None or pipeline.project != project:
        raise PipelineNotFound(project, pipeline_id)
    return pipeline


def finish(
    tx: Transaction,
    actor: Actor,
    pipeline: Pipeline,
    state: PipelineState,
    reasons: list[str],
) -> None:
    """Bring a pipeline to its end, and tell."""
    now = utc_now()
    store.update_pipeline(tx, pipeline.id, now, state=state.value, reasons=reasons)
    store.skip_pending_steps(tx, pipeline.id)
    tell(tx, actor, pipeline, state.value, reasons=reasons)


def tell(tx: Transaction, actor: Actor, pipeline: Pipeline, verb: str, **facts: object) -> None:
    """Publish an event about a pipeline in the transaction of its change."""
    publish(
        tx,
        type=f"visionloop.promotion.{verb}",
        project=pipeline.project,
        subject=f"promotion/{pipeline.id}",
        actor=actor,
        data={
            "model": pipeline.model,
            "version": pipeline.version,
            "digest": pipeline.digest,
            **facts,
        },
    )


def start_workflow(engine: Engine, pipeline_id: str) -> None:
    """Start the workflow of a stored pipeline; the sweep does it where no engine runs here."""
    if engine.is_running:
        engine.start(WORKFLOW, pipeline_id, pipeline_id)


def notify_workflow(engine: Engine, pipeline_id: str, state: PipelineState) -> None:
    """Wake a waiting workflow; the sweep does it where no engine runs here."""
    if engine.is_running and engine.find_state(pipeline_id) is WorkflowState.ACTIVE:
        engine.send(pipeline_id, DECISION_TOPIC, state.value, key=f"{pipeline_id}-{state.value}")


def _why_not(actor: Actor, pipeline: Pipeline, approval: Approval | None) -> str | None:
    refused = rules.refuse_decision(pipeline, actor.user_id, is_approval=True)
    if refused == "promotion_not_waiting":
        done = f" by {approval.decided_by}" if approval else ""
        return f"The promotion is {pipeline.state.value}{done}."
    if not is_allowed(actor, Permission.APPROVE_PROMOTION, pipeline.project, PRODUCTION):
        return f"You lack the right to approve in workspace {PRODUCTION!r}."
    if refused == "own_approval":
        return "You requested this promotion; another person must approve it."
    return None
