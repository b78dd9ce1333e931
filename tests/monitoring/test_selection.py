"""The review queue finds errors better than chance, and never spends more than its budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.monitoring.synthetic import World, make_baseline
from visionloop.monitoring.opinion import doubt_predictions, fit_opinion
from visionloop.monitoring.samples import newest_distinct
from visionloop.monitoring.selection import (
    Ranker,
    choose_for_review,
    fit_ranker,
    least_confidence,
    predict_errors,
)


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return fit_ranker(make_baseline())


def test_selection_beats_random(ranker: Ranker) -> None:
    lifts = []
    for seed in range(10):
        window, labels, _ = World.make().draw(
            60, 5, np.random.default_rng(seed), shift=0.5, noise=1.7
        )
        wrong = window.predicted != labels
        p_error = predict_errors(ranker, window, is_shifted=np.ones(300, dtype=bool))
        choices = choose_for_review(p_error, window, budget=40, audit_share=0.15, seed=seed)
        ranked = [choice.index for choice in choices if not choice.is_audit]
        lifts.append(wrong[ranked].mean() / wrong.mean())
    assert np.mean(lifts) >= 1.5


def test_budget_audit_and_ranks(ranker: Ranker) -> None:
    window, _, _ = World.make().draw(50, 2, np.random.default_rng(3))
    p_error = predict_errors(ranker, window)
    choices = choose_for_review(p_error, window, budget=20, audit_share=0.2, seed=1)
    audits = [choice for choice in choices if choice.is_audit]
    assert len({choice.index for choice in choices}) == len(choices) == 20
    assert len(audits) == 4
    assert {choice.selection_probability for choice in audits} == {4 / 100}
    assert all(c.selection_probability is None for c in choices if not c.is_audit)
    assert [c.rank for c in choices] == sorted(c.rank for c in choices)
    again = choose_for_review(p_error, window, budget=20, audit_share=0.2, seed=1)
    assert again == choices


def test_audit_is_uniform(ranker: Ranker) -> None:
    window, _, _ = World.make().draw(20, 1, np.random.default_rng(3))
    counts = np.zeros(20)
    p_error = predict_errors(ranker, window)
    for seed in range(100):
        for choice in choose_for_review(p_error, window, budget=5, audit_share=1.0, seed=seed):
            counts[choice.index] += 1
    assert counts.sum() == 500
    assert abs(counts - 25).max() < 18


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_candidates(ranker: Ranker, count: int) -> None:
    window, _, _ = World.make().draw(3, 1, np.random.default_rng(3))
    few = window.take(np.arange(count))
    choices = choose_for_review(
        predict_errors(ranker, window)[:count], few, budget=10, audit_share=0.15, seed=0
    )
    assert len(choices) == count


def test_without_errors_confidence_and_second_opinion_rank() -> None:
    baseline = make_baseline()
    flawless = replace(baseline, labels=baseline.samples.predicted)
    window, _, _ = World.make().draw(10, 1, np.random.default_rng(3))
    ranker = fit_ranker(flawless)
    expected = 0.25 * least_confidence(window) + 0.75 * doubt_predictions(ranker.opinion, window)
    assert predict_errors(ranker, window) == pytest.approx(expected)


def test_second_opinion_follows_the_shift() -> None:
    """Embeddings that moved as a whole are moved back before they are judged."""
    world, rng = World.make(), np.random.default_rng(4)
    reference, labels, _ = world.draw(80, 5, rng)
    opinion = fit_opinion(reference, labels)
    window, truth, _ = world.draw(60, 5, rng)
    moved = replace(window, embeddings=window.embeddings + rng.normal(0, 1.5, 24))
    uniform = np.full_like(window.probabilities, 0.25)
    blind = replace(moved, probabilities=uniform + np.eye(4)[truth] * 1e-6)
    shifted = np.ones(300, dtype=bool)
    followed = doubt_predictions(opinion, blind, shifted).mean()
    assert followed < 0.6 * doubt_predictions(opinion, blind).mean()


def test_one_class_gives_no_second_opinion() -> None:
    reference, labels, _ = World.make().draw(10, 5, np.random.default_rng(4))
    opinion = fit_opinion(reference, np.zeros_like(labels))
    assert doubt_predictions(opinion, reference) == pytest.approx(least_confidence(reference))


def test_repeats_are_left_out() -> None:
    hashes = ["0" * 16, "f" * 16, "0" * 15 + "1", "0" * 16]
    embeddings = np.array([[1.0, 0, 0], [0, 1, 0], [1, 0.01, 0], [0, 0, 1]])
    # The last hashes like the first but shows another scene; the third repeats the first.
    assert newest_distinct(hashes, embeddings, 10).tolist() == [1, 2, 3]
    assert newest_distinct(hashes, embeddings, 2).tolist() == [2, 3]
    assert newest_distinct([], np.zeros((0, 3)), 5).tolist() == []
