"""A whole report of a model whose weakness is known, and its card."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.conftest import LABELS
from visionloop.evaluation.entities import Example
from visionloop.evaluation.label_errors import class_thresholds, rank_doubts, suggest_labels
from visionloop.evaluation.responsible.building import build_responsible_report
from visionloop.evaluation.responsible.card import CardFacts, render_card
from visionloop.evaluation.responsible.entities import ResponsibleReport
from visionloop.evaluation.responsible.forms import report_to_dict
from visionloop.evaluation.responsible.pictures import draw_thumbnails

Paint = Callable[..., Example]


@pytest.fixture
def examples(paint: Paint) -> list[Example]:
    """90 right ones, and 12 red pictures that are labeled green."""
    right = [paint(f"image{row:03}", LABELS[row % 3]) for row in range(90)]
    return right + [paint(f"wrong{row:03}", "red", "green") for row in range(12)]


@pytest.fixture
def report(model_folder: Path, examples: list[Example]) -> ResponsibleReport:
    steps: list[float] = []
    made = build_responsible_report(
        model_folder, examples, training=examples, on_progress=lambda share, _: steps.append(share)
    )
    assert steps == sorted(steps)
    assert steps[-1] == pytest.approx(1.0)
    return made


def test_the_report_names_what_is_known_to_be_wrong(report: ResponsibleReport):
    worst = report.cohorts[0]
    assert worst.gap.is_weak
    assert f"{worst.attribute}={worst.value}" in {"camera=cam-red", "label=green"}
    assert {item.image_id[:5] for item in report.doubts} == {"wrong"}
    assert {(item.label, item.suggested) for item in report.doubts} == {("green", "red")}
    drops = {(row.corruption, row.severity): row.drop for row in report.robustness}
    assert len(drops) == 37
    assert drops["none", 0] == 0
    assert report.bias is not None
    assert report.bias.associations[0].attribute == "camera"


def test_a_network_without_maps_is_explained_by_masking_and_that_is_said(
    report: ResponsibleReport,
):
    assert {item.method for item in report.explanations} == {"masking"}
    assert any("masking" in note for note in report.notes)
    assert report.methods[0].num_images == len(report.explanations) == 8


def test_the_card_needs_nothing_else(report: ResponsibleReport, examples: list[Example]):
    known = {item.image_id: item for item in examples}
    thumbnails = draw_thumbnails(known, [*known, "gone"])
    assert set(thumbnails) == set(known)
    card = render_card(report, CardFacts("<run> & co", {"Project": "parts"}, thumbnails=thumbnails))
    assert "&lt;run&gt; &amp; co" in card
    assert not re.findall(r"(?:src|href)=\"(?!data:image/jpeg;base64,)", card)
    for title in ("Cohorts", "Error tree", "Robustness", "Explanations", "Labels in doubt"):
        assert f"<h2>{title}</h2>" in card
    assert card.count("green → red?") == len(report.doubts)


def test_the_json_form_is_plain_and_small(report: ResponsibleReport):
    told = json.loads(json.dumps(report_to_dict(report)))
    grid = np.array(told["explanations"][0]["saliency"])
    assert grid.shape == (28, 28)
    assert 0 <= grid.min() <= grid.max() <= 1
    assert told["quality_name"] == "accuracy"


def test_labels_are_doubted_only_where_another_class_is_confident():
    probabilities = np.array(
        [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05], [0.55, 0.45]]
    )
    labels = np.array([0, 0, 1, 1, 1, 1])
    assert class_thresholds(labels, probabilities) == pytest.approx([0.85, 0.55])
    assert suggest_labels(labels, probabilities).tolist() == [0, 0, 1, 1, 0, 1]
    assert rank_doubts(labels, probabilities) == [4]
