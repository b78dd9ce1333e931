"""Pure decisions of promotion: who may decide, what happens next, what passes a gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visionloop.evaluation.intervals import mcnemar, paired_difference, wilson
from visionloop.promotion.entities import (
    DEPLOY_PRODUCTION,
    DEPLOY_STAGING,
    GATE_PREFIX,
    JUDGE_CANARY,
    SHIFT_TRAFFIC,
    START_CANARY,
    VERIFY_PACKAGE,
    WAIT_FOR_APPROVAL,
    Approval,
    GateResult,
    Pipeline,
    PipelineState,
    Policy,
    Rollout,
    Step,
)

# One-sided 95 %: a non-inferiority claim asks one question only.
_CONFIDENCE = 0.90


@dataclass(frozen=True)
class PairedCounts:
    """Two models on the same images: how many each got right, and where only one did."""

    num_images: int
    candidate_correct: int
    champion_correct: int
    only_candidate: int
    only_champion: int


@dataclass(frozen=True)
class SliceCount:
    """How the candidate did on one part of the images."""

    attribute: str
    value: str
    num_correct: int
    num_images: int

    @property
    def name(self) -> str:
        """Name for people."""
        return f"{self.attribute}={self.value}"


def plan_steps(policy: Policy) -> tuple[Step, ...]:
    """Lay out the steps of a promotion in order."""
    names = [VERIFY_PACKAGE, DEPLOY_STAGING]
    names += [GATE_PREFIX + gate for gate in policy.gates]
    names += [WAIT_FOR_APPROVAL, DEPLOY_PRODUCTION]
    if policy.rollout.strategy == "canary":
        names += [START_CANARY, JUDGE_CANARY]
    names.append(SHIFT_TRAFFIC)
    return tuple(Step(name, position) for position, name in enumerate(names))


def refuse_decision(pipeline: Pipeline, user_id: str, *, is_approval: bool) -> str | None:
    """Return the code of the reason why this user may not decide now, None when allowed."""
    if pipeline.state is not PipelineState.WAITING_FOR_APPROVAL:
        return "promotion_not_waiting"
    if is_approval and pipeline.requested_by_id == user_id:
        return "own_approval"
    return None


def may_cancel(pipeline: Pipeline, steps: Sequence[Step]) -> bool:
    """Decide whether a promotion can be called off: until production begins to change."""
    if pipeline.state.is_final:
        return False
    return not any(step.name == DEPLOY_PRODUCTION and step.started_at for step in steps)


def refuse_deployment(pipeline: Pipeline, approval: Approval | None, now: datetime) -> str | None:
    """Return why an approval does not carry the pipeline into production, None when it does."""
    if approval is None or approval.decision.value != "approved":
        return "there is no approval"
    if approval.digest != pipeline.digest:
        return f"the approval is for package {approval.digest[:12]}, not {pipeline.digest[:12]}"
    if approval.decided_by_id == pipeline.requested_by_id:
        return f"{approval.decided_by} requested the promotion and so cannot have approved it"
    if now > approval.expires_at:
        return f"the approval expired at {approval.expires_at.isoformat(timespec='seconds')}"
    return None


def deployment_name(pipeline: Pipeline) -> str:
    """Name the deployment of a pipeline: the same whenever and wherever it is asked."""
    return f"v{pipeline.version}-{pipeline.id[-8:]}"


def judge_canary(num_requests: int, num_errors: int, rollout: Rollout) -> str | None:
    """Return why a canary must be taken back, None when it may have all traffic."""
    if num_requests == 0 or num_errors / num_requests <= rollout.max_error_rate:
        return None
    return (
        f"{num_errors} of {num_requests} requests to the canary failed "
        f"({num_errors / num_requests:.1%}, at most {rollout.max_error_rate:.1%})"
    )


def decide_parity(parity: Mapping[str, Any] | None) -> GateResult:
    """Pass when the exported graph answers as the checkpoint did."""
    if not parity:
        return GateResult(
            "parity", False, None, None, "absolute difference",
            summary="The package holds no record of an export parity check.",
        )  # fmt: skip
    measured = float(parity["max_abs_difference"])
    tolerance = float(parity["tolerance"])
    passed = bool(parity.get("passed")) and measured <= tolerance
    verb = "stays within" if passed else "exceeds"
    return GateResult(
        "parity", passed, measured, tolerance, "absolute difference",
        summary=f"The exported graph differs from its checkpoint by {measured:.2g} on "
        f"{parity.get('num_images', 0)} images, which {verb} {tolerance:.2g}.",
        details=dict(parity),
    )  # fmt: skip


def decide_signature(problems: Sequence[str], num_files: int, key_id: str | None) -> GateResult:
    """Pass when every file is what was signed, and the signature is this installation's."""
    told = f"{'; '.join(problems)}." if problems else "and its signature holds."
    return GateResult(
        "signature", not problems, float(len(problems)), 0.0, "problems",
        summary=f"The package has {num_files} files: {told}" if problems
        else f"All {num_files} files of the package are unchanged, {told}",
        details={"problems": list(problems), "num_files": num_files},
        evidence={"key_id": key_id},
    )  # fmt: skip


