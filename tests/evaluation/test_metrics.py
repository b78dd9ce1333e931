"""Metrics against hand-computed values and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, log_loss, precision_score, recall_score

from visionloop.evaluation.metrics import (
    calibration_error,
    count_confusions,
    describe_classes,
    image_losses,
    rank_confusions,
)

NAMES = ("bolt", "gear", "nut")


def _sample(seed: int = 0, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(3), size=count).astype(np.float32)
    return random.integers(0, 3, count), probabilities


def test_confusions_and_class_metrics_agree_with_scikit_learn():
    labels, probabilities = _sample()
    predicted = probabilities.argmax(axis=1)
    confusion = count_confusions(labels, predicted, 3)
    assert (confusion == confusion_matrix(labels, predicted)).all()
    reports = describe_classes(confusion, NAMES)
    for name, score in (("precision", precision_score), ("recall", recall_score)):
        expected = score(labels, predicted, average=None)
        assert [getattr(item, name).value for item in reports] == pytest.approx(expected)
    expected_f1 = f1_score(labels, predicted, average=None)
    assert [item.f1 for item in reports] == pytest.approx(expected_f1)


def test_losses_agree_with_scikit_learn():
    labels, probabilities = _sample()
    rows = probabilities.astype(np.float64)
    rows /= rows.sum(axis=1, keepdims=True)
    assert image_losses(labels, rows).mean() == pytest.approx(log_loss(labels, rows))


def test_a_class_that_is_never_predicted_has_no_precision():
    labels, predicted = np.array([0, 0, 1]), np.array([0, 1, 1])
    report = describe_classes(count_confusions(labels, predicted, 3), NAMES)
    assert report[2].precision is None
    assert report[2].recall is None
    assert report[2].f1 == 0.0
    assert report[0].recall is not None
    assert report[0].recall.value == 0.5


def test_confusions_are_ranked_by_count():
    labels, predicted = np.array([0, 0, 0, 1, 2]), np.array([1, 1, 2, 0, 2])
    ranked = rank_confusions(count_confusions(labels, predicted, 3), NAMES)
    assert [(r.label, r.predicted, r.count) for r in ranked] == [
        ("bolt", "gear", 2),
        ("bolt", "nut", 1),
        ("gear", "bolt", 1),
    ]


def test_calibration_error_of_a_hand_made_case():
    # 10 images at confidence 0.8, of which 6 are right: off by 0.2 in the only bin.
    probabilities = np.tile([0.8, 0.2], (10, 1))
    labels = np.array([0] * 6 + [1] * 4)
    assert calibration_error(labels, probabilities, num_bins=1) == pytest.approx(0.2)


def test_a_calibrated_model_has_a_small_calibration_error():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), size=20_000)
    labels = (probabilities.cumsum(axis=1) > random.random((20_000, 1))).argmax(axis=1)
    assert calibration_error(labels, probabilities) < 0.015
