"""COCO's and Pascal VOC's numbers, intervals, error types: against oracles and by hand."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from visionloop.evaluation.entities import Example
from visionloop.evaluation.objects.average_precision import (
    PrecisionCurves,
    area_under_curve,
    bootstrap,
    voc_average_precision,
)
from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.errors import analyse_errors
from visionloop.evaluation.objects.matching import match_all
from visionloop.evaluation.objects.report import build_object_report
from visionloop.evaluation.objects.thresholds import apply_thresholds, choose_thresholds
from visionloop.evaluation.report import (
    headline,
    report_from_dict,
    report_to_dict,
    results_from_dict,
    results_to_dict,
)

pytest.importorskip("faster_coco_eval", reason="left out: faster-coco-eval is not installed")
from visionloop.evaluation.objects import coco

NUM_CLASSES = 3


def objects(*rows: tuple[Any, ...], crowd: bool = False, difficult: bool = False) -> Objects:
    """Rows of (x1, y1, x2, y2, class[, score])."""
    table = np.array([[*row, 1.0][:6] for row in rows], dtype=np.float64).reshape(-1, 6)
    return Objects(
        boxes=table[:, :4],
        classes=table[:, 4].astype(np.int64),
        scores=table[:, 5],
        is_crowd=np.full(len(table), crowd),
        is_difficult=np.full(len(table), difficult),
    )


def random_pairs(num_images: int, seed: int = 0) -> tuple[list[Objects], list[Objects]]:
    """True objects with crowds, and finds that are near, wrong, doubled or invented."""
    random = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(num_images):
        count = int(random.integers(0, 9))
        corner = random.uniform(0, 300, (count, 2))
        size = random.uniform(4, 130, (count, 2))
        boxes = np.concatenate([corner, corner + size], axis=1)
        classes = random.integers(0, NUM_CLASSES, count)
        is_crowd = random.random(count) < 0.15
        plain = np.zeros(count, dtype=bool)
        truth.append(Objects(boxes, classes, np.ones(count), is_crowd, plain))
        twice = np.repeat(np.arange(count), random.integers(0, 3, count))
        noise = random.normal(0, 6, (len(twice), 4))
        extra = int(random.integers(0, 4))
        more = random.uniform(0, 200, (extra, 2))
        near = boxes[twice] + noise
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        invented = np.concatenate([more, more + random.uniform(5, 90, (extra, 2))], axis=1)
        wrong = random.random(len(twice)) < 0.2
        shifted = (classes[twice] + wrong) % NUM_CLASSES
        total = len(twice) + extra
        none = np.zeros(total, dtype=bool)
        found.append(
            Objects(
                np.concatenate([near, invented]),
                np.concatenate([shifted, random.integers(0, NUM_CLASSES, extra)]).astype(np.int64),
                random.permutation(total) / max(total, 1) + random.random() * 1e-3,
                none,
                none,
            )
        )
    return truth, found


def pycocotools_values(truth: list[Objects], found: list[Objects]) -> np.ndarray:
    """The oracle's twelve numbers."""
    oracle = pytest.importorskip("pycocotools", reason="left out: the oracle is not installed")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    assert oracle
    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = coco._describe(truth, NUM_CLASSES, by_mask=False)
        reference.createIndex()
        answers = reference.loadRes(coco._list(found, by_mask=False, with_scores=True))
        judge = COCOeval(reference, answers, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats


@pytest.mark.parametrize("seed", range(4))
def test_coco_numbers_equal_those_of_pycocotools(seed: int):
    truth, found = random_pairs(30, seed)
    values = np.array(list(coco.summarise(truth, found, NUM_CLASSES).values.values()))
    assert np.abs(values - pycocotools_values(truth, found)).max() < 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_our_average_precision_equals_the_librarys(seed: int):
    """It is repeated for intervals, so it must be the same measure."""
    truth, found = random_pairs(30, seed)
    expected = coco.summarise(truth, found, NUM_CLASSES)
    curves = PrecisionCurves(match_all(truth, found, NUM_CLASSES)).average_precision()
    assert np.abs(curves[0] - expected.class_ap_50).max() < 1e-6
    assert np.abs(curves.mean(axis=0) - expected.class_ap).max() < 1e-6


def test_a_doubled_image_changes_no_average_precision_and_weights_mean_copies():
    truth, found = random_pairs(12)
    once = PrecisionCurves(match_all(truth, found, NUM_CLASSES))
    weights = np.ones(12)
    weights[3] = 2.0
    copied = PrecisionCurves(match_all([*truth, truth[3]], [*found, found[3]], NUM_CLASSES))
    # Copies tie in score, and ties count in the order of the images.
    assert np.abs(once.average_precision(weights) - copied.average_precision()).max() < 0.02


def test_the_interval_holds_the_value_and_shrinks_with_more_images():
    widths = []
    for count in (10, 80):
        truth, found = random_pairs(count, seed=5)
        values = coco.summarise(truth, found, NUM_CLASSES).values
        ap, ap_50 = bootstrap(match_all(truth, found, NUM_CLASSES), (values["ap"], values["ap_50"]))
        assert ap.low <= ap.value <= ap.high
        widths.append(ap_50.high - ap_50.low)
    assert widths[1] < widths[0]


def test_nothing_found_is_zero_and_nothing_to_find_is_minus_one():
    truth = [objects((0, 0, 10, 10, 1))]
    summary = coco.summarise(truth, [objects()], NUM_CLASSES)
    assert summary.values["ap"] == 0.0
    assert np.isnan(summary.class_ap).tolist() == [True, False, True]
    assert coco.summarise([objects()], [objects()], NUM_CLASSES).values["ap"] == -1.0


def test_voc_average_precision_by_hand():
    scores, hits = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False])
    assert area_under_curve(scores, hits, 4) == pytest.approx((1 + 2 / 3) / 4)
    truth = [objects((0, 0, 10, 10, 0), (20, 20, 30, 30, 0))]
    found = [objects((0, 0, 10, 10, 0, 0.9), (0, 0, 10, 9, 0, 0.8), (20, 20, 30, 30, 0, 0.7))]
    # The second lies on a taken object and is wrong, although COCO would let it take another.
    assert voc_average_precision(truth, found, 1) == pytest.approx((1 + 2 / 3) / 2)
    hard = [objects((0, 0, 10, 10, 0), difficult=True)]
    assert voc_average_precision([*truth, *hard], [*found, objects((0, 0, 10, 10, 0))], 1) == (
        pytest.approx((1 + 2 / 3) / 2)
    )