def decide_latency(
    report: Mapping[str, Any], *, max_p95_ms: float, max_error_rate: float
) -> GateResult:
    """Pass when the endpoint under load is fast enough and fails rarely enough.

    Args:
        report: ``num_requests``, ``num_errors``, ``latency_p95_ms`` and what else was measured.
        max_p95_ms: 95 of 100 requests must be answered within this.
        max_error_rate: Largest share of failed requests.
    """
    num_requests, num_errors = int(report["num_requests"]), int(report["num_errors"])
    error_rate = num_errors / num_requests if num_requests else 1.0
    measured = float(report["latency_p95_ms"]) if num_requests > num_errors else None
    fast = measured is not None and measured <= max_p95_ms
    steady = num_requests > 0 and error_rate <= max_error_rate
    p95 = "nothing was answered" if measured is None else f"p95 is {measured:.0f} ms"
    return GateResult(
        "latency", fast and steady, measured, max_p95_ms, "ms",
        summary=f"Under load {p95} (at most {max_p95_ms:.0f} ms) and {num_errors} of "
        f"{num_requests} requests failed (at most {max_error_rate:.1%}).",
        details={**report, "max_error_rate": max_error_rate, "error_rate": error_rate},
    )  # fmt: skip


def decide_first_accuracy(num_correct: int, num_images: int, *, min_accuracy: float) -> GateResult:
    """Judge a version without a champion: is it surely as good as the minimum?"""
    accuracy = wilson(num_correct, num_images, confidence=_CONFIDENCE)
    passed = num_images > 0 and accuracy.low >= min_accuracy
    return GateResult(
        "accuracy", passed, accuracy.low, min_accuracy, "accuracy", comparison=">=",
        summary=f"No champion yet: accuracy is {accuracy.value:.1%} on {num_images} frozen test "
        f"images, at least {accuracy.low:.1%} with 95 % confidence; {min_accuracy:.1%} is asked.",
        details={
            "accuracy": accuracy.value, "low": accuracy.low, "high": accuracy.high,
            "num_images": num_images, "num_correct": num_correct, "champion": None,
        },
    )  # fmt: skip


def decide_accuracy(counts: PairedCounts, *, margin: float) -> GateResult:
    """Judge a version against the champion on the same images: is it surely not worse?

    Non-inferiority: the one-sided 95 % lower bound of the paired difference in accuracy must lie
    above minus the margin.

    Args:
        counts: Both models on the same images.
        margin: Loss of accuracy that would be accepted.
    """
    total = counts.num_images
    found = paired_difference(
        counts.only_candidate, counts.only_champion, total, confidence=_CONFIDENCE
    )
    candidate = wilson(counts.candidate_correct, total)
    champion = wilson(counts.champion_correct, total)
    return GateResult(
        "accuracy", total > 0 and found.low > -margin, found.low, -margin,
        "accuracy difference", comparison=">=",
        summary=f"Candidate {candidate.value:.1%}, champion {champion.value:.1%} on the same "
        f"{total} frozen test images: {found.value:+.1%}, at worst {found.low:+.1%} with 95 % "
        f"confidence; {-margin:+.1%} is the limit.",
        details={
            "difference": found.value, "low": found.low, "high": found.high, "margin": margin,
            "num_images": total,
            "candidate_accuracy": candidate.value, "candidate_low": candidate.low,
            "candidate_high": candidate.high,
            "champion_accuracy": champion.value, "champion_low": champion.low,
            "champion_high": champion.high,
            "only_candidate_correct": counts.only_candidate,
            "only_champion_correct": counts.only_champion,
            "p_value": mcnemar(counts.only_candidate, counts.only_champion),
        },
    )  # fmt: skip


def decide_worst_slice(
    slices: Sequence[SliceCount], *, min_accuracy: float, min_images: int
) -> GateResult:
    """Fail when some part of the images is surely served worse than the minimum.

    The worst of many slices looks bad by chance alone, so the upper bound counts, widened for
    the number of slices (Bonferroni); small slices are shown in the report but do not block.

    Args:
        slices: Parts of the test images; they may overlap.
        min_accuracy: What every part must reach.
        min_images: Smaller parts say too little.
    """
    judged = [item for item in slices if item.num_images >= min_images]
    if not judged:
        return GateResult(
            "worst_slice", True, None, min_accuracy, "accuracy", comparison=">=",
            summary=f"No slice has {min_images} images or more, so none can be judged.",
            details={"num_slices": len(slices), "min_images": min_images},
        )  # fmt: skip
    confidence = 1 - (1 - _CONFIDENCE) / len(judged)
    bounds = [
        (item, wilson(item.num_correct, item.num_images, confidence=confidence)) for item in judged
    ]
    worst, accuracy = min(bounds, key=lambda pair: (pair[1].high, pair[1].value))
    return GateResult(
        "worst_slice", accuracy.high >= min_accuracy, accuracy.high, min_accuracy,
        "accuracy", comparison=">=",
        summary=f"The worst of {len(judged)} slices is {worst.name} with {accuracy.value:.1%} on "
        f"{worst.num_images} images, at best {accuracy.high:.1%}; {min_accuracy:.1%} is asked.",
        details={
            "slice": worst.name, "accuracy": accuracy.value, "low": accuracy.low,
            "high": accuracy.high, "num_images": worst.num_images,
            "num_slices": len(judged), "min_images": min_images,
            "slices": [
                {"slice": item.name, "accuracy": bound.value, "low": bound.low,
                 "high": bound.high, "num_images": item.num_images}
                for item, bound in sorted(bounds, key=lambda pair: pair[1].value)[:10]
            ],
        },
    )  # fmt: skip
