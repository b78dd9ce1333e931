"""Queue what the model learns most from, rank the queue anew, and measure what it gained."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.errors import ImageUnreadable
from visionloop.data.images import read_image_content
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.labeling.active import rules
from visionloop.labeling.active.entities import (
    CurvePoint,
    FloatArray,
    LearningCurve,
    Outcome,
    Reranked,
    ScoredImages,
)
from visionloop.labeling.batches import list_waiting_images, queue_batch
from visionloop.labeling.entities import LabelTask, TaskOrder, TaskQuery, TaskState
from visionloop.labeling.errors import NoPredictor
from visionloop.labeling.ports import Predictor
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import NothingToBatch
from visionloop.labeling.projects.settings import get_labeling_project
from visionloop.labeling.quality.rules import wilson
from visionloop.labeling.records import LabelBatch
from visionloop.labeling.store import batches as batch_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction

STRATEGY: Final = "active"
AUDIT_SHARE: Final = 0.15
_CANDIDATES_PER_IMAGE: Final = 20
_MAX_CANDIDATES: Final = 2000
_MAX_TASKS: Final = 20_000


def create_active_batch(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    name: str,
    *,
    size: int,
    predictor: Predictor,
    model: str | None = None,
    assignee: str | None = None,
) -> LabelBatch:
    """Queue the images of a labeling project that a model learns most from.

    Args:
        database: Where images and tasks are.
        blobs: Where image bytes are.
        actor: Who queues them.
        project: Name of the project.
        name: Name of the labeling project.
        size: Images at most.
        predictor: Runs the model.
        model: Reference such as "parts:3"; None takes the champion.
        assignee: Who gets them; None leaves them to all members.

    Raises:
        LabelingProjectNotFound: There is none of this name.
        NothingToBatch: Every image was queued.
        NoPredictor: There is no model, or it gives no probabilities.
    """
    require(actor, Permission.MANAGE_DATA, project)
    owner = get_labeling_project(database, actor, project, name)
    scored = _score_waiting(
        database, blobs, actor, owner, size=size, predictor=predictor, model=model
    )
    with database.read() as tx:
        outcomes = list_outcomes(tx, project, name)
        num_labels = _count_labels(tx, project)
    p_error = rules.predict_errors(scored.probabilities, outcomes)
    reasons = _choose(scored, p_error, size=size, seed=len(outcomes))
    facts: dict[str, object] = {
        "model": scored.model,
        "num_labels": num_labels,
        "num_candidates": len(scored),
        "num_outcomes": len(outcomes),
        "mean_p_error": round(float(p_error.mean()), 4),
    }
    order = TaskOrder(queue=name, assignee=assignee)
    return queue_batch(
        database,
        actor,
        owner,
        list(reasons),
        order=order,
        strategy=STRATEGY,
        facts=facts,
        reasons=reasons,
    )


def _choose(
    scored: ScoredImages, p_error: FloatArray, *, size: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Return the chosen images with why each was chosen."""
    choices = rules.choose_images(scored, p_error, size=size, audit_share=AUDIT_SHARE, seed=seed)
    return {
        scored.image_ids[choice.index]: _reason(scored, choice.index, choice.p_error)
        | {"audit": choice.is_audit}
        for choice in choices
    }


def _score_waiting(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    owner: LabelingProject,
    *,
    size: int,
    predictor: Predictor,
    model: str | None,
) -> ScoredImages:
    """Score some of the images that wait: enough to choose from, drawn so that none is favoured."""
    waiting = list_waiting_images(database, actor, owner)
    wanted = min(len(waiting), max(_CANDIDATES_PER_IMAGE * size, 200), _MAX_CANDIDATES)
    drawn = random.Random(len(waiting)).sample(waiting, wanted)
    scored, _ = score_images(
        database, blobs, actor, owner.project, image_ids=drawn, predictor=predictor, model=model
    )
    if scored is None:
        raise NothingToBatch(owner.name)
    return scored


def rerank_queue(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    name: str,
    *,
    predictor: Predictor,
    model: str | None = None,
) -> Reranked:
    """Order the open tasks of a queue by what a new model is probably wrong about.

    Tasks of the audit slice keep the model that they were drawn to measure.

    Raises:
        NoPredictor: There is no model, or it gives no probabilities.
    """
    require(actor, Permission.MANAGE_DATA, project)
    query = TaskQuery(queue=name, state=TaskState.OPEN)
    with database.read() as tx:
        found, _ = task_store.list_tasks(tx, project, query, limit=_MAX_TASKS, offset=0)
        outcomes = list_outcomes(tx, project, name)
    tasks = {task.image_id: task for task in found if not task.reason.get("audit")}
    scored, num_unreadable = score_images(
        database,
        blobs,
        actor,
        project,
        image_ids=list(tasks)[:_MAX_CANDIDATES],
        predictor=predictor,
        model=model,
    )
    if scored is None:
        return Reranked(model or "", 0, num_unreadable)
    p_error = rules.predict_errors(scored.probabilities, outcomes)
    with database.begin() as tx:
        for row, image_id in enumerate(scored.image_ids):
            task = task_store.find_task(tx, project, tasks[image_id].id, for_update=True)
            if task is None or task.state is not TaskState.OPEN:
                continue
            reason = dict(task.reason) | _reason(scored, row, float(p_error[row]))
            ranked = replace(task, priority=round(1000 * float(p_error[row])), reason=reason)
            task_store.update_task(tx, ranked)
        publish(
            tx,
            type="visionloop.label_tasks.reranked",
            project=project,
            subject=f"label_queue/{name}",
            actor=actor,
            data={"model": scored.model, "num_tasks": len(scored)},
        )
    return Reranked(scored.model, len(scored), num_unreadable)


