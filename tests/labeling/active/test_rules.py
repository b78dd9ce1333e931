from __future__ import annotations

import numpy as np
import pytest
from bench.active_learning import compare_strategies

from visionloop.labeling.active import rules
from visionloop.labeling.active.entities import Outcome, ScoredImages


def _scored(count: int, seed: int = 0) -> ScoredImages:
    rng = np.random.default_rng(seed)
    raw = rng.dirichlet((0.6, 0.6, 0.6), count)
    return ScoredImages(
        tuple(f"i{n}" for n in range(count)),
        ("a", "b", "c"),
        raw,
        rng.normal(size=(count, 8)),
        "m:1",
    )


def _outcomes(count: int, seed: int = 1) -> list[Outcome]:
    """Past images that were wrong exactly when the model was unsure, by entropy."""
    signals = rules.describe(_scored(count, seed).probabilities)
    return [Outcome(c, m, e, bool(e > 0.5)) for c, m, e in signals.tolist()]


def test_without_evidence_the_margin_ranks() -> None:
    scored = _scored(50)
    p_error = rules.predict_errors(scored.probabilities, _outcomes(5))
    ordered = np.sort(scored.probabilities, axis=1)
    assert p_error == pytest.approx(1 - (ordered[:, -1] - ordered[:, -2]))


def test_errors_are_learned_from_what_people_found() -> None:
    scored = _scored(400)
    p_error = rules.predict_errors(scored.probabilities, _outcomes(400))
    wrong = rules.describe(scored.probabilities)[:, 2] > 0.5
    assert p_error[wrong].mean() > p_error[~wrong].mean() + 0.3
    assert ((p_error >= 0) & (p_error <= 1)).all()


def test_the_budget_is_kept_and_part_of_it_is_drawn_by_chance() -> None:
    scored = _scored(300)
    p_error = rules.predict_errors(scored.probabilities, [])
    chosen = rules.choose_images(scored, p_error, size=40, audit_share=0.15, seed=0)
    assert len({choice.index for choice in chosen}) == 40
    audit = [choice for choice in chosen if choice.is_audit]
    assert len(audit) == 6
    ranked = [choice.p_error for choice in chosen if not choice.is_audit]
    assert np.mean(ranked) > p_error.mean() + 0.1
    assert [c.p_error for c in chosen] == sorted((c.p_error for c in chosen), reverse=True)
    assert len(rules.choose_images(scored, p_error, size=999, audit_share=0.15, seed=0)) == 300
    assert rules.choose_images(scored, p_error, size=0, audit_share=0.15, seed=0) == []


def test_the_audit_does_not_depend_on_the_ranking() -> None:
    scored = _scored(300)
    first = rules.choose_images(scored, np.zeros(300), size=40, audit_share=0.2, seed=3)
    other = rules.choose_images(scored, np.arange(300.0), size=40, audit_share=0.2, seed=3)
    assert {c.index for c in first if c.is_audit} == {c.index for c in other if c.is_audit}


def test_copies_of_one_image_do_not_eat_the_budget() -> None:
    scored = _scored(60)
    copies = np.repeat(np.ones((1, 8)), 30, axis=0)
    embeddings = np.concatenate([copies, scored.embeddings[30:]])
    p_error = np.concatenate([np.full(30, 0.9), np.full(30, 0.8)])
    mixed = ScoredImages(
        scored.image_ids, scored.classes, scored.probabilities, embeddings, scored.model
    )
    chosen = rules.choose_images(mixed, p_error, size=15, audit_share=0.0, seed=0)
    assert sum(choice.index < 30 for choice in chosen) < 15


def test_active_choices_beat_random_ones_on_digits() -> None:
    """A fixed seed; the bench prints the figures over several."""
    active, chance = compare_strategies(seeds=(0, 1), rounds=5)
    assert active > chance
