"""From labeled files to what a model says about each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_for
from visionloop.evaluation.entities import Example, ImageResult, Scores
from visionloop.evaluation.errors import LabelUnknown, NothingToEvaluate
from visionloop.evaluation.metrics import image_losses
from visionloop.evaluation.models import (
    BATCH_SIZE,
    ModelFolder,
    Scorer,
    join_scores,
    read_model_folder,
)
from visionloop.evaluation.multilabel import judge_multilabel
from visionloop.evaluation.objects.judging import judge_objects
from visionloop.evaluation.regions.judging import judge_regions
from visionloop.evaluation.report import AnyReport, AnyResult, build_report

OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class ScoredExamples:
    """N readable examples, what the model said, and the ids of unreadable files."""

    examples: tuple[Example, ...]
    scores: Scores
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class PackageEvaluation:
    """A report, the result of every image (worst first) and the raw scores."""

    report: AnyReport
    results: tuple[AnyResult, ...]
    scored: ScoredExamples


def evaluate_package(
    folder: Path,
    examples: Sequence[Example],
    *,
    num_threads: int = 1,
    on_progress: OnProgress | None = None,
) -> PackageEvaluation:
    """Judge the model in a folder on labeled files, by the measures of its task.

    Args:
        folder: a registered package, or the output of a training.
        examples: labeled files; unreadable ones are reported and left out.
        num_threads: of the runtime.
        on_progress: called with the share done; may raise to stop.

    Raises:
        LabelUnknown: an example carries a label that the model does not have.
        NothingToEvaluate: no readable example.
        ModelUnusable: no exported model in the folder.
    """
    model = read_model_folder(folder)
    check_labels(examples, model.labels)
    scorer = Scorer(model.path, num_threads=num_threads)
    scored = score_examples(scorer, model, examples, on_progress=on_progress)
    if scorer.task == "classification":
        return judge(scored, model.labels)
    report, results = _judge_task(scorer.task, scored, model)
    return PackageEvaluation(replace(report, unreadable=scored.unreadable), results, scored)


def _judge_task(
    task: str, scored: ScoredExamples, model: ModelFolder
) -> tuple[AnyReport, tuple[AnyResult, ...]]:
    if task == "semantic_segmentation":
        return judge_regions(scored.examples, scored.scores, model)
    if task == "multilabel_classification":
        return judge_multilabel(
            scored.examples, scored.scores.probabilities, model.labels, model.thresholds
        )
    return judge_objects(scored.examples, scored.scores, model)


def score_examples(
    scorer: Scorer,
    model: ModelFolder,
    examples: Sequence[Example],
    *,
    on_progress: OnProgress | None = None,
) -> ScoredExamples:
    """Decode and score files, a batch in memory at a time.

    Raises:
        NothingToEvaluate: no readable example.
    """
    parts, kept, unreadable = [], [], []
    for start in range(0, len(examples), BATCH_SIZE):
        images = []
        for example in examples[start : start + BATCH_SIZE]:
            try:
                images.append(decode_for(example.read(), model.preprocessing))
            except (NotAnImage, ImageTooLarge, OSError):
                unreadable.append(example.image_id)
            else:
                kept.append(example)
        if images:
            parts.append(scorer.score(np.stack(images)))
        if on_progress:
            on_progress(min(1.0, (start + BATCH_SIZE) / len(examples)))
    if not parts:
        raise NothingToEvaluate(str(model.path.parent))
    return ScoredExamples(tuple(kept), join_scores(parts), tuple(unreadable))


def judge(scored: ScoredExamples, labels: tuple[str, ...]) -> PackageEvaluation:
    """Compare what the model said with the labels.

    Raises:
        NothingToEvaluate: there is no example.
    """
    if not scored.examples:
        raise NothingToEvaluate("the chosen images")
    truth = label_indices(scored.examples, labels)
    probabilities = scored.scores.probabilities
    report = build_report(scored.examples, truth, probabilities, labels)
    results = list_results(scored.examples, truth, probabilities, labels)
    return PackageEvaluation(replace(report, unreadable=scored.unreadable), results, scored)


def list_results(
    examples: Sequence[Example],
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
) -> tuple[ImageResult, ...]:
    """Return the result of every image, highest loss first."""
    losses = image_losses(truth, probabilities)
    predicted = probabilities.argmax(axis=1)
    return tuple(
        ImageResult(
            image_id=examples[row].image_id,
            label=labels[truth[row]],
            predicted=labels[predicted[row]],
            confidence=float(probabilities[row, predicted[row]]),
            loss=float(losses[row]),
            probabilities=tuple(float(value) for value in probabilities[row]),
        )
        for row in np.argsort(-losses, kind="stable")
    )


def label_indices(examples: Sequence[Example], labels: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the (N,) class indices of the examples."""
    index = {label: position for position, label in enumerate(labels)}
    return np.array([index[example.label] for example in examples], dtype=np.int64)


def surest_truths(
    examples: Sequence[Example],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
) -> NDArray[np.int64]:
    """Return for each image (N,) the class that an honest judge would have wanted.

    Of an image with one class, that class. Of an image with objects or several classes, the class
    that the model is surest of where it is truly there, and -1 where it is not: so "right" means
    for every task that the surest class is in the image.
    """
    index = {label: position for position, label in enumerate(labels)}
    best = probabilities.argmax(axis=1)
    wanted = []
    for example, surest in zip(examples, best, strict=True):
        if example.label:
            wanted.append(index[example.label])
        else:
            shown = {item.category for item in example.annotations}
            wanted.append(int(surest) if labels[surest] in shown else -1)
    return np.array(wanted, dtype=np.int64)


def check_labels(examples: Sequence[Example], labels: tuple[str, ...]) -> None:
    """Refuse examples that carry a label the model does not have.

    Raises:
        LabelUnknown: the first such label.
    """
    for example in examples:
        names = [item.category for item in example.annotations] or [example.label]
        for name in names:
            if name and name not in labels:
                raise LabelUnknown(name, labels)
