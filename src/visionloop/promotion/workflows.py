"""The durable order of a promotion's steps, and what mends it after a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from dbos import DBOS, StepOptions

from visionloop.kernel.clock import utc_now
from visionloop.promotion import production, staging, steps, store
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import (
    DEPLOY_PRODUCTION,
    DEPLOY_STAGING,
    GATE_PREFIX,
    JUDGE_CANARY,
    SHIFT_TRAFFIC,
    START_CANARY,
    VERIFY_PACKAGE,
    WAIT_FOR_APPROVAL,
)
from visionloop.promotion.pipelines import (
    DECISION_TOPIC,
    WORKFLOW,
    notify_workflow,
    start_workflow,
)
from visionloop.promotion.steps import Action
from visionloop.promotion.triggers import start_for_registrations
from visionloop.storage.engine import WorkflowState

# A decision that was stored while the process died is told again for this long.
_TELL_AGAIN = timedelta(days=30)
_STEP_ATTEMPTS = 8

_ACTIONS: dict[str, Action] = {
    VERIFY_PACKAGE: staging.verify_package,
    DEPLOY_STAGING: staging.deploy_staging,
    DEPLOY_PRODUCTION: production.deploy_production,
    START_CANARY: production.start_canary,
    JUDGE_CANARY: production.judge_canary,
    SHIFT_TRAFFIC: production.shift_traffic,
}

_log = logging.getLogger(__name__)


def register_promotion(context: PromotionContext) -> None:
    """Make promotions run on the engine; call it before the engine is launched."""
    context.engine.register_workflow(WORKFLOW, partial(promote, context))
    context.engine.on_sweep(partial(mend, context))


async def promote(context: PromotionContext, pipeline_id: str) -> None:
    """Walk through the steps of a pipeline until its end; resumable at every step."""
    plan = await _durably("plan", steps.read_plan, context, pipeline_id)
    for name in plan["steps"]:
        if name == WAIT_FOR_APPROVAL:
            goes_on = await _wait_for_approval(context, pipeline_id)
        else:
            action = find_action(name)
            goes_on = await _durably(name, steps.run_step, context, pipeline_id, name, action)
        if not goes_on:
            return
        if name == START_CANARY:
            await DBOS.sleep_async(plan["canary_s"])


def find_action(name: str) -> Action:
    """Return what a step does, by its name."""
    if name.startswith(GATE_PREFIX):
        return partial(steps.evaluate_gate, name=name.removeprefix(GATE_PREFIX))
    return _ACTIONS[name]


def mend(context: PromotionContext) -> None:
    """Finish what a crash left between a change in the database and the engine.

    Starts pipelines for new registrations, starts workflows of pipelines that have none, ends
    pipelines whose workflow broke, and tells workflows again what was decided; each of them is
    done at most once by its key.
    """
    start_for_registrations(context.database, context.engine)
    with context.database.read() as tx:
        active = store.list_active(tx)
        decided = store.list_undelivered(tx, utc_now() - _TELL_AGAIN)
    for pipeline in active:
        state = context.engine.find_state(pipeline.id)
        if state is None:
            _log.info("starting the workflow of promotion %s", pipeline.id)
            start_workflow(context.engine, pipeline.id)
        elif state is not WorkflowState.ACTIVE:
            steps.give_up(context, pipeline.id, "its workflow broke; the log tells why")
    for pipeline in decided:
        notify_workflow(context.engine, pipeline.id, pipeline.state)


async def _wait_for_approval(context: PromotionContext, pipeline_id: str) -> bool:
    timeout_s = await _durably("ask_for_approval", steps.ask_for_approval, context, pipeline_id)
    if timeout_s is None:
        return False
    await DBOS.recv_async(DECISION_TOPIC, timeout_seconds=timeout_s)
    approved: bool = await _durably("note_decision", steps.note_decision, context, pipeline_id)
    return approved


async def _durably(name: str, step: Callable[..., Any], *args: Any) -> Any:
    # What may fail in a step is part of its result; what is left to raise is a lost database.
    options: StepOptions = {
        "name": name,
        "retries_allowed": True,
        "max_attempts": _STEP_ATTEMPTS,
        "interval_seconds": 1.0,
        "backoff_rate": 2.0,
    }
    return await DBOS.run_step_async(options, step, *args)
