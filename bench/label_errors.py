"""Find wrong labels among 10 % noise: precision at k of our ranking, beside cleanlab where it is.

python bench/label_errors.py

Classification: the digits that scikit-learn brings, labels flipped at random; k is the number of
flips. Detection: boxes dropped, moved and renamed on drawn scenes, against a detector that errs as
well; the figure is the area under the ROC curve of the image score. cleanlab is AGPL and no part of
any extra: put it into the environment to see its figures on the same inputs.
"""

from __future__ import annotations

import importlib.util
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from visionloop.evaluation.label_errors import rank_doubts
from visionloop.evaluation.object_labels import Boxes, doubt_boxes
from visionloop.evaluation.out_of_fold import out_of_fold_probabilities

_SEEDS = range(5)
_NOISE = 0.1
_NUM_SCENES = 400
_NUM_CLASSES = 4
_SIDE = 100.0


def main() -> None:
    """Print the figures of every seed and their means."""
    has_oracle = importlib.util.find_spec("cleanlab") is not None
    print(f"Classification: precision among the k most doubted, {_NOISE:.0%} of labels flipped")
    _print_rows([_classification(seed, has_oracle) for seed in _SEEDS], has_oracle)
    print(f"Detection: area under the ROC curve, {_NUM_SCENES} images, 10 % of boxes wrong")
    _print_rows([_detection(seed, has_oracle) for seed in _SEEDS], has_oracle)
    if not has_oracle:
        print("cleanlab is not installed here; only our own figures are shown.")


def _classification(seed: int, has_oracle: bool) -> tuple[float, float | None, float]:
    digits = load_digits()
    random = np.random.default_rng(seed)
    truth = digits.target.astype(np.int64)
    wrong = random.random(len(truth)) < _NOISE
    labels = np.where(wrong, (truth + random.integers(1, 10, len(truth))) % 10, truth)
    started = time.perf_counter()
    groups = [str(row) for row in range(len(labels))]
    probabilities = out_of_fold_probabilities(digits.data, labels, groups, num_classes=10)
    k = int(wrong.sum())
    ours = wrong[_ranking(labels, probabilities)[:k]].mean()
    seconds = time.perf_counter() - started
    if not has_oracle:
        return float(ours), None, seconds
    from cleanlab.filter import find_label_issues  # type: ignore[import-not-found]

    ranked = find_label_issues(
        labels, probabilities, filter_by="confident_learning", n_jobs=1,
        return_indices_ranked_by="self_confidence",
    )  # fmt: skip
    theirs = wrong[_padded(list(ranked), labels, probabilities)[:k]].mean()
    return float(ours), float(theirs), seconds


def _ranking(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> list[int]:
    return _padded(list(rank_doubts(labels, probabilities)), labels, probabilities)


def _padded(
    ranked: list[int], labels: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> list[int]:
    """Go on with the least self-confident of those that are not doubted."""
    own = probabilities[np.arange(len(labels)), labels]
    known = set(ranked)
    return ranked + [row for row in np.argsort(own, kind="stable").tolist() if row not in known]


def _detection(seed: int, has_oracle: bool) -> tuple[float, float | None, float]:
    random = np.random.default_rng(seed)
    scenes = [_scene(random) for _ in range(_NUM_SCENES)]
    wrong = np.array([is_wrong for _, _, is_wrong in scenes])
    started = time.perf_counter()
    scores = np.array([doubt_boxes(labeled, seen).score for labeled, seen, _ in scenes])
    seconds = time.perf_counter() - started
    ours = float(roc_auc_score(wrong, -scores))
    if not has_oracle:
        return ours, None, seconds
    from cleanlab.object_detection.rank import (  # type: ignore[import-not-found]
        get_label_quality_scores,
    )

    labels = [{"bboxes": item.boxes, "labels": item.labels} for item, _, _ in scenes]
    predictions = [_by_class(seen) for _, seen, _ in scenes]
    theirs = get_label_quality_scores(labels, predictions, verbose=False)
    return ours, float(roc_auc_score(wrong, -np.asarray(theirs))), seconds


def _scene(random: np.random.Generator) -> tuple[Boxes, Boxes, bool]:
    """Draw true boxes, what a person labeled and what a detector sees; tell if a label is wrong."""
    count = int(random.integers(1, 6))
    corners = random.uniform(0, 0.6 * _SIDE, (count, 2))
    true = np.concatenate([corners, corners + random.uniform(10, 0.4 * _SIDE, (count, 2))], axis=1)
    classes = random.integers(0, _NUM_CLASSES, count)
    labeled, names = true + random.normal(0, 0.7, true.shape), classes.copy()
    kinds = np.where(random.random(count) < _NOISE, random.integers(1, 4, count), 0)
    labeled[kinds == 2] += random.choice([-9.0, 9.0], (int((kinds == 2).sum()), 1))
    names[kinds == 3] = (names[kinds == 3] + 1) % _NUM_CLASSES
    kept = kinds != 1
    seen = random.random(count) < 0.97
    boxes = true[seen] + random.normal(0, 1.2, (int(seen.sum()), 4))
    found = np.where(random.random(len(boxes)) < 0.02, (classes[seen] + 1) % _NUM_CLASSES,
                     classes[seen])  # fmt: skip
    scores = np.clip(random.normal(0.97, 0.03, len(boxes)), 0.05, 0.999)
    return (
        Boxes(labeled[kept], names[kept], np.ones(int(kept.sum()))),
        Boxes(boxes, found, scores),
        bool(kinds.any()),
    )


def _by_class(seen: Boxes) -> NDArray[Any]:
    """Predictions as cleanlab takes them: an array of (N, 5) a class."""
    rows = np.empty(_NUM_CLASSES, dtype=object)
    for index in range(_NUM_CLASSES):
        own = seen.labels == index
        rows[index] = np.concatenate([seen.boxes[own], seen.scores[own, None]], axis=1)
    return rows


def _print_rows(rows: list[tuple[float, float | None, float]], has_oracle: bool) -> None:
    for seed, (ours, theirs, seconds) in zip(_SEEDS, rows, strict=True):
        beside = f"   cleanlab {theirs:.3f}" if theirs is not None else ""
        print(f"  seed {seed}   ours {ours:.3f}{beside}   {seconds:.2f} s")
    mean = np.mean([ours for ours, _, _ in rows])
    if has_oracle:
        other = np.mean([theirs for _, theirs, _ in rows if theirs is not None])
        print(f"  mean     ours {mean:.3f}   cleanlab {other:.3f}   difference {mean - other:+.3f}")
    else:
        print(f"  mean     ours {mean:.3f}")


if __name__ == "__main__":
    main()
