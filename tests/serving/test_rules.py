"""Pure decisions: who answers, how shares move, how long to wait."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visionloop.serving import rules
from visionloop.serving.errors import DeploymentNotFound, EndpointInvalid, TrafficInvalid

NAMES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 100), max_size=5)


@pytest.mark.parametrize(
    "weights", [{"a": 90, "b": 10}, {"a": 50, "b": 30, "c": 20}, {"a": 99, "b": 1, "c": 0}]
)
def test_shares_are_met(weights: dict[str, int]) -> None:
    counts = Counter(rules.choose_deployment(f"request-{i}", weights) for i in range(20_000))
    for name, weight in weights.items():
        assert counts[name] / 20_000 == pytest.approx(weight / 100, abs=0.012)


def test_a_moving_share_moves_only_what_must_move() -> None:
    before = {"a": 80, "b": 20}
    after = {"a": 70, "b": 30}
    keys = [f"session-{i}" for i in range(5000)]
    moved = [(rules.choose_deployment(k, before), rules.choose_deployment(k, after)) for k in keys]
    assert ("b", "a") not in moved
    assert moved.count(("a", "b")) / len(keys) == pytest.approx(0.1, abs=0.02)


def test_nobody_answers_without_weight() -> None:
    assert rules.choose_deployment("k", {}) is None
    assert rules.choose_deployment("k", {"a": 0}) is None
    assert rules.choose_deployment("k", {"a": 0, "b": 3}) == "b"


@given(weights=NAMES, key=st.text())
def test_only_live_deployments_answer(weights: dict[str, int], key: str) -> None:
    chosen = rules.choose_deployment(key, weights)
    live = [name for name, weight in weights.items() if weight > 0]
    assert chosen in live if live else chosen is None


@given(weights=NAMES, name=st.text("abcd", min_size=1, max_size=3), weight=st.integers(0, 100))
def test_a_rebalanced_split_adds_up(weights: dict[str, int], name: str, weight: int) -> None:
    try:
        split = rules.rebalance(weights, name, weight)
    except TrafficInvalid:
        others = sum(share for other, share in weights.items() if other != name)
        assert others == 0
        assert weight < 100
        return
    assert sum(split.values()) == 100
    assert split[name] == weight
    assert set(split) == {*weights, name}
    assert min(split.values()) >= 0


@pytest.mark.parametrize(
    ("weights", "name", "weight", "expected"),
    [
        ({}, "a", None, {"a": 100}),
        ({"a": 100}, "b", None, {"a": 100, "b": 0}),
        ({"a": 100}, "a", None, {"a": 100}),
        ({"a": 60, "b": 40}, "c", 10, {"a": 54, "b": 36, "c": 10}),
        ({"a": 33, "b": 33, "c": 34}, "d", 1, {"a": 33, "b": 33, "c": 33, "d": 1}),
        ({"a": 100, "b": 0}, "b", 100, {"a": 0, "b": 100}),
    ],
)
def test_rebalancing(
    weights: dict[str, int], name: str, weight: int | None, expected: dict[str, int]
) -> None:
    split = rules.rebalance(weights, name, weight)
    assert sum(split.values()) == 100
    assert all(abs(split[key] - share) <= 1 for key, share in expected.items())


def test_bad_splits() -> None:
    with pytest.raises(TrafficInvalid):
        rules.rebalance({"a": 100}, "b", 101)
    with pytest.raises(TrafficInvalid):
        rules.check_split({"a": 150, "b": -50}, ["a", "b"], "e")
    with pytest.raises(DeploymentNotFound):
        rules.check_split({"z": 100}, ["a"], "e")
    assert rules.check_split({"a": 100}, ["a", "b"], "e") == {"a": 100, "b": 0}


def test_sampling_and_mirroring_follow_their_rates() -> None:
    sampled = sum(rules.is_sampled(f"image-{i}", 0.3) for i in range(10_000))
    mirrored = sum(rules.is_mirrored(f"request-{i}", "b", 25) for i in range(10_000))
    assert sampled == pytest.approx(3000, abs=200)
    assert mirrored == pytest.approx(2500, abs=200)
    assert rules.is_sampled("x", 1.0)
    assert not rules.is_sampled("x", 0.0)
    assert rules.is_mirrored("x", "b", 100)
    assert not rules.is_mirrored("x", "b", 0)


def test_waiting_grows_and_stays_bounded() -> None:
    delays = [rules.restart_delay_s(failures) for failures in range(12)]
    assert delays[:4] == [0.0, 0.5, 1.0, 2.0]
    assert delays == sorted(delays)
    assert delays[-1] == 30.0


def test_percentiles() -> None:
    values = [float(value) for value in range(1, 101)]
    assert rules.percentile(values, 50) == 50.0
    assert rules.percentile(values, 95) == 95.0
    assert rules.percentile(values, 100) == 100.0
    assert rules.percentile([7.0], 1) == 7.0
    with pytest.raises(ValueError, match="at least one"):
        rules.percentile([], 50)


@pytest.mark.parametrize("name", ["", "a", "A1", "1a", "a_b", "../a", "a" * 64])
def test_bad_names(name: str) -> None:
    with pytest.raises(EndpointInvalid):
        rules.check_name("endpoint", name)
