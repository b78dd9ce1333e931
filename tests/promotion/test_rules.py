"""The pure decisions: who may decide, and what passes a gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from visionloop.kernel.clock import utc_now
from visionloop.promotion import rules
from visionloop.promotion.entities import (
    Approval,
    Decision,
    Pipeline,
    PipelineState,
    Policy,
    Rollout,
    Trigger,
)
from visionloop.promotion.rules import PairedCounts, SliceCount


def make_pipeline(**values: Any) -> Pipeline:
    now = utc_now()
    given = {
        "id": "promotion_01kb3m9q2x0123456789abcd",
        "project": "parts",
        "model": "parts-classifier",
        "version": 3,
        "digest": "d" * 64,
        "state": PipelineState.WAITING_FOR_APPROVAL,
        "step": "wait_for_approval",
        "trigger": Trigger.REGISTRATION,
        "requested_by": "sam",
        "requested_by_id": "user_sam",
        "policy": Policy(),
        "created_at": now,
        "updated_at": now,
        **values,
    }
    return Pipeline(**given)


def make_approval(**values: Any) -> Approval:
    now = utc_now()
    given = {
        "id": "approval_1",
        "pipeline_id": "promotion_01kb3m9q2x0123456789abcd",
        "decision": Decision.APPROVED,
        "decided_by": "ada",
        "decided_by_id": "user_ada",
        "reason": "",
        "digest": "d" * 64,
        "decided_at": now,
        "expires_at": now + timedelta(days=1),
        **values,
    }
    return Approval(**given)


def test_steps_follow_the_policy() -> None:
    plain = [step.name for step in rules.plan_steps(Policy(gates=("parity", "latency")))]
    assert plain == [
        "verify_package",
        "deploy_staging",
        "gate:parity",
        "gate:latency",
        "wait_for_approval",
        "deploy_production",
        "shift_traffic",
    ]
    canary = [step.name for step in rules.plan_steps(Policy(rollout=Rollout("canary")))]
    assert canary[-4:] == ["deploy_production", "start_canary", "judge_canary", "shift_traffic"]


def test_the_requester_may_reject_but_not_approve() -> None:
    pipeline = make_pipeline()
    assert rules.refuse_decision(pipeline, "user_sam", is_approval=True) == "own_approval"
    assert rules.refuse_decision(pipeline, "user_sam", is_approval=False) is None
    assert rules.refuse_decision(pipeline, "user_ada", is_approval=True) is None


@pytest.mark.parametrize("state", [s for s in PipelineState if s != "waiting_for_approval"])
def test_only_a_waiting_promotion_can_be_decided(state: PipelineState) -> None:
    refused = rules.refuse_decision(make_pipeline(state=state), "user_ada", is_approval=True)
    assert refused == "promotion_not_waiting"


def test_an_approval_carries_only_what_was_approved_and_only_for_a_while() -> None:
    pipeline, now = make_pipeline(), utc_now()
    assert rules.refuse_deployment(pipeline, make_approval(), now) is None
    refusals = [
        rules.refuse_deployment(pipeline, None, now),
        rules.refuse_deployment(pipeline, make_approval(decision=Decision.REJECTED), now),
        rules.refuse_deployment(pipeline, make_approval(digest="e" * 64), now),
        rules.refuse_deployment(pipeline, make_approval(decided_by_id="user_sam"), now),
        rules.refuse_deployment(pipeline, make_approval(), now + timedelta(days=2)),
    ]
    words = ["no approval", "no approval", "is for package", "requested", "expired"]
    assert all(word in str(told) for word, told in zip(words, refusals, strict=True))


def test_a_promotion_can_be_cancelled_until_production_changes() -> None:
    pipeline = make_pipeline()
    steps = rules.plan_steps(pipeline.policy)
    assert rules.may_cancel(pipeline, steps)
    assert not rules.may_cancel(make_pipeline(state=PipelineState.SUCCEEDED), steps)
    begun = [
        replace(step, started_at=utc_now()) if step.name == "deploy_production" else step
        for step in steps
    ]
    assert not rules.may_cancel(pipeline, begun)


def test_deployment_names_fit_and_tell_promotions_apart() -> None:
    one, two = make_pipeline(), make_pipeline(id="promotion_01kb3m9q2x0123456789zzzz")
    assert rules.deployment_name(one) == rules.deployment_name(one) == "v3-6789abcd"
    assert rules.deployment_name(one) != rules.deployment_name(two)


def test_parity_needs_a_record_within_tolerance() -> None:
    good = {"max_abs_difference": 1e-5, "tolerance": 1e-3, "num_images": 32, "passed": True}
    assert rules.decide_parity(good).passed
    assert not rules.decide_parity({**good, "max_abs_difference": 0.5}).passed
    assert not rules.decide_parity({**good, "passed": False}).passed
    missing = rules.decide_parity(None)
    assert not missing.passed
    assert missing.measured is None


@pytest.mark.parametrize(
    ("p95", "num_errors", "passed"),
    [(80.0, 0, True), (600.0, 0, False), (80.0, 1, False)],
)
def test_latency_asks_for_speed_and_steadiness(p95: float, num_errors: int, passed: bool) -> None:
    report = {"num_requests": 100, "num_errors": num_errors, "latency_p95_ms": p95}
    result = rules.decide_latency(report, max_p95_ms=500, max_error_rate=0)
    assert result.passed is passed
    assert result.measured == p95


@pytest.mark.parametrize(("num_requests", "num_errors"), [(0, 0), (10, 10)])
def test_an_endpoint_that_answers_nothing_fails(num_requests: int, num_errors: int) -> None:
    report = {"num_requests": num_requests, "num_errors": num_errors, "latency_p95_ms": 0.0}
    result = rules.decide_latency(report, max_p95_ms=500, max_error_rate=0.01)
    assert not result.passed
    assert "nothing was answered" in result.summary


def test_a_first_version_must_surely_reach_the_minimum() -> None:
    assert rules.decide_first_accuracy(90, 100, min_accuracy=0.8).passed
    # Right in 4 of 5 is no evidence of 70 %.
    assert not rules.decide_first_accuracy(4, 5, min_accuracy=0.7).passed
    assert not rules.decide_first_accuracy(0, 0, min_accuracy=0.0).passed


def test_an_equal_version_passes_and_a_worse_one_does_not() -> None:
    same = PairedCounts(200, 180, 180, 0, 0)
    assert rules.decide_accuracy(same, margin=0.05).passed
    better = PairedCounts(200, 190, 180, 12, 2)
    assert rules.decide_accuracy(better, margin=0.05).measured > 0
    worse = PairedCounts(200, 160, 180, 2, 22)
    result = rules.decide_accuracy(worse, margin=0.05)
    assert not result.passed
    assert result.details["p_value"] < 0.001
    assert result.details["difference"] == pytest.approx(-0.1)


def test_too_few_images_prove_nothing() -> None:
    assert not rules.decide_accuracy(PairedCounts(10, 9, 9, 0, 0), margin=0.05).passed
    assert not rules.decide_accuracy(PairedCounts(0, 0, 0, 0, 0), margin=0.05).passed


def test_a_surely_bad_slice_blocks_and_small_ones_only_show() -> None:
    fine = SliceCount("camera", "north", 95, 100)
    bad = SliceCount("camera", "south", 10, 60)
    tiny = SliceCount("light", "dim", 0, 3)
    result = rules.decide_worst_slice([fine, bad, tiny], min_accuracy=0.5, min_images=20)
    assert not result.passed
    assert result.details["slice"] == "camera=south"
    assert result.details["num_slices"] == 2
    assert rules.decide_worst_slice([fine, tiny], min_accuracy=0.5, min_images=20).passed


def test_a_slice_that_is_bad_by_chance_does_not_block() -> None:
    unlucky = SliceCount("camera", "south", 9, 20)
    assert rules.decide_worst_slice([unlucky], min_accuracy=0.5, min_images=20).passed


def test_without_slices_nothing_is_claimed() -> None:
    result = rules.decide_worst_slice([], min_accuracy=0.5, min_images=20)
    assert result.passed
    assert result.measured is None


def test_a_canary_without_requests_goes_on() -> None:
    assert rules.judge_canary(0, 0, Rollout()) is None
    assert rules.judge_canary(100, 1, Rollout(max_error_rate=0.01)) is None
    assert "2 of 100" in str(rules.judge_canary(100, 2, Rollout(max_error_rate=0.01)))
