"""What people said about reviewed images: hit rates, and accuracy that audits prove."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import publish
from visionloop.data.entities import AnnotationSet
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.kernel.clock import utc_now
from visionloop.monitoring.audit import Audit, estimate_accuracy
from visionloop.monitoring.entities import (
    AuditEstimate,
    Monitor,
    PerformancePoint,
    ReviewBatch,
    ReviewOutcomes,
    ReviewSelection,
)
from visionloop.monitoring.monitors import get_monitor
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.monitoring.store import reviews as review_store
from visionloop.storage.database import Database


def collect_outcomes(database: Database, monitor: Monitor) -> int:
    """Take over what people decided about selected images; return how many are new."""
    with database.read() as tx:
        selections, _ = review_store.list_selections(tx, monitor.id)
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
            review_store.insert_outcome(
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
        return review_store.list_selections(tx, monitor.id, limit=limit, offset=offset)


def summarise_reviews(
    database: Database,
    actor: Actor,
    project: str,
    name: str,
    *,
    model_digest: str | None = None,
) -> ReviewOutcomes:
    """Return how well the queue finds errors, and the accuracy that audits show.

    Args:
        database: where selections and labels are.
        actor: who asks.
        project: name of the project.
        name: name of the monitor.
        model_digest: of the model to judge; None takes the one reviewed last.
    """
    monitor = get_monitor(database, actor, project, name)
    collect_outcomes(database, monitor)
    with database.read() as tx:
        batches = review_store.list_batches(tx, monitor.id)
        digest = model_digest or (batches[-1].model_digest if batches else None)
        selections, _ = review_store.list_selections(tx, monitor.id, model_digest=digest)
    own = [batch for batch in batches if batch.model_digest == digest]
    return summarise_selections(own, selections)


def get_performance_timeline(
    database: Database,
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
        windows, _ = monitor_store.list_windows(tx, monitor.id, limit=limit)
        batches = review_store.list_batches(tx, monitor.id)
        selections, _ = review_store.list_selections(tx, monitor.id)
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


def _class_of(labels: AnnotationSet | None) -> str | None:
    """The accepted class of an image; None before a reviewer accepted, or without a class."""
    if labels is None or labels.status != "accepted":
        return None
    return next((a.category for a in labels.annotations if a.kind == "class"), None)


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
