"""Parity: rounding passes, a different graph does not."""

from __future__ import annotations

import numpy as np
import pytest

from visionloop.evaluation.entities import Scores
from visionloop.evaluation.parity import compare_scores


def _scores(seed: int = 0) -> Scores:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(4), size=6).astype(np.float32)
    return Scores(probabilities, random.normal(0, 3, (6, 64)).astype(np.float32))


def test_rounding_passes():
    expected = _scores()
    noise = np.float32(1e-5)
    found = Scores(expected.probabilities + noise, expected.embeddings * (1 + noise))
    parity = compare_scores(found, expected)
    assert parity.passed
    assert parity.num_images == 6
    assert parity.max_abs_difference == pytest.approx(1e-5, rel=0.2)


@pytest.mark.parametrize("broken", ["probabilities", "embeddings"])
@pytest.mark.parametrize("value", [0.01, np.nan])
def test_a_different_graph_is_noticed(broken: str, value: float):
    expected = _scores()
    changed = {name: getattr(expected, name).copy() for name in ("probabilities", "embeddings")}
    changed[broken][2] += np.float32(value)
    assert not compare_scores(Scores(**changed), expected).passed
