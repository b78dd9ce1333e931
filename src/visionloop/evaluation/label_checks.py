"""The job that ranks the labels of a dataset version by how much a trained model doubts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from visionloop.admin.entities import Actor, Permission
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.data.quality.entities import Observation
from visionloop.data.quality.scanning import record_observations
from visionloop.data.sources import ImageSource
from visionloop.data.store import annotations as annotation_store
from visionloop.data.versions import get_version, read_manifest
from visionloop.evaluation.entities import Example
from visionloop.evaluation.examples import examples_from_rows
from visionloop.evaluation.label_errors import rank_doubts, suggest_labels
from visionloop.evaluation.out_of_fold import out_of_fold_probabilities
from visionloop.evaluation.scoring import ScoredExamples, evaluate_package, label_indices
from visionloop.storage.database import Database

ENTRY_POINT: Final = "visionloop.evaluation.label_checks:check"
_SCORING: Final = 0.9


@dataclass(frozen=True)
class LabelCheckRequest:
    """Which labels to hold against which model.

    Attributes:
        package_dir: folder of an exported classifier.
        subject: what the model is, e.g. "run/run_01...".
        dataset_version: id, NAME:NUMBER, NAME@TAG, or NAME for the newest.
    """

    package_dir: str
    subject: str
    dataset_version: str


def start_label_check(
    database: Database, actor: Actor, project: str, request: LabelCheckRequest
) -> Job:
    """Queue a label check as a job; it writes findings of kind "label-error".

    Raises:
        VersionNotFound: no such dataset version.
    """
    version = get_version(database, actor, project, request.dataset_version)
    inputs = {
        "package_dir": request.package_dir,
        "subject": request.subject,
        "dataset_version": version.id,
    }
    return jobs.submit(
        database,
        actor,
        project=project,
        kind="label_check",
        entry_point=ENTRY_POINT,
        inputs=inputs,
        permission=Permission.MANAGE_DATA,
    )


def check(context: JobContext) -> dict[str, Any]:
    """Score all images of a version, judge their labels out of fold, and write what is doubted."""
    inputs = context.inputs
    version = str(inputs["dataset_version"])
    where = (context.database, context.blobs, context.actor, context.project)
    source = ImageSource(context.database, context.blobs, context.project)
    examples = examples_from_rows(read_manifest(*where, version), source)
    context.log(f"Holding {len(examples)} labels against {inputs['subject']}.")

    def on_progress(fraction: float) -> None:
        context.check_cancelled()
        context.progress(_SCORING * fraction, "Scoring images.")

    folder = Path(str(inputs["package_dir"]))
    judged = evaluate_package(folder, examples, on_progress=on_progress)
    observations = doubt_labels(judged.scored, _classes(judged.scored))
    current = _still_labeled(context, observations)
    facts = record_observations(
        context.database,
        context.actor,
        context.project,
        current,
        kinds=("label-error",),
        job_id=context.job_id,
    )
    context.log(f"{len(current)} labels are doubted.")
    return facts | {
        "num_images": len(judged.scored.examples),
        "num_unreadable": len(judged.scored.unreadable),
        "num_changed_since": len(observations) - len(current),
    }


def doubt_labels(scored: ScoredExamples, classes: Sequence[str]) -> list[Observation]:
    """Return the doubted labels, the most doubted first.

    Args:
        scored: examples with their embeddings.
        classes: class names in index order.
    """
    truth = label_indices(scored.examples, tuple(classes))
    groups = [example.group_key or example.image_id for example in scored.examples]
    probabilities = out_of_fold_probabilities(
        scored.scores.embeddings, truth, groups, num_classes=len(classes)
    )
    suggested = suggest_labels(truth, probabilities)
    return [
        _observe(
            scored.examples[row],
            classes[suggested[row]],
            own=float(probabilities[row, truth[row]]),
            other=float(probabilities[row, suggested[row]]),
        )
        for row in rank_doubts(truth, probabilities)
    ]


def _observe(example: Example, suggested: str, *, own: float, other: float) -> Observation:
    return Observation(
        "label-error",
        f"labeled {example.label!r} ({own:.0%} likely), looks like {suggested!r} ({other:.0%})",
        image_id=example.image_id,
        category=example.label,
        score=float(np.clip(1.0 - own, 0.0, 1.0)),
        facts={
            "label": example.label,
            "suggested": suggested,
            "self_confidence": round(own, 4),
            "suggested_probability": round(other, 4),
        },
    )


def _classes(scored: ScoredExamples) -> tuple[str, ...]:
    return tuple(sorted({example.label for example in scored.examples}))


def _still_labeled(context: JobContext, observations: Sequence[Observation]) -> list[Observation]:
    """Leave out images that have another label by now than the version says."""
    ids = [item.image_id for item in observations if item.image_id is not None]
    with context.database.read() as tx:
        live = annotation_store.find_annotation_sets(tx, context.project, ids)
    kept = []
    for item in observations:
        labels = live.get(item.image_id or "")
        names = {a.category for a in labels.annotations} if labels is not None else set()
        if item.category in names:
            kept.append(item)
    return kept
