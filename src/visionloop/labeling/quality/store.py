"""The only SQL of hidden tests and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from visionloop.labeling.quality.entities import GoldImage, Score, ScoreKind
from visionloop.labeling.store.drafts import read_drafts, write_drafts
from visionloop.labeling.store.tables import label_tasks
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

label_gold = sa.Table(
    "label_gold",
    metadata,
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("image_id", sa.String(64), primary_key=True),
    sa.Column("annotations", Json, nullable=False),
    sa.Column("attributes", Json, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

label_scores = sa.Table(
    "label_scores",
    metadata,
    sa.Column("task_id", sa.ForeignKey("label_tasks.id"), primary_key=True),
    sa.Column("project", sa.String(63), nullable=False),
    sa.Column("queue", sa.String(63), nullable=False),
    sa.Column("image_id", sa.String(64), nullable=False),
    sa.Column("annotator", sa.String(63), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("is_right", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_label_scores_queue", "project", "queue", "annotator"),
)


def replace_gold(tx: Transaction, images: Sequence[GoldImage]) -> None:
    """Insert gold images, or renew what is known about them."""
    for image in images:
        delete_gold(tx, image.project, [image.image_id])
        values = {item.name: getattr(image, item.name) for item in fields(image)}
        values |= {
            "annotations": write_drafts(image.annotations),
            "attributes": dict(image.attributes),
        }
        tx.execute(label_gold.insert().values(**values))


def delete_gold(tx: Transaction, project: str, image_ids: Sequence[str]) -> int:
    """Stop testing with images; return how many there were."""
    removed = tx.execute(
        label_gold.delete().where(
            label_gold.c.project == project, label_gold.c.image_id.in_(image_ids)
        )
    )
    return removed.rowcount


def find_gold(tx: Transaction, project: str, image_id: str) -> GoldImage | None:
    """Return what is known about an image."""
    query = label_gold.select().where(
        label_gold.c.project == project, label_gold.c.image_id == image_id
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _gold(row)


def list_gold(tx: Transaction, project: str) -> list[GoldImage]:
    """Return the gold images of a project, oldest first."""
    query = label_gold.select().where(label_gold.c.project == project)
    rows = tx.execute(query.order_by(label_gold.c.created_at, label_gold.c.image_id)).mappings()
    return [_gold(row) for row in rows]


def find_unmet_gold(tx: Transaction, project: str, queue: str, worker: str) -> list[str]:
    """Return the gold images that a person had no task for in a queue, test or not."""
    met = sa.select(label_tasks.c.image_id).where(
        label_tasks.c.project == project,
        label_tasks.c.queue == queue,
        label_tasks.c.labeler == worker,
    )
    query = sa.select(label_gold.c.image_id).where(
        label_gold.c.project == project, label_gold.c.image_id.not_in(met)
    )
    return list(tx.execute(query.order_by(label_gold.c.image_id)).scalars())


def count_done(tx: Transaction, project: str, queue: str, worker: str) -> tuple[int, int]:
    """Return how many tasks a person handed in in a queue, and how many of them were tests."""
    query = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(sa.case((label_tasks.c.kind == "gold", 1), else_=0)), 0),
    ).where(
        label_tasks.c.project == project,
        label_tasks.c.queue == queue,
        label_tasks.c.labeler == worker,
        label_tasks.c.submitted_at.is_not(None),
    )
    done, gold = tx.execute(query).one()
    return int(done), int(gold)


def next_slot(tx: Transaction, project: str, queue: str, image_id: str) -> int:
    """Return a slot that no task of the image has in the queue."""
    query = sa.select(sa.func.max(label_tasks.c.slot)).where(
        label_tasks.c.project == project,
        label_tasks.c.queue == queue,
        label_tasks.c.image_id == image_id,
    )
    highest = tx.execute(query).scalar_one()
    return 0 if highest is None else int(highest) + 1


def replace_score(tx: Transaction, score: Score) -> None:
    """Write the score of a task, in place of an earlier one."""
    tx.execute(label_scores.delete().where(label_scores.c.task_id == score.task_id))
    tx.execute(label_scores.insert().values(**(asdict(score) | {"kind": score.kind.value})))


def list_scores(tx: Transaction, project: str, queue: str | None) -> list[Score]:
    """Return the scores of a queue, or of all."""
    query = label_scores.select().where(label_scores.c.project == project)
    if queue is not None:
        query = query.where(label_scores.c.queue == queue)
    rows = tx.execute(query).mappings()
    return [Score(**{**row, "kind": ScoreKind(row["kind"])}) for row in rows]


def _gold(row: Mapping[Any, Any]) -> GoldImage:
    return GoldImage(**{**row, "annotations": read_drafts(row["annotations"])})
