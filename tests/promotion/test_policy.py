"""The promotion section of a project file."""

from __future__ import annotations

from typing import Any

import pytest

from visionloop.promotion.entities import DEFAULT_GATES, Policy
from visionloop.promotion.errors import InvalidPolicy
from visionloop.promotion.policy import read_policy


def test_nothing_given_is_the_default() -> None:
    assert read_policy({}) == read_policy({"promotion": None}) == Policy()
    assert read_policy({}).gates == DEFAULT_GATES


def test_everything_given_is_read() -> None:
    policy = read_policy(
        {
            "promotion": {
                "gates": {"parity": None, "accuracy": {"margin": 0.03}},
                "staging_endpoint": "parts-staging",
                "production_endpoint": "parts",
                "approval_timeout_days": 7,
                "approval_valid_days": 0.5,
                "rollout": {"strategy": "canary", "canary_percent": 20, "canary_s": 5},
            }
        }
    )
    assert policy.gates == ("parity", "accuracy")
    assert policy.gate_settings == {"parity": {}, "accuracy": {"margin": 0.03}}
    assert policy.rollout.canary_percent == 20
    assert (policy.staging_endpoint, policy.production_endpoint) == ("parts-staging", "parts")
    assert (policy.approval_timeout_days, policy.approval_valid_days) == (7.0, 0.5)


def test_gates_may_be_a_list_of_names() -> None:
    assert read_policy({"promotion": {"gates": ["latency"]}}).gates == ("latency",)


@pytest.mark.parametrize(
    ("section", "field"),
    [
        (["parity"], "promotion."),
        ({"gate": []}, "promotion.gate"),
        ({"gates": []}, "promotion.gates"),
        ({"gates": ["parity", "parity"]}, "promotion.gates"),
        ({"approval_timeout_days": 0}, "promotion.approval_timeout_days"),
        ({"approval_timeout_days": True}, "promotion.approval_timeout_days"),
        ({"staging_endpoint": 3}, "promotion.staging_endpoint"),
        ({"rollout": "fast"}, "promotion.rollout"),
        ({"rollout": {"strategy": "fast"}}, "promotion.rollout.strategy"),
        ({"rollout": {"canary_percent": 100}}, "promotion.rollout.canary_percent"),
        ({"rollout": {"max_error_rate": 2}}, "promotion.rollout.max_error_rate"),
        ({"rollout": {"canary_s": -1}}, "promotion.rollout.canary_s"),
        ({"rollout": {"pace": 1}}, "promotion.rollout.pace"),
    ],
)
def test_a_wrong_policy_names_the_field(section: Any, field: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy({"promotion": section})
    assert field in caught.value.message
