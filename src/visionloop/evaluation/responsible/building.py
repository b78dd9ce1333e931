"""Build a Responsible AI report from a model folder, labeled images and what they are known by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.data.imaging import decode_image
from visionloop.evaluation.entities import Example
from visionloop.evaluation.label_errors import rank_doubts, suggest_labels
from visionloop.evaluation.models import ModelFolder, Scorer, read_model_folder
from visionloop.evaluation.responsible.bias import measure_bias
from visionloop.evaluation.responsible.cohorts import judge_cohorts
from visionloop.evaluation.responsible.discovery import find_worst_slices
from visionloop.evaluation.responsible.entities import (
    JudgedImages,
    LabelDoubt,
    ResponsibleReport,
    RobustnessRow,
)
from visionloop.evaluation.responsible.error_tree import grow_error_tree
from visionloop.evaluation.responsible.explaining import ChosenImage, explain_images
from visionloop.evaluation.responsible.gaps import measure_quality
from visionloop.evaluation.responsible.robustness import Pixels, measure_robustness
from visionloop.evaluation.scoring import ScoredExamples, evaluate_package, label_indices

MAX_DAMAGED_IMAGES = 120
MAX_EXPLAINED_IMAGES = 8
MAX_DOUBTS = 40

OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class TrainingData:
    """What the model learned from: (N,) labels and N mappings of metadata."""

    labels: tuple[str, ...]
    attributes: tuple[Mapping[str, Any], ...]


def build_responsible_report(
    folder: Path,
    examples: Sequence[Example],
    *,
    training: TrainingData | None = None,
    on_progress: OnProgress = lambda _share, _what: None,
) -> ResponsibleReport:
    """Judge a classifier for whom, where, and under what it fails.

    Args:
        folder: a registered package, or the output of a training.
        examples: labeled images that the model has not learned from.
        training: what it has learned from, for the data's bias.
        on_progress: called with the share done and what is being done; may raise to stop.

    Raises:
        LabelUnknown, NothingToEvaluate, ModelUnusable: as ``evaluate_package``.
    """
    model = read_model_folder(folder)
    judged = evaluate_package(
        folder, examples, on_progress=lambda share: on_progress(share * 0.25, "Scoring images.")
    )
    scored = judged.scored
    truth = label_indices(scored.examples, model.labels)
    images = judged_images(scored, truth)
    on_progress(0.25, "Looking for where the model fails.")
    cohorts, tree, slices = (
        judge_cohorts(images),
        grow_error_tree(images),
        find_worst_slices(images),
    )
    robustness = _damage(model, scored.examples, truth, on_progress)
    explained = explain_images(
        model.path,
        _choose_images(model, scored, truth),
        model.labels,
        on_progress=lambda share: on_progress(0.6 + 0.4 * share, "Explaining images."),
    )
    return ResponsibleReport(
        task="classification",
        num_images=len(images),
        quality_name="accuracy",
        quality=measure_quality(images.quality),
        cohorts=cohorts,
        tree=tree,
        slices=slices,
        robustness=robustness,
        explanations=explained.explanations,
        methods=explained.methods,
        doubts=_doubt_labels(scored, truth, model.labels),
        bias=measure_bias(training.labels, training.attributes) if training else None,
        notes=explained.notes,
    )


def judged_images(scored: ScoredExamples, truth: NDArray[np.int64]) -> JudgedImages:
    """Return scored images as right or wrong, with what is known of them."""
    examples = scored.examples
    statistics = [example.statistics for example in examples]
    known = [row for row in statistics if row is not None]
    return JudgedImages(
        image_ids=tuple(example.image_id for example in examples),
        quality=(scored.scores.probabilities.argmax(axis=1) == truth).astype(np.float64),
        labels=tuple(example.label for example in examples),
        attributes=tuple(example.attributes for example in examples),
        statistics=np.array(known, dtype=np.float64) if len(known) == len(examples) else None,
        embeddings=scored.scores.embeddings,
        groups=tuple(example.group_key or example.image_id for example in examples),
    )


def _damage(
    model: ModelFolder,
    examples: Sequence[Example],
    truth: NDArray[np.int64],
    on_progress: OnProgress,
) -> tuple[RobustnessRow, ...]:
    # Image ids are digests, so their order is random with regard to content.
    order = np.argsort([example.image_id for example in examples])[:MAX_DAMAGED_IMAGES]
    sources = [decode_image(examples[row].read()) for row in order]
    scorer, preprocessing = Scorer(model.path), model.preprocessing

    def judge(pictures: Sequence[Pixels]) -> NDArray[np.float64]:
        prepared = np.stack([preprocessing.apply(picture) for picture in pictures])
        predicted = scorer.score(prepared).probabilities.argmax(axis=1)
        quality: NDArray[np.float64] = (predicted == truth[order]).astype(np.float64)
        return quality

    return measure_robustness(
        sources,
        [examples[row].image_id for row in order],
        judge,
        on_progress=lambda share: on_progress(0.3 + 0.3 * share, "Damaging images."),
    )


def _choose_images(
    model: ModelFolder, scored: ScoredExamples, truth: NDArray[np.int64]
) -> list[ChosenImage]:
    """Choose the surest errors and the surest hits, each explained for what the model said."""
    probabilities = scored.scores.probabilities
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = predicted != truth
    half = MAX_EXPLAINED_IMAGES // 2
    rows = [
        row
        for mask in (wrong, ~wrong)
        for row in np.flatnonzero(mask)[np.argsort(-confidence[mask], kind="stable")][:half]
    ]
    return [
        ChosenImage(
            image_id=scored.examples[row].image_id,
            pixels=model.preprocessing.apply(decode_image(scored.examples[row].read())),
            target=int(predicted[row]),
        )
        for row in rows
    ]


def _doubt_labels(
    scored: ScoredExamples, truth: NDArray[np.int64], labels: tuple[str, ...]
) -> tuple[LabelDoubt, ...]:
    probabilities = scored.scores.probabilities
    suggested = suggest_labels(truth, probabilities)
    return tuple(
        LabelDoubt(
            image_id=scored.examples[row].image_id,
            label=labels[truth[row]],
            suggested=labels[suggested[row]],
            self_confidence=float(probabilities[row, truth[row]]),
        )
        for row in rank_doubts(truth, probabilities)[:MAX_DOUBTS]
    )
