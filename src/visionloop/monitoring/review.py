"""The way back to people: production images most likely wrong become labeling tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import publish
from visionloop.data.entities import AnnotationSet
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.data.uploads import ImageUpload, add_image_bytes
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.ids import new_id
from visionloop.labeling.entities import REVIEW_QUEUE, TaskOrder
from visionloop.labeling.tasks import write_tasks
from visionloop.monitoring import store
from visionloop.monitoring.alerts import get_alert, require_watcher
from visionloop.monitoring.audit import Audit, estimate_accuracy
from visionloop.monitoring.baselines import get_ranker
from visionloop.monitoring.entities import (
    AuditEstimate,
    Monitor,
    PerformancePoint,
    ReviewBatch,
    ReviewOutcomes,
    ReviewSelection,
)
from visionloop.monitoring.errors import NothingToReview
from visionloop.monitoring.monitors import get_monitor
from visionloop.monitoring.predictions import LogWindow, read_logged_image, read_window
from visionloop.monitoring.samples import IntArray, newest_distinct
from visionloop.monitoring.selection import Choice, choose_for_review, predict_errors
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction
from visionloop.storage.home import Home

CANDIDATES_PER_IMAGE = 4


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
    project: str,
    monitor: str,
    *,
    budget: int | None = None,
    alert_id: str | None = None,
) -> ReviewBatch:
    """Rank the newest production images and queue those most likely wrong for labeling.

    The same alert, or without one the same requests and budget, sends once: a second call
    returns the first batch.

    Args:
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
        if not store.insert_batch(tx, batch):
            known = _find_batch(tx, watched, cause)
            assert known is not None
            return known
        selections = _write_selections(tx, watched, batch, draw)
        publish(
            tx,
            type="visionloop.review.requested",
            project=project,
            subject=f"review_batch/{batch.id}",
            actor=actor,
            data={
                "monitor": watched.name,
                "alert_id": alert_id,
                "num_selected": batch.num_selected,
                "num_audit": batch.num_audit,
                "assignee": watched.settings.assignee,
            },
        )
    return replace(batch, selections=selections)


def collect_outcomes(database: Database, monitor: Monitor) -> int:
    """Take over what people decided about selected images; return how many are new."""
    with database.read() as tx:
        selections, _ = store.list_selections(tx, monitor.id)
        waiting = [selection for selection in selections if selection.is_error is None]
        sets = find_annotation_sets(
            tx, monitor.project, list({selection.image_id for selection in waiting})
        )
    decided = [(s, _class_of(sets.get(s.image_id))) for s in waiting]
    found = [(selection, label) for selection, label in decided if label is not None]
    if not found:
        return 0
    now = utc_now()
    with database.begin() as tx:
        for selection, label in found:
            store.insert_outcome(
                tx,
                selection.id,
                true_label=label,
                is_error=label != selection.predicted,
                reviewed_at=now,
            )
        publish(
            tx,
            type="visionloop.review.completed",
            project=monitor.project,
            subject=f"monitor/{monitor.name}",
            actor=SYSTEM,
            data={
                "num_reviewed": len(found),
                "num_errors": sum(label != s.predicted for s, label in found),
            },
        )
    return len(found)


def list_selections(
    database: Database, actor: Actor, project: str, name: str, *, limit: int = 100, offset: int = 0
) -> tuple[list[ReviewSelection], int]:
    """Return selections of a monitor with outcomes, newest batch first, and how many."""
    monitor = get_monitor(database, actor, project, name)
    collect_outcomes(database, monitor)
    with database.read() as tx:
        return store.list_selections(tx, monitor.id, limit=limit, offset=offset)


def summarise_reviews(
    database: Database,
    home: Home,  # noqa: ARG001 - every summary takes both stores
    actor: Actor,
    project: str,
    name: str,
    *,
    model_digest: str | None = None,
) -> ReviewOutcomes:
    """Return how well the queue finds errors, and the accuracy that audits show.

    Args:
        model_digest: of the model to judge; None takes the one reviewed last.
    """
    monitor = get_monitor(database, actor, project, name)
    collect_outcomes(database, monitor)
    with database.read() as tx:
        batches = store.list_batches(tx, monitor.id)
        digest = model_digest or (batches[-1].model_digest if batches else None)
        selections, _ = store.list_selections(tx, monitor.id, model_digest=digest)
    own = [batch for batch in batches if batch.model_digest == digest]
    return summarise_selections(own, selections)


