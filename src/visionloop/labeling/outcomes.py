"""What became of the labels that models proposed: kept, edited or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import Annotation, AnnotationDraft
from visionloop.labeling.agreement.matching import group_shapes
from visionloop.labeling.entities import LabelTask, Suggestion
from visionloop.labeling.quality.rules import wilson
from visionloop.labeling.records import AssistOutcome
from visionloop.labeling.store import assist as assist_store
from visionloop.storage.database import Database, Transaction

_SAME_PX = 0.5


@dataclass(frozen=True)
class AssistQuality:
    """What became of one model's proposals.

    Attributes:
        unchanged: share of proposals that people kept as they were, with its 95 % interval.
        num_own: labels that people made without a proposal.
    """

    model: str
    num_tasks: int
    num_proposed: int
    num_unchanged: int
    num_edited: int
    num_rejected: int
    num_own: int
    unchanged: float | None
    low: float | None
    high: float | None


def record_outcome(
    tx: Transaction, task: LabelTask, labels: Sequence[Annotation], *, is_single: bool
) -> None:
    """Note what became of a task's proposals, inside the transaction that hands it in."""
    if task.suggestion is not None:
        outcome = compare(task, task.suggestion, labels, is_single=is_single)
        assist_store.replace_outcome(tx, outcome)


def compare(
    task: LabelTask, suggestion: Suggestion, labels: Sequence[Annotation], *, is_single: bool
) -> AssistOutcome:
    """Compare proposals with what a person handed in.

    Of several classes proposed for an image that has one, the first is the proposal. A shape that
    was moved, or given another class, is edited; one that nothing matches is rejected.

    Args:
        task: The task.
        suggestion: What the model proposed.
        labels: What the person made of it.
        is_single: the image has exactly one class.
    """
    proposed = list(suggestion.annotations)
    if is_single:
        proposed = proposed[:1]
        kept = bool(labels) and labels[0].category == proposed[0].category if proposed else False
        pairs = [(proposed[0], labels[0])] if proposed and labels else []
        num_unchanged = int(kept)
    else:
        pairs = _pair(proposed, labels)
        num_unchanged = sum(_is_same(draft, label) for draft, label in pairs)
    return AssistOutcome(
        task_id=task.id,
        project=task.project,
        queue=task.queue,
        model=suggestion.model,
        num_proposed=len(proposed),
        num_unchanged=num_unchanged,
        num_edited=len(pairs) - num_unchanged,
        num_rejected=len(proposed) - len(pairs),
        num_own=max(0, len(labels) - len(pairs)),
    )


def measure_assist(
    database: Database, actor: Actor, project: str, *, queue: str | None = None
) -> list[AssistQuality]:
    """Return what became of every model's proposals."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        totals = assist_store.sum_outcomes(tx, project, queue)
    found = []
    for model, counts in totals:
        interval = wilson(counts["num_unchanged"], counts["num_proposed"])
        found.append(
            AssistQuality(
                model=model,
                **counts,
                unchanged=None if interval is None else interval.value,
                low=None if interval is None else interval.low,
                high=None if interval is None else interval.high,
            )
        )
    return found


def _pair(
    proposed: Sequence[AnnotationDraft], labels: Sequence[Annotation]
) -> list[tuple[AnnotationDraft, Annotation]]:
    shapes = [draft for draft in proposed if draft.kind != "class"]
    drawn = [label for label in labels if label.kind != "class"]
    groups = group_shapes({"model": shapes, "person": drawn}) if shapes and drawn else []
    pairs = [
        (shapes[group.members["model"]], drawn[group.members["person"]])
        for group in groups
        if len(group.members) == 2
    ]
    classes = {label.category: label for label in labels if label.kind == "class"}
    pairs += [
        (draft, classes[draft.category])
        for draft in proposed
        if draft.kind == "class" and draft.category in classes
    ]
    return pairs


def _is_same(draft: AnnotationDraft, label: Annotation) -> bool:
    if (draft.category, draft.kind) != (label.category, label.kind):
        return False
    if isinstance(draft.segmentation, dict) or isinstance(label.segmentation, dict):
        return draft.segmentation == label.segmentation
    one, two = _numbers(draft), _numbers(label)
    return len(one) == len(two) and all(
        abs(a - b) <= _SAME_PX for a, b in zip(one, two, strict=True)
    )


def _numbers(shape: AnnotationDraft | Annotation) -> list[float]:
    parts = shape.segmentation if isinstance(shape.segmentation, list) else []
    outline = [float(value) for part in parts for value in part]
    points = [float(value) for point in shape.keypoints or () for value in point]
    return [*(shape.bbox or ()), *outline, *points]
