"""Temperature scaling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from visionloop.evaluation.calibration import fit_temperature


def test_the_temperature_of_overconfident_logits_is_recovered():
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 5))
    truth = softmax(logits, axis=1).cumsum(axis=1)
    labels = (truth > random.random((20_000, 1))).argmax(axis=1)
    assert fit_temperature(logits * 3.0, labels) == pytest.approx(3.0, rel=0.05)


def test_a_perfect_validation_set_does_not_ask_for_certainty():
    logits = np.eye(4)[np.arange(100) % 4] * 5.0
    temperature = fit_temperature(logits, np.arange(100) % 4)
    confidence = softmax(logits / temperature, axis=1).max()
    assert 0.97 < confidence < 0.995
