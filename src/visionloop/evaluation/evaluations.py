"""Use cases around stored evaluations: record, read, list, compare."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.evaluation import store
from visionloop.evaluation.entities import Evaluation, ImageResult, ModelComparison
from visionloop.evaluation.errors import EvaluationNotFound, ImagesDiffer
from visionloop.evaluation.intervals import (
    bootstrap,
    mcnemar,
    mean_estimate,
    paired_difference,
    wilson,
)
from visionloop.evaluation.multilabel import MultilabelResult
from visionloop.evaluation.objects.entities import ObjectResult
from visionloop.evaluation.regions.entities import RegionResult
from visionloop.evaluation.report import (
    AnyReport,
    AnyResult,
    headline,
    headline_metrics,
    report_from_dict,
    report_to_dict,
    results_from_dict,
    results_to_dict,
)
from visionloop.evaluation.scoring import PackageEvaluation
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import canonical_json
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


@dataclass(frozen=True)
class EvaluationSubject:
    """What was judged on what.

    Attributes:
        subject: e.g. "run/run_01..." or "model/parts/3".
        evaluation_id: given where the id was announced before the work.
    """

    subject: str
    split: str
    run_id: str | None = None
    dataset_version_id: str | None = None
    evaluation_id: str | None = None


@dataclass(frozen=True)
class ImageFilter:
    """Which image results to show; label and predicted together are one confusion cell."""

    label: str | None = None
    predicted: str | None = None
    only_errors: bool = False


def record_evaluation(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    about: EvaluationSubject,
    judged: PackageEvaluation,
) -> Evaluation:
    """Keep a judgement with the result of every image."""
    require(actor, Permission.TRAIN, project)
    labels = judged.report.labels
    measure, estimate = headline(judged.report)
    evaluation = Evaluation(
        id=about.evaluation_id or new_id("eval"),
        project=project,
        subject=about.subject,
        run_id=about.run_id,
        dataset_version_id=about.dataset_version_id,
        split=about.split,
        num_images=judged.report.num_images,
        metrics=headline_metrics(judged.report),
        report_digest=blobs.put(canonical_json(report_to_dict(judged.report))),
        images_digest=blobs.put(canonical_json(results_to_dict(judged.results, labels))),
        created_by=actor.name,
        created_at=utc_now(),
    )
    with database.begin() as tx:
        store.insert_evaluation(tx, evaluation)
        publish(
            tx,
            type="visionloop.evaluation.recorded",
            project=project,
            subject=f"evaluation/{evaluation.id}",
            actor=actor,
            data={
                "subject": about.subject,
                "split": about.split,
                "measure": measure,
                "value": estimate.value,
            },
        )
    return evaluation


def list_evaluations(
    database: Database,
    actor: Actor,
    project: str,
    *,
    run_id: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Evaluation], int]:
    """Return a page of evaluations, newest first, and the number of all."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_evaluations(tx, project, run_id=run_id, limit=limit, offset=offset)


def get_evaluation(
    database: Database, blobs: BlobStore, actor: Actor, project: str, evaluation_id: str
) -> tuple[Evaluation, AnyReport]:
    """Return an evaluation and its report.

    Raises:
        EvaluationNotFound: No such evaluation in the project.
    """
    evaluation = _find(database, actor, project, evaluation_id)
    return evaluation, report_from_dict(json.loads(blobs.get(evaluation.report_digest)))


def list_images(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    evaluation_id: str,
    chosen: ImageFilter,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[AnyResult], int]:
    """Return a page of image results, worst first, and the number that match.

    Raises:
        EvaluationNotFound: No such evaluation in the project.
    """
    evaluation = _find(database, actor, project, evaluation_id)
    matching = [item for item in _results(blobs, evaluation) if _matches(item, chosen)]
    return matching[offset : offset + limit], len(matching)


def compare_evaluations(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    baseline_id: str,
    candidate_id: str,
) -> ModelComparison:
    """Compare two evaluations image by image.

    Raises:
        EvaluationNotFound: One of them is not in the project.
        ImagesDiffer: They do not cover the same images with the same labels.
    """
    baseline = _results(blobs, _find(database, actor, project, baseline_id))
    candidate = _results(blobs, _find(database, actor, project, candidate_id))
    return compare_models(baseline, candidate)