def measure_curve(
    database: Database, actor: Actor, project: str, name: str, *, retrain_after: int = 100
) -> LearningCurve:
    """Return accuracy against labels spent, by the audit slices of active batches."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        batches = batch_store.list_batches(tx, project, name)
        active = [batch for batch in reversed(batches) if batch.strategy == STRATEGY]
        points = tuple(_measure_batch(tx, project, batch) for batch in active)
        num_labels = _count_labels(tx, project)
    num_since = num_labels - points[-1].num_labels if points else num_labels
    return LearningCurve(points, num_labels, num_since, num_since >= retrain_after)


def score_images(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    image_ids: Sequence[str],
    predictor: Predictor,
    model: str | None,
) -> tuple[ScoredImages | None, int]:
    """Run a model on images; those whose source does not answer are counted and left out.

    Raises:
        NoPredictor: There is no model, or it gives no probabilities.
    """
    rows: list[dict[str, float]] = []
    embeddings: list[Any] = []
    kept: list[str] = []
    reference = ""
    for image_id in image_ids:
        try:
            content = read_image_content(database, blobs, actor, project, image_id)
        except ImageUnreadable:
            continue
        said = predictor.predict(project, content.data, model=model)
        if said is None or said.probabilities is None or said.embedding is None:
            raise NoPredictor(project)
        rows.append(dict(said.probabilities))
        embeddings.append(said.embedding)
        kept.append(image_id)
        reference = said.model
    if not rows:
        return None, len(image_ids)
    classes = tuple(rows[0])
    table = np.array([[row[name] for name in classes] for row in rows])
    scored = ScoredImages(tuple(kept), classes, table, np.stack(embeddings), reference)
    return scored, len(image_ids) - len(kept)


def list_outcomes(tx: Transaction, project: str, queue: str) -> list[Outcome]:
    """Return what models had said about images that people labeled since."""
    outcomes = []
    for task, truth in _list_judged(tx, project, TaskQuery(queue=queue)):
        reason = task.reason
        if "margin" in reason:
            outcomes.append(
                Outcome(
                    confidence=float(reason["confidence"]),
                    margin=float(reason["margin"]),
                    entropy=float(reason["entropy"]),
                    is_wrong=reason["prediction"] != truth,
                )
            )
    return outcomes


def _measure_batch(tx: Transaction, project: str, batch: LabelBatch) -> CurvePoint:
    judged = [
        (task, truth)
        for task, truth in _list_judged(tx, project, TaskQuery(batch_id=batch.id))
        if task.reason.get("audit")
    ]
    right = sum(task.reason["prediction"] == truth for task, truth in judged)
    interval = wilson(right, len(judged))
    return CurvePoint(
        batch_id=batch.id,
        model=str(batch.facts.get("model", "")),
        num_labels=int(batch.facts.get("num_labels", 0)),
        num_audited=len(judged),
        accuracy=None if interval is None else interval.value,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        created_at=batch.created_at,
    )


def _list_judged(
    tx: Transaction, project: str, query: TaskQuery
) -> list[tuple[LabelTask, str | None]]:
    """Return accepted tasks with a prediction, and the class that the image has now."""
    accepted = replace(query, state=TaskState.ACCEPTED)
    tasks, _ = task_store.list_tasks(tx, project, accepted, limit=_MAX_TASKS, offset=0)
    judged = [task for task in tasks if "prediction" in task.reason]
    sets = find_annotation_sets(tx, project, [task.image_id for task in judged])
    return [(task, _single_class(sets.get(task.image_id))) for task in judged]


def _single_class(labels: Any) -> str | None:
    names = [] if labels is None else [a.category for a in labels.annotations if a.kind == "class"]
    return names[0] if len(names) == 1 else None


def _count_labels(tx: Transaction, project: str) -> int:
    return batch_store.count_labeled(tx, project)


def _reason(scored: ScoredImages, row: int, p_error: float) -> dict[str, Any]:
    confidence, margin, entropy = rules.describe(scored.probabilities[row : row + 1])[0].tolist()
    return {
        "p_error": round(p_error, 4),
        "prediction": scored.classes[int(scored.probabilities[row].argmax())],
        "confidence": round(confidence, 4),
        "margin": round(margin, 4),
        "entropy": round(entropy, 4),
        "model": scored.model,
    }
