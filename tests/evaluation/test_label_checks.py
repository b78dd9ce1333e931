"""Which labels are doubted, by rules alone and by the job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.conftest import make_project
from tests.evaluation.conftest import LABELS
from tests.jobs import carry_out
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.quality.findings import list_findings
from visionloop.evaluation.entities import Example
from visionloop.evaluation.label_checks import LabelCheckRequest, start_label_check
from visionloop.evaluation.label_errors import rank_doubts
from visionloop.evaluation.mask_labels import mask_quality
from visionloop.evaluation.object_labels import Boxes, doubt_boxes, softmin
from visionloop.evaluation.out_of_fold import out_of_fold_probabilities


def _boxes(*rows: tuple[float, float, float, float, int, float]) -> Boxes:
    values = np.array(rows, dtype=float).reshape(-1, 6)
    return Boxes(values[:, :4], values[:, 4].astype(np.int64), values[:, 5])


SEEN = _boxes((10, 10, 30, 30, 0, 0.99), (60, 60, 90, 90, 1, 0.99))


def test_most_of_the_doubted_digits_are_the_ones_that_were_flipped() -> None:
    digits = load_digits()
    random = np.random.default_rng(0)
    wrong = random.random(len(digits.target)) < 0.1
    flips = random.integers(1, 10, len(digits.target))
    labels = np.where(wrong, (digits.target + flips) % 10, digits.target).astype(np.int64)
    groups = [str(row) for row in range(len(labels))]
    probabilities = out_of_fold_probabilities(digits.data, labels, groups, num_classes=10)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(labels)))
    ranked = rank_doubts(labels, probabilities)
    k = int(wrong.sum())
    assert wrong[ranked[:k]].mean() > 0.7  # 0.92; chance is 0.1
    assert wrong[ranked].sum() > 0.6 * k


def test_images_of_one_group_never_judge_each_other() -> None:
    random = np.random.default_rng(0)
    embeddings = np.repeat(random.normal(size=(40, 8)), 2, axis=0)
    labels = np.repeat(np.arange(40) % 2, 2)
    groups = [str(row // 2) for row in range(80)]
    together = out_of_fold_probabilities(embeddings, labels, groups, num_classes=2)
    # Nothing but the own twin could tell the class of such an image.
    torn = [str(row) for row in range(80)]
    apart = out_of_fold_probabilities(embeddings, labels, torn, num_classes=2)
    rows = np.arange(80)
    assert apart[rows, labels].mean() > together[rows, labels].mean()
    one = out_of_fold_probabilities(embeddings, labels, ["a"] * 80, num_classes=2)
    assert (one == 0.5).all()


def test_a_class_that_was_never_learned_gets_no_probability() -> None:
    embeddings = np.random.default_rng(0).normal(size=(30, 4))
    labels = np.array([0] * 15 + [1] * 14 + [2])
    groups = [str(row) for row in range(30)]
    found = out_of_fold_probabilities(embeddings, labels, groups, num_classes=4)
    assert found[29, 2] == 0.0
    assert (found[:, 3] == 0.0).all()


def test_labels_that_a_detector_confirms_are_not_doubted() -> None:
    doubts = doubt_boxes(_boxes((10, 10, 30, 30, 0, 1), (60, 60, 90, 90, 1, 1)), SEEN)
    assert doubts.score == pytest.approx(1.0)
    assert doubts.badly_located == pytest.approx([1.0, 1.0])


def test_overlooked_moved_and_swapped_labels_are_told_apart() -> None:
    fine = doubt_boxes(_boxes((10, 10, 30, 30, 0, 1), (60, 60, 90, 90, 1, 1)), SEEN)
    missing = doubt_boxes(_boxes((10, 10, 30, 30, 0, 1)), SEEN)
    assert np.nanargmin(missing.overlooked) == 1
    assert missing.overlooked[1] < 0.1
    moved = doubt_boxes(_boxes((10, 10, 30, 30, 0, 1), (70, 70, 100, 100, 1, 1)), SEEN)
    assert moved.badly_located[1] < 0.5 < moved.badly_located[0]
    swapped = doubt_boxes(_boxes((10, 10, 30, 30, 0, 1), (60, 60, 90, 90, 0, 1)), SEEN)
    assert swapped.swapped[1] < 0.1 < 0.9 < swapped.swapped[0]
    for doubts in (missing, moved, swapped):
        assert doubts.score < fine.score - 0.1


def test_what_an_unsure_detector_sees_tells_nothing() -> None:
    unsure = _boxes((10, 10, 30, 30, 0, 0.4))
    doubts = doubt_boxes(_boxes((60, 60, 90, 90, 1, 1)), unsure)
    assert np.isnan(doubts.overlooked).all()
    assert doubts.score == pytest.approx(1.0)
    empty = doubt_boxes(_boxes(), _boxes())
    assert empty.score == 1.0


def test_the_lowest_scores_count_most() -> None:
    assert softmin(np.array([])) == 1.0
    assert softmin(np.array([0.5, 0.5])) == pytest.approx(0.5)
    assert softmin(np.array([0.1, 0.9, 0.9, 0.9])) < 0.2


def test_a_wrong_corner_lowers_the_quality_of_a_mask() -> None:
    labels = np.zeros((20, 20), dtype=np.int64)
    probabilities = np.stack([np.full((20, 20), 0.95), np.full((20, 20), 0.05)])
    assert mask_quality(labels, probabilities) == pytest.approx(0.95)
    labels[:4, :4] = 1
    assert mask_quality(labels, probabilities) < 0.2


def test_the_job_writes_what_is_doubted_and_forgets_what_was_mended(
    application: Application,
    model_folder: Path,
    paint: Callable[..., Example],
    tmp_path: Path,
) -> None:
    database, blobs = application.database, application.blobs
    make_project(database, "colours", *LABELS)
    for color in LABELS:
        for number in range(16):
            # Two green pictures are filed under red.
            label = "red" if color == "green" and number < 2 else color
            path = tmp_path / "photos" / label / f"{color}_{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(paint(f"{color}{number}", color).read())
    ingest_folder(
        database, blobs, SYSTEM, "colours", IngestRequest(folder=str(tmp_path / "photos"))
    )
    freeze_version(database, blobs, SYSTEM, "colours", FreezeRequest("base"))
    request = LabelCheckRequest(str(model_folder), "run/run_1", "base")

    def run() -> dict[str, object]:
        return carry_out(application, start_label_check(database, SYSTEM, "colours", request).id)

    report = run()
    assert (report["num_images"], report["findings"]) == (48, {"label-error": 2})
    found, _ = list_findings(database, SYSTEM, "colours")
    assert {finding.facts["suggested"] for finding in found} == {"green"}
    assert {finding.category for finding in found} == {"red"}
    image_id = str(found[0].image_id)
    labels = get_annotations(database, SYSTEM, "colours", image_id)
    drafts = [AnnotationDraft("green", "class")]
    where = (database, SYSTEM, "colours", image_id)
    save_annotations(*where, drafts, expected_revision=labels.revision)
    again = run()
    assert (again["num_changed_since"], again["num_gone"]) == (1, 1)
    assert len(list_findings(database, SYSTEM, "colours")[0]) == 1