def get_performance_timeline(
    database: Database,
    home: Home,  # noqa: ARG001 - every summary takes both stores
    actor: Actor,
    project: str,
    name: str,
    *,
    limit: int = 200,
) -> list[PerformancePoint]:
    """Return estimated accuracy of each window, and audited accuracy as it became known.

    Returns:
        Points, oldest first; each shows the audit as it was known before the next window.
    """
    monitor = get_monitor(database, actor, project, name)
    collect_outcomes(database, monitor)
    with database.read() as tx:
        windows, _ = store.list_windows(tx, monitor.id, limit=limit)
        batches = store.list_batches(tx, monitor.id)
        selections, _ = store.list_selections(tx, monitor.id)
    ordered = windows[::-1]
    ends = [*(window.created_at for window in ordered[1:]), None][: len(ordered)]
    return [
        PerformancePoint(
            window_id=window.id,
            time=window.created_at,
            model_digest=window.model_digest,
            num_requests=window.num_requests,
            estimate=window.performance,
            audit=_estimate_audit(*_known_at(window.model_digest, end, batches, selections)),
        )
        for window, end in zip(ordered, ends, strict=True)
    ]


def _known_at(
    model_digest: str,
    end: datetime | None,
    batches: Sequence[ReviewBatch],
    selections: Sequence[ReviewSelection],
) -> tuple[list[ReviewBatch], list[ReviewSelection]]:
    """Batches and reviews of a model that were known at a moment; None is now."""
    known = [
        s
        for s in selections
        if s.model_digest == model_digest
        and s.reviewed_at is not None
        and (end is None or s.reviewed_at < end)
    ]
    used = {s.batch_id for s in known}
    return [batch for batch in batches if batch.id in used], known


def summarise_selections(
    batches: Sequence[ReviewBatch], selections: Sequence[ReviewSelection]
) -> ReviewOutcomes:
    """Compute hit rates, lift over the audited base rate, and the audit estimate."""
    reviewed = [s for s in selections if s.is_error is not None]
    ranked = [s for s in reviewed if not s.is_audit]
    audited = [s for s in reviewed if s.is_audit]
    base = _share([bool(s.is_error) for s in audited])
    hits = _share([bool(s.is_error) for s in ranked])
    # The rival is judged on the same reviewed images: its own favourites among them.
    rival = sorted(reviewed, key=lambda s: -s.least_confidence)[: len(ranked)]
    return ReviewOutcomes(
        num_selected=len(selections),
        num_reviewed=len(reviewed),
        num_errors=sum(bool(s.is_error) for s in reviewed),
        base_error_rate=base,
        hit_rate=hits,
        lift=hits / base if hits is not None and base else None,
        rival_hit_rate=_share([bool(s.is_error) for s in rival]),
        audit=_estimate_audit(batches, selections),
    )


def _estimate_audit(
    batches: Sequence[ReviewBatch], selections: Sequence[ReviewSelection]
) -> AuditEstimate | None:
    audited = [s for s in selections if s.is_audit and s.is_error is not None]
    total = sum(batch.num_candidates for batch in batches)
    if not audited or not total:
        return None
    mean_p_error = sum(batch.mean_p_error * batch.num_candidates for batch in batches) / total
    return estimate_accuracy(
        Audit(
            p_correct=np.array([1.0 - s.p_error for s in audited]),
            is_correct=np.array([not s.is_error for s in audited]),
            probabilities=np.array([s.selection_probability for s in audited], dtype=np.float64),
        ),
        mean_p_correct=1.0 - mean_p_error,
        num_predictions=total,
    )


def _draw(
    home: Home, monitor: Monitor, window: LogWindow, *, taken: set[str], wanted: int, budget: int
) -> _Draw:
    distinct = newest_distinct(window.hashes, window.samples.embeddings, wanted)
    fit = [i for i in distinct if window.stored[i] and window.image_ids[i] not in taken]
    if not fit:
        raise NothingToReview(monitor.endpoint, len(window))
    candidates = np.array(fit, dtype=np.int64)
    samples = window.samples.take(candidates)
    ranker = get_ranker(home, window.model_digest)
    choices = choose_for_review(
        ranker,
        samples,
        budget=budget,
        audit_share=monitor.settings.audit_share,
        seed=int(sha256_bytes(window.request_ids[-1].encode())[:8], 16),
    )
    return _Draw(window, candidates, float(predict_errors(ranker, samples).mean()), tuple(choices))


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
    store.insert_selections(tx, selections)
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
    batch = store.find_batch(tx, monitor.id, cause)
    if batch is None:
        return None
    selections, _ = store.list_selections(tx, monitor.id, batch_id=batch.id)
    return replace(batch, selections=tuple(selections))


def _unfit_images(tx: Transaction, monitor: Monitor, window: LogWindow) -> set[str]:
    """Images that people have seen: sent before with this model, or labeled and accepted."""
    sent, _ = store.list_selections(tx, monitor.id, model_digest=window.model_digest)
    sets = find_annotation_sets(tx, monitor.project, list(set(window.image_ids)))
    accepted = {image_id for image_id, labels in sets.items() if labels.status == "accepted"}
    return accepted | {selection.image_id for selection in sent}


def _class_of(labels: AnnotationSet | None) -> str | None:
    """The accepted class of an image; None before a reviewer accepted, or without a class."""
    if labels is None or labels.status != "accepted":
        return None
    return next((a.category for a in labels.annotations if a.kind == "class"), None)


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
