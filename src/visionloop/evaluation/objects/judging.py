"""From what a detector said to its judgement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.models import ModelFolder
from visionloop.evaluation.objects.entities import ObjectReport, ObjectResult
from visionloop.evaluation.objects.report import build_object_report
from visionloop.evaluation.objects.thresholds import DEFAULT_THRESHOLD
from visionloop.evaluation.objects.truth import found_objects, true_objects


def judge_objects(
    examples: Sequence[Example], scores: Scores, model: ModelFolder
) -> tuple[ObjectReport, tuple[ObjectResult, ...]]:
    """Compare found with true objects; return the report, and every image, worst first."""
    by_mask = "masks" in scores.extras
    truth = [true_objects(example, model.labels, with_masks=by_mask) for example in examples]
    found = [
        found_objects(scores, row, example, model.preprocessing)
        for row, example in enumerate(examples)
    ]
    chosen = [model.thresholds.get(label, DEFAULT_THRESHOLD) for label in model.labels]
    return build_object_report(
        examples,
        truth,
        found,
        labels=model.labels,
        thresholds=np.array(chosen),
        by_mask=by_mask,
    )
