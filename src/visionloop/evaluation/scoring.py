"""From labeled files to what a model says about each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_for
from visionloop.evaluation.entities import Example, ImageResult, Report, Scores
from visionloop.evaluation.errors import LabelUnknown, NothingToEvaluate
from visionloop.evaluation.metrics import image_losses
from visionloop.evaluation.models import BATCH_SIZE, Scorer, read_model_folder
from visionloop.evaluation.report import build_report

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

    report: Report
    results: tuple[ImageResult, ...]
    scored: ScoredExamples


def evaluate_package(
    folder: Path,
    examples: Sequence[Example],
    *,
    num_threads: int = 1,
    on_progress: OnProgress | None = None,
) -> PackageEvaluation:
    """Judge the model in a folder on labeled files.

    Args:
        folder: a registered package, or the output of a training.
        examples: labeled files; unreadable ones are reported and left out.
        num_threads: of the runtime.
        on_progress: called with the share done; may raise to stop.

    Raises:
        LabelUnknown: an example carries a label that the model does not have.
        NothingToEvaluate: no readable example.
        ModelUnusable: no exported classifier in the folder.
    """
    model = read_model_folder(folder)
    check_labels(examples, model.labels)
    scorer = Scorer(model.path, num_threads=num_threads)
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
        raise NothingToEvaluate(str(folder))
    scores = Scores(
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
    )
    return judge(ScoredExamples(tuple(kept), scores, tuple(unreadable)), model.labels)


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


def check_labels(examples: Sequence[Example], labels: tuple[str, ...]) -> None:
    """Refuse examples that carry a label the model does not have.

    Raises:
        LabelUnknown: the first such label.
    """
    for example in examples:
        if example.label not in labels:
            raise LabelUnknown(example.label, labels)
