"""How well a model did on each image, as one number in [0, 1], for every task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.models import ModelFolder
from visionloop.evaluation.multilabel import DEFAULT_THRESHOLD as MULTILABEL_THRESHOLD
from visionloop.evaluation.multilabel import image_f1, true_classes
from visionloop.evaluation.objects.matching import match_all
from visionloop.evaluation.objects.thresholds import DEFAULT_THRESHOLD, apply_thresholds
from visionloop.evaluation.objects.truth import found_objects, true_objects
from visionloop.evaluation.regions.judging import confuse, image_miou, to_source
from visionloop.evaluation.regions.painting import paint_labels
from visionloop.evaluation.scoring import label_indices

QUALITY_NAMES = {
    "classification": "accuracy",
    "multilabel_classification": "mean F1 of an image",
    "detection": "mean F1 of an image",
    "instance_segmentation": "mean F1 of an image",
    "semantic_segmentation": "mean IoU of an image",
}


def image_qualities(
    task: str, examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> NDArray[np.float64]:
    """Return the quality of each of N images, (N,).

    Args:
        task: of the model.
        examples: N labeled images.
        scores: what the model said about them.
        model: with labels, preprocessing and operating thresholds.
    """
    if task == "classification":
        predicted = scores.probabilities.argmax(axis=1)
        return np.asarray(predicted == label_indices(examples, model.labels), dtype=np.float64)
    if task == "multilabel_classification":
        return _multilabel(examples, scores, model)
    if task == "semantic_segmentation":
        return _regions(examples, scores, model)
    return _objects(examples, scores, model)


def _multilabel(
    examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> NDArray[np.float64]:
    limits = [model.thresholds.get(label, MULTILABEL_THRESHOLD) for label in model.labels]
    return image_f1(true_classes(examples, model.labels), scores.probabilities >= limits)


def _regions(
    examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> NDArray[np.float64]:
    found = []
    for row, example in enumerate(examples):
        predicted = to_source(scores.extras["mask"][row], example, model.preprocessing)
        truth = paint_labels(example, model.labels)
        found.append(image_miou(confuse(truth, predicted, len(model.labels))))
    return np.array(found)


def _objects(
    examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> NDArray[np.float64]:
    by_mask = "masks" in scores.extras
    limits = np.array([model.thresholds.get(label, DEFAULT_THRESHOLD) for label in model.labels])
    truth = [true_objects(example, model.labels, with_masks=by_mask) for example in examples]
    found = [
        apply_thresholds(found_objects(scores, row, example, model.preprocessing), limits)
        for row, example in enumerate(examples)
    ]
    matches = match_all(truth, found, len(model.labels), by_mask=by_mask)
    hits = np.bincount(matches.images[matches.hits[0]], minlength=len(examples))
    wanted = np.array([int((~item.is_crowd).sum()) for item in truth])
    total = wanted + np.array([len(item) for item in found])
    quality: NDArray[np.float64] = np.where(total > 0, 2 * hits / np.maximum(total, 1), 1.0)
    return quality
