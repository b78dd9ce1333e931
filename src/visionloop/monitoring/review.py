"""The way back to people: production images most likely wrong become labeling tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import publish
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.data.uploads import ImageUpload, add_image_bytes
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.ids import new_id
from visionloop.labeling.entities import REVIEW_QUEUE, TaskOrder
from visionloop.labeling.tasks import write_tasks
from visionloop.monitoring.alerts import get_alert, require_watcher
from visionloop.monitoring.baselines import get_calibration, get_ranker
from visionloop.monitoring.drift import detect_drift, rank_shifted
from visionloop.monitoring.entities import (
    Monitor,
    ReviewBatch,
    ReviewSelection,
)
from visionloop.monitoring.errors import BaselineTooSmall, NothingToReview
from visionloop.monitoring.monitors import get_monitor
from visionloop.monitoring.predictions import LogWindow, read_logged_image, read_window
from visionloop.monitoring.samples import IntArray, Samples, newest_distinct
from visionloop.monitoring.selection import Choice, choose_for_review, predict_errors
from visionloop.monitoring.store import reviews as review_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction
from visionloop.storage.home import Home

CANDIDATES_PER_IMAGE = 4
SHIFTED_SCORE = 0.5


@dataclass(frozen=True)
class _Draw:
    """Candidates of a batch and what was chosen among them."""

    window: LogWindow
    candidates: IntArray
    mean_p_error: float
    choices: tuple[Choice, ...]


def send_to_review(
    database: Database,
    blobs: BlobStore,
    home: Home,
    actor: Actor,
    *,
    project: str,
    monitor: str,
    budget: int | None = None,
    alert_id: str | None = None,
) -> ReviewBatch:
    """Rank the newest production images and queue those most likely wrong for labeling.

    The same alert, or without one the same requests and budget, sends once: a second call
    returns the first batch.

    Args:
        database: where monitors, tasks and images are.
        blobs: where the chosen images are copied to.
        home: where the prediction log and the package of the model are.
        actor: who asks.
        project: name of the project.
        monitor: name of the monitor.
        budget: images to send; None takes the monitor's setting.
        alert_id: alert that asks for it.

    Raises:
        MonitorNotFound, AlertNotFound: there is no such thing.
        BaselineMissing: the model has nothing to learn the ranking from.
        NothingToReview: no stored image is left that was not sent before.
    """
    require_watcher(actor, project)
    watched = get_monitor(database, actor, project, monitor)
    if alert_id is not None:
        get_alert(database, actor, project, alert_id)
    budget = budget or watched.settings.review_budget
    # As many candidates as the monitor looks at, and enough to choose from.
    wanted = max(watched.settings.window_size, CANDIDATES_PER_IMAGE * budget)
    window = read_window(home, watched.endpoint, limit=wanted * 3, deployment=watched.deployment)
    if window is None:
        raise NothingToReview(watched.endpoint, 0)
    cause = alert_id or f"{window.request_ids[-1]}/{budget}"
    with database.read() as tx:
        known = _find_batch(tx, watched, cause)
        taken = _unfit_images(tx, watched, window)
    if known is not None:
        return known
    draw = _draw(home, watched, window, taken=taken, wanted=wanted, budget=budget)
    _ingest(database, blobs, home, watched, draw)
    with database.begin() as tx:
        batch = _new_batch(watched, draw, actor, cause, alert_id)
        if not review_store.insert_batch(tx, batch):
            known = _find_batch(tx, watched, cause)
            assert known is not None
            return known
        selections = _write_selections(tx, watched, batch, draw)
        _publish(tx, actor, watched, batch)
    return replace(batch, selections=selections)


def _draw(
    home: Home, monitor: Monitor, window: LogWindow, *, taken: set[str], wanted: int, budget: int
) -> _Draw:
    distinct = newest_distinct(window.hashes, window.samples.embeddings, wanted)
    fit = [i for i in distinct if window.stored[i] and window.image_ids[i] not in taken]
    if not fit:
        raise NothingToReview(monitor.endpoint, len(window))
    candidates = np.array(fit, dtype=np.int64)
    samples = window.samples.take(candidates)
    p_error = predict_errors(
        get_ranker(home, window.model_digest),
        samples,
        is_shifted=_find_shifted(home, monitor, window.model_digest, samples),
    )
    choices = choose_for_review(
        p_error,
        samples,
        budget=budget,
        audit_share=monitor.settings.audit_share,
        seed=int(sha256_bytes(window.request_ids[-1].encode())[:8], 16),
    )
    return _Draw(window, candidates, float(p_error.mean()), tuple(choices))


def _find_shifted(
    home: Home, monitor: Monitor, digest: str, samples: Samples
) -> NDArray[np.bool_] | None:
    """Mark the candidates that drifted; None where nothing drifted, or nobody can tell."""
    try:
        calibration = get_calibration(home, digest, monitor.settings.window_size)
    except BaselineTooSmall:
        return None
    if not detect_drift(calibration, samples, alpha=monitor.settings.alpha).is_drifted:
        return None
    _, scores = rank_shifted(calibration, samples)
    return np.asarray(scores > SHIFTED_SCORE)


def _ingest(
    database: Database, blobs: BlobStore, home: Home, monitor: Monitor, draw: _Draw
) -> None:
    """Copy the chosen images into the data estate; doing so twice changes nothing."""
    for choice in draw.choices:
        index = int(draw.candidates[choice.index])
        image_id = draw.window.image_ids[index]
        upload = ImageUpload(
            data=read_logged_image(home, monitor.endpoint, image_id),
            name=f"{monitor.endpoint}-{image_id[:12]}",
            origin="production",
            metadata={
                "endpoint": monitor.endpoint,
                "request_id": draw.window.request_ids[index],
                "predicted": draw.window.labels[index],
                "captured_at": draw.window.times[index].isoformat(),
            },
        )
        add_image_bytes(database, blobs, SYSTEM, monitor.project, upload)


def _new_batch(
    monitor: Monitor, draw: _Draw, actor: Actor, cause: str, alert_id: str | None
) -> ReviewBatch:
    return ReviewBatch(
        id=new_id("review"),
        project=monitor.project,
        monitor_id=monitor.id,
        alert_id=alert_id,
        model_digest=draw.window.model_digest,
        cause=cause,
        num_candidates=len(draw.candidates),
        num_selected=len(draw.choices),
        num_audit=sum(choice.is_audit for choice in draw.choices),
        mean_p_error=draw.mean_p_error,
        created_by=actor.name,
        created_at=utc_now(),
    )


def _write_selections(
    tx: Transaction, monitor: Monitor, batch: ReviewBatch, draw: _Draw
) -> tuple[ReviewSelection, ...]:
    selections = []
    for choice in draw.choices:
        index = int(draw.candidates[choice.index])
        selection = ReviewSelection(
            id=new_id("selection"),
            batch_id=batch.id,
            project=monitor.project,
            monitor_id=monitor.id,
            alert_id=batch.alert_id,
            endpoint=monitor.endpoint,
            model_digest=batch.model_digest,
            request_id=draw.window.request_ids[index],
            image_id=draw.window.image_ids[index],
            task_id=None,
            predicted=draw.window.labels[index],
            p_error=choice.p_error,
            least_confidence=choice.least_confidence,
            rank=choice.rank,
            is_audit=choice.is_audit,
            selection_probability=choice.selection_probability,
            created_at=batch.created_at,
        )
        selections.append(replace(selection, task_id=_queue_task(tx, monitor, selection)))
    review_store.insert_selections(tx, selections)
    return tuple(selections)


def _queue_task(tx: Transaction, monitor: Monitor, selection: ReviewSelection) -> str:
    order = TaskOrder(
        queue=REVIEW_QUEUE,
        assignee=monitor.settings.assignee,
        priority=round(1000 * selection.p_error),
        reason={
            "p_error": round(selection.p_error, 4),
            "request_id": selection.request_id,
            "prediction": selection.predicted,
            "alert_id": selection.alert_id,
            "monitor": monitor.name,
            "audit": selection.is_audit,
            "selection_probability": selection.selection_probability,
        },
    )
    made = write_tasks(tx, SYSTEM, monitor.project, [selection.image_id], order)
    return (*made.created, *made.existing)[0].id


def _find_batch(tx: Transaction, monitor: Monitor, cause: str) -> ReviewBatch | None:
    batch = review_store.find_batch(tx, monitor.id, cause)
    if batch is None:
        return None
    selections, _ = review_store.list_selections(tx, monitor.id, batch_id=batch.id)
    return replace(batch, selections=tuple(selections))


def _unfit_images(tx: Transaction, monitor: Monitor, window: LogWindow) -> set[str]:
    """Images that people have seen: sent before with this model, or labeled and accepted."""
    sent, _ = review_store.list_selections(tx, monitor.id, model_digest=window.model_digest)
    sets = find_annotation_sets(tx, monitor.project, list(set(window.image_ids)))
    accepted = {image_id for image_id, labels in sets.items() if labels.status == "accepted"}
    return accepted | {selection.image_id for selection in sent}


def _publish(tx: Transaction, actor: Actor, monitor: Monitor, batch: ReviewBatch) -> None:
    publish(
        tx,
        type="visionloop.review.requested",
        project=monitor.project,
        subject=f"review_batch/{batch.id}",
        actor=actor,
        data={
            "monitor": monitor.name,
            "alert_id": batch.alert_id,
            "num_selected": batch.num_selected,
            "num_audit": batch.num_audit,
            "assignee": monitor.settings.assignee,
        },
    )
