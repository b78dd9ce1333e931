"""The built-in gates: parity, signature, latency, accuracy and worst slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from visionloop.admin.entities import SYSTEM
from visionloop.promotion import rules
from visionloop.promotion.entities import GateResult
from visionloop.promotion.errors import InvalidPolicy
from visionloop.promotion.evidence import (
    compare_with_champion,
    read_slices,
    read_test_images,
    recheck_parity,
)
from visionloop.promotion.ports import Gate, GateContext
from visionloop.promotion.subjects import verify_package
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.loadtest import LoadTestSpec, run_load_test


@dataclass(frozen=True)
class BuiltinGate:
    """A gate made of a name, its default thresholds and a function."""

    name: str
    judge: Callable[[GateContext, Mapping[str, Any]], GateResult]
    defaults: Mapping[str, Any]

    def evaluate(self, context: GateContext, /) -> GateResult:
        """Judge under the project's thresholds, completed by the defaults.

        Raises:
            InvalidPolicy: A threshold is unknown or no number.
        """
        for key, value in context.settings.items():
            if key not in self.defaults:
                known = ", ".join(self.defaults) or "nothing"
                raise InvalidPolicy(f"gates.{self.name}.{key}", f"one of: {known}", value)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidPolicy(f"gates.{self.name}.{key}", "a number", value)
        return self.judge(context, {**self.defaults, **context.settings})


def judge_parity(context: GateContext, _settings: Mapping[str, Any]) -> GateResult:
    """Does the exported graph, here and now, answer as its checkpoint did?"""
    return rules.decide_parity(recheck_parity(context.package_dir))


def judge_signature(context: GateContext, _settings: Mapping[str, Any]) -> GateResult:
    """Was the package signed here, and is it byte for byte what was signed?"""
    verified = verify_package(
        context.database, context.home, context.project, context.model, context.version
    )
    return rules.decide_signature(verified.problems, verified.num_files, verified.key_id)


def judge_latency(context: GateContext, settings: Mapping[str, Any]) -> GateResult:
    """Does the staging endpoint answer fast and without errors under load?"""
    target = get_endpoint(context.database, SYSTEM, context.project, name=context.endpoint)
    images = read_test_images(context, limit=int(settings["num_images"]))
    report = run_load_test(
        context.home,
        target,
        images,
        spec=LoadTestSpec(
            duration_s=float(settings["duration_s"]),
            concurrency=int(settings["concurrency"]),
            deployment=context.deployment,
        ),
    )
    result = rules.decide_latency(
        asdict(report),
        max_p95_ms=float(settings["max_p95_ms"]),
        max_error_rate=float(settings["max_error_rate"]),
    )
    evidence = {
        "endpoint": context.endpoint,
        "deployment": context.deployment,
        "num_images": len(images),
        "concurrency": int(settings["concurrency"]),
    }
    return replace(result, evidence=evidence)


def judge_accuracy(context: GateContext, settings: Mapping[str, Any]) -> GateResult:
    """Is the candidate surely not worse than the champion on the same frozen test images?"""
    counts, evidence = compare_with_champion(context, limit=int(settings["num_images"]))
    if context.champion is None:
        result = rules.decide_first_accuracy(
            counts.candidate_correct,
            counts.num_images,
            min_accuracy=float(settings["min_accuracy"]),
        )
    else:
        result = rules.decide_accuracy(counts, margin=float(settings["margin"]))
    return replace(result, evidence=evidence)


def judge_worst_slice(context: GateContext, settings: Mapping[str, Any]) -> GateResult:
    """Is some camera, or light, or kind of photo surely served badly?"""
    result = rules.decide_worst_slice(
        read_slices(context.package_dir),
        min_accuracy=float(settings["min_accuracy"]),
        min_images=int(settings["min_images"]),
    )
    return replace(result, evidence={"file": "evaluation.json"})


PARITY: Gate = BuiltinGate("parity", judge_parity, {})
SIGNATURE: Gate = BuiltinGate("signature", judge_signature, {})
LATENCY: Gate = BuiltinGate(
    "latency",
    judge_latency,
    {
        "max_p95_ms": 500.0,
        "max_error_rate": 0.0,
        "duration_s": 5.0,
        "concurrency": 4,
        "num_images": 32,
    },
)
ACCURACY: Gate = BuiltinGate(
    "accuracy", judge_accuracy, {"margin": 0.05, "min_accuracy": 0.5, "num_images": 1000}
)
WORST_SLICE: Gate = BuiltinGate(
    "worst_slice", judge_worst_slice, {"min_accuracy": 0.5, "min_images": 20}
)

BUILTIN_GATES: Mapping[str, Gate] = {
    gate.name: gate for gate in (PARITY, SIGNATURE, LATENCY, ACCURACY, WORST_SLICE)
}