def compare_models(
    baseline: Sequence[AnyResult], candidate: Sequence[AnyResult]
) -> ModelComparison:
    """Compare two models that judged the same images.

    Classifiers by whether each image is right; models that find objects by how well each image
    came out.

    Raises:
        ImagesDiffer: They did not.
    """
    keys = _shared_keys(baseline, candidate)
    if any(not isinstance(item, ImageResult) for item in (*baseline, *candidate)):
        return compare_scores(baseline, candidate, keys)
    first = {(item.image_id, _truth_of(item)): item.is_correct for item in baseline}
    second = {(item.image_id, _truth_of(item)): item.is_correct for item in candidate}
    before = np.array([first[key] for key in keys], dtype=bool)
    after = np.array([second[key] for key in keys], dtype=bool)
    fixed = tuple(keys[row][0] for row in np.flatnonzero(after & ~before))
    broken = tuple(keys[row][0] for row in np.flatnonzero(before & ~after))
    return ModelComparison(
        num_images=len(keys),
        baseline_accuracy=wilson(int(before.sum()), len(keys)),
        candidate_accuracy=wilson(int(after.sum()), len(keys)),
        difference=paired_difference(len(fixed), len(broken), len(keys)),
        p_value=mcnemar(len(fixed), len(broken)),
        fixed=fixed,
        broken=broken,
    )


def compare_scores(
    baseline: Sequence[AnyResult], candidate: Sequence[AnyResult], keys: Sequence[tuple[str, str]]
) -> ModelComparison:
    """Compare two models by a score of every image, with a paired bootstrap and Wilcoxon's test."""
    first = {item.image_id: 1.0 - item.loss for item in baseline}
    second = {item.image_id: 1.0 - item.loss for item in candidate}
    ids = [image_id for image_id, _ in keys]
    before = np.array([first[image_id] for image_id in ids])
    after = np.array([second[image_id] for image_id in ids])
    gain = after - before
    p_value = float(wilcoxon(gain).pvalue) if np.any(gain != 0) else 1.0
    return ModelComparison(
        num_images=len(ids),
        baseline_accuracy=mean_estimate(before),
        candidate_accuracy=mean_estimate(after),
        difference=bootstrap(lambda rows: float(gain[rows].mean()), len(gain)),
        p_value=p_value,
        fixed=tuple(ids[row] for row in np.flatnonzero(gain > 0)),
        broken=tuple(ids[row] for row in np.flatnonzero(gain < 0)),
        measure="mean score of an image",
    )


def _shared_keys(
    baseline: Sequence[AnyResult], candidate: Sequence[AnyResult]
) -> list[tuple[str, str]]:
    first = {(item.image_id, _truth_of(item)) for item in baseline}
    second = {(item.image_id, _truth_of(item)) for item in candidate}
    if first != second:
        raise ImagesDiffer(len(first & second), len(first), len(second))
    return sorted(first)


def _truth_of(item: AnyResult) -> str:
    return item.label if isinstance(item, ImageResult) else ""


def _find(database: Database, actor: Actor, project: str, evaluation_id: str) -> Evaluation:
    require(actor, Permission.READ, project)
    with database.read() as tx:
        evaluation = store.find_evaluation(tx, project, evaluation_id)
    if evaluation is None:
        raise EvaluationNotFound(evaluation_id, project)
    return evaluation


def _results(blobs: BlobStore, evaluation: Evaluation) -> tuple[AnyResult, ...]:
    return results_from_dict(json.loads(blobs.get(evaluation.images_digest)))


def _matches(item: AnyResult, chosen: ImageFilter) -> bool:
    if not isinstance(item, ImageResult):
        wanted = chosen.predicted or chosen.label
        shown = wanted is None or wanted in _found_classes(item)
        return shown and not (chosen.only_errors and item.is_correct)
    return (
        (chosen.label is None or item.label == chosen.label)
        and (chosen.predicted is None or item.predicted == chosen.predicted)
        and not (chosen.only_errors and item.is_correct)
    )


def _found_classes(item: ObjectResult | RegionResult | MultilabelResult) -> set[str]:
    if isinstance(item, ObjectResult):
        return {str(entry["label"]) for entry in item.objects}
    return set(item.iou) if isinstance(item, RegionResult) else set(item.predicted)