def test_each_mistake_is_of_its_kind():
    truth = [objects((0, 0, 20, 20, 0), (40, 0, 60, 20, 1), (0, 60, 20, 80, 2))]
    found = [
        objects(
            (0, 0, 20, 20, 0, 0.9),  # right
            (0, 1, 20, 20, 0, 0.8),  # duplicate
            (40, 0, 60, 20, 2, 0.7),  # class
            (10, 60, 30, 80, 2, 0.6),  # location: IoU 1/3
            (200, 200, 220, 220, 0, 0.5),  # background
            (50, 0, 70, 20, 0, 0.4),  # both
        )
    ]
    kinds = {item.name: item for item in analyse_errors(truth, found, NUM_CLASSES)}
    for name in ("class", "location", "both", "duplicate", "background"):
        assert kinds[name].count == 1, name
    assert kinds["missed"].count == 2
    assert kinds["class"].ap_50_gain > 0.2


def test_thresholds_keep_what_helps_f1():
    truth = [objects((0, 0, 10, 10, 0), (20, 0, 30, 10, 0))]
    found = [
        objects((0, 0, 10, 10, 0, 0.9), (20, 0, 30, 10, 0, 0.6), (50, 50, 60, 60, 0, 0.2)),
    ]
    thresholds = choose_thresholds(truth, found, 2)
    assert thresholds.tolist() == [0.4, 0.3]
    assert len(apply_thresholds(found[0], thresholds)) == 2


def test_a_report_names_the_worst_image_and_survives_json():
    truth, found = random_pairs(40, seed=2)
    examples = [
        Example(f"image{row}", "", bytes, {"camera": "a" if row < 20 else "b"}) for row in range(40)
    ]
    found[7] = objects()
    report, results = build_object_report(
        examples, truth, found, labels=("a", "b", "c"), thresholds=np.full(3, 0.3)
    )
    assert report_from_dict(report_to_dict(report)) == report
    assert results[0].loss >= results[-1].loss
    assert {item.attribute for item in report.slices} == {"camera"}
    stored = results_to_dict(results, report.labels)
    assert results_from_dict(stored) == results
    assert headline(report)[0] == "AP@.5"
    total = sum(map(sum, report.confusion[:-1]))
    assert total == report.num_objects == sum(int((~item.is_crowd).sum()) for item in truth)
