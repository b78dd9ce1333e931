"""SQL for blind answers: what one person said about an image, apart from the image's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.entities import TaskKind
from visionloop.labeling.records import Answer
from visionloop.labeling.store.drafts import read_drafts, write_drafts
from visionloop.labeling.store.tables import label_answers, label_tasks
from visionloop.storage.database import Transaction

_CHUNK = 400


def find_answer(tx: Transaction, task_id: str) -> Answer | None:
    """Return the answer of a task; None before the first save."""
    return find_answers(tx, [task_id]).get(task_id)


def find_answers(tx: Transaction, task_ids: Sequence[str]) -> dict[str, Answer]:
    """Return the answers of many tasks, by task."""
    found: dict[str, Answer] = {}
    for start in range(0, len(task_ids), _CHUNK):
        query = label_answers.select().where(
            label_answers.c.task_id.in_(task_ids[start : start + _CHUNK])
        )
        for row in tx.execute(query).mappings():
            found[row["task_id"]] = _answer(row)
    return found


def list_by_image(tx: Transaction, project: str, queue: str | None) -> dict[str, list[Answer]]:
    """Return the handed-in answers of consensus tasks, by image."""
    query = (
        label_answers.select()
        .join(label_tasks, label_tasks.c.id == label_answers.c.task_id)
        .where(
            label_tasks.c.project == project,
            label_tasks.c.kind == TaskKind.CONSENSUS.value,
            label_tasks.c.submitted_at.is_not(None),
        )
    )
    if queue is not None:
        query = query.where(label_tasks.c.queue == queue)
    found: dict[str, list[Answer]] = {}
    for row in tx.execute(query).mappings():
        found.setdefault(row["image_id"], []).append(_answer(row))
    return found


def list_answers(tx: Transaction, project: str) -> list[Answer]:
    """Return every answer of a project."""
    query = label_answers.select().where(label_answers.c.project == project)
    return [_answer(row) for row in tx.execute(query).mappings()]


def write_answer(tx: Transaction, answer: Answer, *, expected_revision: int) -> bool:
    """Write an answer; tell whether the stored one still had the expected revision."""
    values = {item.name: getattr(answer, item.name) for item in fields(answer)}
    values |= {
        "annotations": write_drafts(answer.annotations),
        "attributes": dict(answer.attributes),
    }
    if expected_revision == 0 and find_answer(tx, answer.task_id) is None:
        tx.execute(label_answers.insert().values(**values))
        return True
    changed = tx.execute(
        label_answers.update()
        .where(
            label_answers.c.task_id == answer.task_id,
            label_answers.c.revision == expected_revision,
        )
        .values(**values)
    )
    return changed.rowcount == 1


def delete_answer(tx: Transaction, task_id: str) -> None:
    """Forget what was said in a task."""
    tx.execute(label_answers.delete().where(label_answers.c.task_id == task_id))


def _answer(row: Mapping[Any, Any]) -> Answer:
    drafts: tuple[AnnotationDraft, ...] = read_drafts(row["annotations"])
    return Answer(**{**row, "annotations": drafts})
