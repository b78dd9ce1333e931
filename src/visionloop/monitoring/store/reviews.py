"""Rows of review batches, selections, their outcomes, and late ground truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from visionloop.monitoring.entities import ReviewBatch, ReviewSelection
from visionloop.monitoring.store.tables import (
    audit_outcomes,
    count_rows,
    insert_once,
    prediction_truths,
    review_batches,
    review_selections,
)
from visionloop.storage.database import Transaction


def insert_batch(tx: Transaction, batch: ReviewBatch) -> bool:
    """Insert a batch, unless the same cause has one already."""
    values = {name: getattr(batch, name) for name in tuple(review_batches.c.keys())}
    return insert_once(tx, review_batches, values)


def find_batch(tx: Transaction, monitor_id: str, cause: str) -> ReviewBatch | None:
    """Return the batch of a cause, without its selections."""
    columns = review_batches.c
    query = review_batches.select().where(
        (columns.monitor_id == monitor_id) & (columns.cause == cause)
    )
    row = tx.execute(query).mappings().first()
    return ReviewBatch(**row) if row else None


def list_batches(
    tx: Transaction, monitor_id: str, *, model_digest: str | None = None
) -> list[ReviewBatch]:
    """Return batches without selections, oldest first."""
    query = review_batches.select().where(review_batches.c.monitor_id == monitor_id)
    if model_digest is not None:
        query = query.where(review_batches.c.model_digest == model_digest)
    rows = tx.execute(query.order_by(review_batches.c.created_at)).mappings()
    return [ReviewBatch(**row) for row in rows]


def insert_selections(tx: Transaction, selections: Iterable[ReviewSelection]) -> None:
    """Insert review selections without outcomes."""
    rows = [
        {name: getattr(selection, name) for name in tuple(review_selections.c.keys())}
        for selection in selections
    ]
    if rows:
        tx.execute(review_selections.insert(), rows)


def insert_outcome(
    tx: Transaction, selection_id: str, *, true_label: str, is_error: bool, reviewed_at: datetime
) -> None:
    """Note what a person said about a selection; a later word replaces an earlier one."""
    tx.execute(audit_outcomes.delete().where(audit_outcomes.c.selection_id == selection_id))
    tx.execute(
        audit_outcomes.insert().values(
            selection_id=selection_id,
            true_label=true_label,
            is_error=is_error,
            reviewed_at=reviewed_at,
        )
    )


def list_selections(
    tx: Transaction,
    monitor_id: str,
    *,
    model_digest: str | None = None,
    batch_id: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[ReviewSelection], int]:
    """Return selections with outcomes, newest batch first, by rank; and how many there are."""
    condition = review_selections.c.monitor_id == monitor_id
    if model_digest is not None:
        condition &= review_selections.c.model_digest == model_digest
    if batch_id is not None:
        condition &= review_selections.c.batch_id == batch_id
    outcome = audit_outcomes.c
    query = (
        sa.select(review_selections, outcome.true_label, outcome.is_error, outcome.reviewed_at)
        .select_from(review_selections.outerjoin(audit_outcomes))
        .where(condition)
        .order_by(review_selections.c.batch_id.desc(), review_selections.c.rank)
        .limit(limit)
        .offset(offset)
    )
    items = [ReviewSelection(**row) for row in tx.execute(query).mappings()]
    return items, count_rows(tx, review_selections, condition)


def upsert_truths(
    tx: Transaction,
    project: str,
    endpoint: str,
    labels: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> None:
    """Keep ground truth of requests; a later word replaces an earlier one."""
    for request_id, label in labels.items():
        tx.execute(
            prediction_truths.delete().where(
                (prediction_truths.c.endpoint == endpoint)
                & (prediction_truths.c.request_id == request_id)
            )
        )
        tx.execute(
            prediction_truths.insert().values(
                endpoint=endpoint,
                request_id=request_id,
                project=project,
                label=label,
                recorded_by=by,
                recorded_at=at,
            )
        )


def find_truths(
    tx: Transaction, endpoint: str, request_ids: Sequence[str] | None = None
) -> dict[str, str]:
    """Return known true labels by request id."""
    query = sa.select(prediction_truths.c.request_id, prediction_truths.c.label).where(
        prediction_truths.c.endpoint == endpoint
    )
    if request_ids is not None:
        query = query.where(prediction_truths.c.request_id.in_(request_ids))
    return {row.request_id: row.label for row in tx.execute(query)}
