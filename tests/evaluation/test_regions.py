"""mIoU, Dice, boundary IoU and multi-label numbers, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from visionloop.data.entities import Annotation
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.evaluation.multilabel import choose_thresholds, judge_multilabel
from visionloop.evaluation.regions.judging import build_region_report, count_regions, to_source
from visionloop.evaluation.regions.painting import paint_labels, paint_mask
from visionloop.evaluation.report import (
    headline,
    headline_metrics,
    report_from_dict,
    report_to_dict,
    results_from_dict,
    results_to_dict,
)


def annotate(kind: str, category: str = "window", **values) -> Annotation:
    return Annotation("a", "image", category, kind, **values)


def test_polygons_masks_and_boxes_cover_their_pixels():
    square = [[2, 1, 6, 1, 6, 4, 2, 4]]
    polygon = paint_mask(annotate("polygon", segmentation=square), 8, 8)
    box = paint_mask(annotate("box", bbox=(2.0, 1.0, 6.0, 4.0)), 8, 8)
    expected = np.zeros((8, 8), dtype=bool)
    expected[1:4, 2:6] = True
    for found in (polygon, box):
        assert (found & expected).sum() == 12
        assert found.sum() <= 20
    counts = [17, 3, 21, 2, 21]
    mask = paint_mask(annotate("mask", segmentation={"size": [8, 8], "counts": counts}), 8, 8)
    assert mask.sum() == 5
    assert mask[1:4, 2].all()
    placed = Preprocessing(16, 16).placement(8, 8)
    large = paint_mask(
        annotate("mask", segmentation={"size": [8, 8], "counts": counts}), 16, 16, placement=placed
    )
    assert large.sum() == 20


def test_small_regions_lie_on_large_ones_whatever_their_order():
    window = annotate("box", bbox=(2.0, 2.0, 4.0, 4.0))
    facade = annotate("box", "facade", bbox=(0.0, 0.0, 8.0, 8.0))
    for order in ((window, facade), (facade, window)):
        example = Example("image", "", bytes, annotations=order, width=8, height=8)
        painted = paint_labels(example, ("facade", "window"))
        assert painted[3, 3] == 2
        assert painted[7, 7] == 1


def test_overlaps_by_hand():
    truth = np.zeros((2, 20, 20), dtype=np.uint8)
    truth[:, :, 10:] = 1
    found = truth.copy()
    found[1, :, 5:] = 1
    counts = count_regions(zip(truth, found, strict=True), 2)
    examples = [Example(f"image{row}", "", bytes) for row in range(2)]
    report, results = build_region_report(examples, counts, ("a", "b"))
    # Class a: 400 shared of 500; class b occurs nowhere and does not count.
    assert report.miou.value == pytest.approx(400 / 500)
    assert report.dice.value == pytest.approx(800 / 900)
    assert report.pixel_accuracy == pytest.approx(700 / 800)
    assert report.per_class[2].iou is None
    assert 0.0 < report.boundary_iou.value < report.miou.value
    assert [item.image_id for item in results] == ["image1", "image0"]
    assert results[1].miou == 1.0
    assert report_from_dict(report_to_dict(report)) == report
    assert results_from_dict(results_to_dict(results, report.labels)) == results
    assert headline(report)[0] == "mIoU"
    assert headline_metrics(report)["miou"] == report.miou.value


def test_maps_return_to_the_source_through_the_letterbox():
    preprocessing = Preprocessing(16, 16, resize="letterbox")
    mask = np.zeros((16, 16), dtype=np.uint8)
    mask[4:12, 8:] = 3
    example = Example("image", "", bytes, width=32, height=16)
    found = to_source(mask, example, preprocessing)
    assert found.shape == (16, 32)
    assert (found[:, 16:] == 3).all()
    assert (found[:, :16] == 0).all()


def _several(count: int = 60, seed: int = 0):
    random = np.random.default_rng(seed)
    truth = random.random((count, 3)) < (0.5, 0.3, 0.1)
    noise = random.random((count, 3))
    probabilities = (0.55 * truth + 0.45 * noise).astype(np.float32)
    labels = ("cat", "dog", "owl")
    examples = [
        Example(
            f"image{row}",
            "",
            bytes,
            annotations=tuple(
                annotate("class", label)
                for label, there in zip(labels, shown, strict=True)
                if there
            ),
        )
        for row, shown in enumerate(truth)
    ]
    return examples, truth, probabilities, labels


def test_multilabel_numbers_equal_those_of_scikit_learn():
    examples, truth, probabilities, labels = _several()
    thresholds = dict(zip(labels, choose_thresholds(truth, probabilities).tolist(), strict=True))
    report, results = judge_multilabel(examples, probabilities, labels, thresholds)
    predicted = probabilities >= np.array(list(thresholds.values()))
    expected = average_precision_score(truth, probabilities, average="macro")
    assert report.mean_ap.value == pytest.approx(expected)
    assert report.micro_f1 == pytest.approx(f1_score(truth, predicted, average="micro"))
    assert report.macro_f1 == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert report_from_dict(report_to_dict(report)) == report
    assert results_from_dict(results_to_dict(results, labels)) == results
    assert results[0].loss == max(item.loss for item in results)


def test_thresholds_are_at_least_as_good_as_a_half():
    _, truth, probabilities, _ = _several(seed=3)
    chosen = choose_thresholds(truth, probabilities)
    best = f1_score(truth, probabilities >= chosen, average=None)
    half = f1_score(truth, probabilities >= 0.5, average=None)
    assert (best >= half - 1e-9).all()
