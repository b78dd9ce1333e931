"""The steps of a promotion. Each may run again after a crash, and does its work once.

A step is framed by two transactions. The first marks it as running, the second writes its
result, its event and, where it fails, the end of the pipeline, all at once. Between them lies
the outside effect, which finds out for itself whether it was done before: deployments carry the
pipeline's id in their names, and traffic and aliases are set, never moved by a delta.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from visionloop.admin.entities import SYSTEM
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import VisionloopError
from visionloop.promotion import store
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import (
    GATE_PREFIX,
    STAGING,
    WAIT_FOR_APPROVAL,
    GateResult,
    Pipeline,
    PipelineState,
    Step,
    StepState,
)
from visionloop.promotion.pipelines import finish, tell
from visionloop.promotion.subjects import describe_candidate
from visionloop.storage.database import Transaction

_ATTEMPTS = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a step leaves behind.

    Attributes:
        details: facts for the record.
        reasons: why the promotion ends here; none lets it go on.
        gate: what a gate decided.
        completes: whether the promotion has reached its goal.
    """

    details: dict[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    gate: GateResult | None = None
    completes: bool = False


Action = Callable[[PromotionContext, Pipeline], Outcome]


def run_step(context: PromotionContext, pipeline_id: str, name: str, action: Action) -> bool:
    """Run a step unless it is done, and tell whether the promotion goes on."""
    begun = _begin(context, pipeline_id, name)
    if isinstance(begun, bool):
        return begun
    outcome = _attempt(context, begun, name, action)
    with context.database.begin() as tx:
        pipeline = _require(tx, pipeline_id)
        if pipeline.state.is_final:
            _end_step(tx, pipeline_id, name, StepState.SKIPPED, outcome.details)
            return False
        state = StepState.FAILED if outcome.reasons else StepState.SUCCEEDED
        _end_step(tx, pipeline_id, name, state, outcome.details)
        if outcome.gate is not None:
            _record_gate(tx, pipeline, outcome.gate)
        if outcome.reasons:
            finish(tx, SYSTEM, pipeline, PipelineState.FAILED, list(outcome.reasons))
        elif outcome.completes:
            finish(tx, SYSTEM, pipeline, PipelineState.SUCCEEDED, [])
        return not outcome.reasons


def read_plan(context: PromotionContext, pipeline_id: str) -> dict[str, Any]:
    """Return the names of the steps, and how long a canary is watched."""
    with context.database.read() as tx:
        pipeline = _require(tx, pipeline_id)
        names = [step.name for step in store.list_steps(tx, pipeline_id)]
    return {"steps": names, "canary_s": pipeline.policy.rollout.canary_s}


def ask_for_approval(context: PromotionContext, pipeline_id: str) -> float | None:
    """Begin to wait; return for how many seconds, None when the promotion has ended."""
    with context.database.begin() as tx:
        pipeline = _require(tx, pipeline_id)
        if pipeline.state.is_final:
            return None
        now = utc_now()
        if pipeline.approval_expires_at is None:
            expires_at = now + timedelta(days=pipeline.policy.approval_timeout_days)
            store.update_pipeline(
                tx,
                pipeline_id,
                now,
                state=PipelineState.WAITING_FOR_APPROVAL.value,
                step=WAIT_FOR_APPROVAL,
                approval_expires_at=expires_at,
            )
            _start_step(tx, pipeline_id, store.find_step(tx, pipeline_id, WAIT_FOR_APPROVAL))
            tell(tx, SYSTEM, pipeline, "waiting", expires_at=expires_at.isoformat())
        else:
            expires_at = pipeline.approval_expires_at
    return max(1.0, (expires_at - now).total_seconds())


def note_decision(context: PromotionContext, pipeline_id: str) -> bool:
    """Read what was decided, or give up waiting; tell whether to deploy.

    The database is the truth about the decision; the message that woke us carries none.
    """
    with context.database.begin() as tx:
        pipeline = _require(tx, pipeline_id)
        approval = store.find_approval(tx, pipeline_id)
        if pipeline.state is PipelineState.WAITING_FOR_APPROVAL:
            days = pipeline.policy.approval_timeout_days
            _end_step(tx, pipeline_id, WAIT_FOR_APPROVAL, StepState.FAILED, {"expired": True})
            reason = f"nobody decided within {days:g} days"
            finish(tx, SYSTEM, pipeline, PipelineState.FAILED, [reason])
            return False
        facts = {"decided_by": approval.decided_by, "approval": approval.id} if approval else {}
        approved = pipeline.state is PipelineState.APPROVED
        state = StepState.SUCCEEDED if approved else StepState.FAILED
        if pipeline.state is PipelineState.CANCELLED:
            state = StepState.SKIPPED
        _end_step(tx, pipeline_id, WAIT_FOR_APPROVAL, state, facts)
        return approved


def give_up(context: PromotionContext, pipeline_id: str, reason: str) -> None:
    """End a pipeline that nothing drives any more; does nothing when it has ended."""
    with context.database.begin() as tx:
        pipeline = _require(tx, pipeline_id)
        if not pipeline.state.is_final:
            _end_step(tx, pipeline_id, pipeline.step, StepState.FAILED, {"error": reason})
            finish(tx, SYSTEM, pipeline, PipelineState.FAILED, [reason])


def evaluate_gate(context: PromotionContext, pipeline: Pipeline, name: str) -> Outcome:
    """Let one gate judge the candidate."""
    gate = context.gates.get(name)
    if gate is None:
        known = ", ".join(sorted(context.gates))
        return Outcome(reasons=(f"the policy names the gate {name!r}; known are {known}",))
    result = gate.evaluate(describe_candidate(context, pipeline, name))
    reasons = () if result.passed else (f"gate {name}: {result.summary}",)
    details = {"passed": result.passed, "measured": result.measured}
    return Outcome(details=details, reasons=reasons, gate=result)


def _begin(context: PromotionContext, pipeline_id: str, name: str) -> Pipeline | bool:
    with context.database.begin() as tx:
        pipeline = _require(tx, pipeline_id)
        step = store.find_step(tx, pipeline_id, name)
        if step is None or pipeline.state.is_final:
            return False
        if step.state in (StepState.SUCCEEDED, StepState.FAILED, StepState.SKIPPED):
            return step.state is StepState.SUCCEEDED
        store.update_pipeline(tx, pipeline_id, utc_now(), step=name)
        _start_step(tx, pipeline_id, step)
        return pipeline


def _attempt(context: PromotionContext, pipeline: Pipeline, name: str, action: Action) -> Outcome:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return action(context, pipeline)
        except VisionloopError as error:
            if not error.retryable or attempt == _ATTEMPTS:
                return _failure(name, error.message, error.code)
            _log.info("step %s of %s: %s; trying again", name, pipeline.id, error.message)
            time.sleep(context.retry_s)
        except Exception as error:
            _log.exception("step %s of %s failed", name, pipeline.id)
            return _failure(name, f"{type(error).__name__}: {error}", "unexpected")
    raise AssertionError("unreachable")


def _failure(name: str, message: str, code: str) -> Outcome:
    what = name.removeprefix(GATE_PREFIX)
    return Outcome({"error": message, "code": code}, (f"{what}: {message}",))


def _record_gate(tx: Transaction, pipeline: Pipeline, result: GateResult) -> None:
    store.insert_gate_result(tx, pipeline.id, result, utc_now())
    tell(
        tx,
        SYSTEM,
        pipeline,
        "gate_passed" if result.passed else "gate_failed",
        gate=result.gate,
        measured=result.measured,
        threshold=result.threshold,
        unit=result.unit,
        workspace=STAGING,
    )


def _start_step(tx: Transaction, pipeline_id: str, step: Step | None) -> None:
    if step is not None:
        store.update_step(
            tx,
            pipeline_id,
            step.name,
            state=StepState.RUNNING.value,
            started_at=step.started_at or utc_now(),
            attempts=step.attempts + 1,
        )


def _end_step(
    tx: Transaction, pipeline_id: str, name: str, state: StepState, details: dict[str, Any]
) -> None:
    step = store.find_step(tx, pipeline_id, name)
    if step is None or step.ended_at is not None:
        return
    store.update_step(
        tx,
        pipeline_id,
        name,
        state=state.value,
        ended_at=utc_now(),
        details={**step.details, **details},
    )


def _require(tx: Transaction, pipeline_id: str) -> Pipeline:
    pipeline = store.find_pipeline(tx, pipeline_id, lock=True)
    if pipeline is None:
        raise LookupError(f"promotion {pipeline_id} vanished from the database")
    return pipeline
