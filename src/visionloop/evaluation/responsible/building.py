"""Build a Responsible AI report from a model folder, labeled images and what they are known by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.data.imaging import decode_image
from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.label_errors import rank_doubts, suggest_labels
from visionloop.evaluation.models import ModelFolder, Scorer, join_scores, read_model_folder
from visionloop.evaluation.responsible.bias import measure_bias
from visionloop.evaluation.responsible.cohorts import judge_cohorts
from visionloop.evaluation.responsible.discovery import find_worst_slices
from visionloop.evaluation.responsible.entities import (
    DataBias,
    JudgedImages,
    LabelDoubt,
    ResponsibleReport,
    RobustnessRow,
)
from visionloop.evaluation.responsible.error_tree import grow_error_tree
from visionloop.evaluation.responsible.explaining import ChosenImage, explain_images
from visionloop.evaluation.responsible.gaps import measure_quality
from visionloop.evaluation.responsible.quality import QUALITY_NAMES, image_qualities
from visionloop.evaluation.responsible.robustness import Pixels, measure_robustness
from visionloop.evaluation.scoring import (
    ScoredExamples,
    check_labels,
    label_indices,
    score_examples,
)

MAX_DAMAGED_IMAGES = 120
MAX_DAMAGED_SCENES = 40
"""Of tasks that look at places: they cost more and say more an image."""

MAX_EXPLAINED_IMAGES = 8
MAX_EXPLAINED_SCENES = 4
MAX_DOUBTS = 40

_BATCH = 16
_DOUBTS_NOTE = "Labels in doubt are looked for where an image has one class."

OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class _Model:
    """The model in question: what runs it, and what it is for."""

    folder: ModelFolder
    scorer: Scorer

    @property
    def task(self) -> str:
        return self.scorer.task

    @property
    def is_classifier(self) -> bool:
        return self.task == "classification"

    def score(self, pictures: Sequence[Pixels]) -> Scores:
        """Score decoded photos, few in memory at a time."""
        prepare = self.folder.preprocessing.apply
        parts = [
            self.scorer.score(
                np.stack([prepare(item) for item in pictures[start : start + _BATCH]])
            )
            for start in range(0, len(pictures), _BATCH)
        ]
        return join_scores(parts)


def build_responsible_report(
    folder: Path,
    examples: Sequence[Example],
    *,
    training: Sequence[Example] = (),
    on_progress: OnProgress = lambda _share, _what: None,
) -> ResponsibleReport:
    """Judge a model of any task: for whom, where, and under what it fails.

    Args:
        folder: a registered package, or the output of a training.
        examples: labeled images that the model has not learned from.
        training: those it has learned from, for the data's bias.
        on_progress: called with the share done and what is being done; may raise to stop.

    Raises:
        LabelUnknown, NothingToEvaluate, ModelUnusable: as ``scoring.evaluate_package``.
    """
    described = read_model_folder(folder)
    check_labels(examples, described.labels)
    model = _Model(described, Scorer(described.path))
    scored = score_examples(
        model.scorer,
        described,
        examples,
        on_progress=lambda share: on_progress(share * 0.25, "Scoring images."),
    )
    quality = image_qualities(model.task, scored.examples, scored.scores, described)
    images = judged_images(scored, quality)
    on_progress(0.25, "Looking for where the model fails.")
    cohorts, tree, slices = (
        judge_cohorts(images),
        grow_error_tree(images),
        find_worst_slices(images),
    )
    robustness = _damage(model, scored.examples, on_progress)
    explained = explain_images(
        described.path,
        _choose_images(model, scored, quality),
        described.labels,
        on_progress=lambda share: on_progress(0.6 + 0.4 * share, "Explaining images."),
    )
    notes = explained.notes if model.is_classifier else (*explained.notes, _DOUBTS_NOTE)
    return ResponsibleReport(
        task=model.task,
        num_images=len(images),
        quality_name=QUALITY_NAMES[model.task],
        quality=measure_quality(images.quality),
        cohorts=cohorts,
        tree=tree,
        slices=slices,
        robustness=robustness,
        explanations=explained.explanations,
        methods=explained.methods,
        doubts=_doubt_labels(scored, described.labels) if model.is_classifier else (),
        bias=_measure_bias(training) if training else None,
        notes=notes,
    )


def judged_images(scored: ScoredExamples, quality: NDArray[np.float64]) -> JudgedImages:
    """Return scored images with their quality and with what is known of them."""
    examples = scored.examples
    known = [example.statistics for example in examples if example.statistics is not None]
    return JudgedImages(
        image_ids=tuple(example.image_id for example in examples),
        quality=quality,
        labels=tuple(main_label(example) for example in examples),
        attributes=tuple(example.attributes for example in examples),
        statistics=np.array(known, dtype=np.float64) if len(known) == len(examples) else None,
        embeddings=scored.scores.embeddings,
        groups=tuple(example.group_key or example.image_id for example in examples),
    )


def main_label(example: Example) -> str:
    """Return the class of an image, or the most frequent of its objects; "nothing" of none."""
    if example.label:
        return example.label
    counts = Counter(item.category for item in example.annotations)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else "nothing"


def _measure_bias(training: Sequence[Example]) -> DataBias:
    holds_several = not all(example.label for example in training)
    classes = [[item.category for item in example.annotations] for example in training]
    return measure_bias(
        [main_label(example) for example in training],
        [example.attributes for example in training],
        classes if holds_several else (),
    )


def _damage(
    model: _Model, examples: Sequence[Example], on_progress: OnProgress
) -> tuple[RobustnessRow, ...]:
    limit = MAX_DAMAGED_IMAGES if model.is_classifier else MAX_DAMAGED_SCENES
    # Image ids are digests, so their order is random with regard to content.
    chosen = sorted(examples, key=lambda example: example.image_id)[:limit]

    def judge(pictures: Sequence[Pixels]) -> NDArray[np.float64]:
        return image_qualities(model.task, chosen, model.score(pictures), model.folder)

    return measure_robustness(
        [decode_image(example.read()) for example in chosen],
        [example.image_id for example in chosen],
        judge,
        on_progress=lambda share: on_progress(0.3 + 0.3 * share, "Damaging images."),
    )


def _choose_images(
    model: _Model, scored: ScoredExamples, quality: NDArray[np.float64]
) -> list[ChosenImage]:
    """Choose the worst and the best images, the surest of each first."""
    confidence = scored.scores.probabilities.max(axis=1)
    worst, best = np.lexsort((-confidence, quality)), np.lexsort((-confidence, -quality))
    half = (MAX_EXPLAINED_IMAGES if model.is_classifier else MAX_EXPLAINED_SCENES) // 2
    rows = dict.fromkeys(int(row) for row in (*worst[:half], *best[:half]))
    return [_chosen(model, scored, row) for row in rows]


def _chosen(model: _Model, scored: ScoredExamples, row: int) -> ChosenImage:
    example, extras = scored.examples[row], scored.scores.extras
    pixels = model.folder.preprocessing.apply(decode_image(example.read()))
    target, box = int(scored.scores.probabilities[row].argmax()), None
    if "boxes" in extras and extras["scores"][row].max(initial=0.0) > 0:
        first = int(extras["scores"][row].argmax())
        target, box = int(extras["classes"][row][first]), extras["boxes"][row][first]
    return ChosenImage(example.image_id, pixels, target, box)


def _doubt_labels(scored: ScoredExamples, labels: tuple[str, ...]) -> tuple[LabelDoubt, ...]:
    probabilities = scored.scores.probabilities
    truth = label_indices(scored.examples, labels)
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
