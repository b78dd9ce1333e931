"""How far answers agree, and the labels they say together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.agreement.entities import ObjectVote, Proposal
from visionloop.labeling.agreement.matching import Group, group_classes, group_shapes
from visionloop.labeling.agreement.merging import Weights, merge_shapes, weighted_vote
from visionloop.labeling.agreement.regions import Shape

Answers = Mapping[str, Sequence[AnnotationDraft]]
DEFAULT_QUALITY: Final = 0.8
_MAJORITY: Final = 0.5
_LEAST_WEIGHT: Final = 0.1


def agree(first: Sequence[Shape], second: Sequence[Shape], *, is_single: bool) -> float:
    """Return how far two answers agree, 0 to 1: a soft Dice score over matched labels.

    Each pair of shapes that mean the same object adds how alike they are, if the classes are the
    same; what only one of them has adds nothing. Two empty answers agree.

    Args:
        first: all labels of one image.
        second: all labels that somebody else gave it.
        is_single: the image has exactly one class.
    """
    total = len(first) + len(second)
    if total == 0:
        return 1.0
    shared = 0.0
    for group in _groups({"first": first, "second": second}, is_single=is_single):
        if len(group.members) < 2:
            continue
        one, two = first[group.members["first"]], second[group.members["second"]]
        if one.category == two.category:
            shared += group.similarity
    return 2.0 * shared / total


def mean_agreement(answers: Answers, *, is_single: bool) -> float:
    """Return the mean agreement over all pairs of annotators; 1 for fewer than two."""
    pairs = list(combinations(answers.values(), 2))
    if not pairs:
        return 1.0
    return sum(agree(a, b, is_single=is_single) for a, b in pairs) / len(pairs)


def weigh(qualities: Sequence[float], *, is_single: bool) -> Weights:
    """Return what the votes and the coordinates of annotators count.

    A vote counts the log odds of being right, which is optimal for independent voters of known
    accuracy (Nitzan and Paroush 1982). The score of a shape is the product of naming the right
    object and of drawing it well, so each is credited with its square root. Coordinates count one
    over the squared rest of the score, as one over their variance would. Nobody is silenced.

    Args:
        qualities: mean score of each annotator, 0 to 1.
        is_single: the score is of classes alone.
    """
    votes, precision = [], []
    for quality in qualities:
        accuracy = min(max(quality if is_single else math.sqrt(max(quality, 0.0)), 0.05), 0.98)
        votes.append(max(_LEAST_WEIGHT, math.log(accuracy / (1.0 - accuracy))))
        precision.append(1.0 / (1.05 - min(quality, 1.0)) ** 2)
    return Weights(tuple(votes), tuple(precision))


def propose(
    answers: Answers,
    *,
    is_single: bool,
    qualities: Mapping[str, float] | None = None,
) -> Proposal:
    """Merge answers into one set of labels.

    An object is kept when those who saw it carry more than half of the weight of all; its class
    is voted, its shape merged.

    Args:
        answers: annotator to labels.
        is_single: the image has exactly one class.
        qualities: annotator to share of right answers; unknown ones count as 0.8.
    """
    known = qualities or {}
    names = list(answers)
    weights = weigh([known.get(name, DEFAULT_QUALITY) for name in names], is_single=is_single)
    total = sum(weights.votes)
    objects, drafts = [], []
    for group in _groups(answers, is_single=is_single):
        shapes = [answers[name][index] for name, index in group.members.items()]
        own = weights.take([names.index(name) for name in group.members])
        category = weighted_vote([shape.category for shape in shapes], own.votes)
        is_kept = is_single or sum(own.votes) / total > _MAJORITY
        if is_kept:
            drafts.append(merge_shapes(shapes, own, category))
        objects.append(
            ObjectVote(
                category=category,
                seen_by=tuple(sorted(group.members)),
                categories={name: answers[name][i].category for name, i in group.members.items()},
                similarity=group.similarity,
                is_kept=is_kept,
            )
        )
    return Proposal(
        drafts=tuple(drafts),
        agreement=mean_agreement(answers, is_single=is_single),
        objects=tuple(objects),
    )


def list_ratings(answers: Answers, *, is_single: bool) -> dict[str, dict[str, str]]:
    """Return what each annotator called each object that at least one of them saw.

    Returns:
        Number of the object to annotator to class.
    """
    return {
        str(number): {name: answers[name][i].category for name, i in group.members.items()}
        for number, group in enumerate(_groups(answers, is_single=is_single))
    }


def _groups(answers: Mapping[str, Sequence[Shape]], *, is_single: bool) -> list[Group]:
    """Group class labels and shapes apart, keeping the indices of the whole answers."""
    classes = {
        name: [i for i, s in enumerate(own) if s.kind == "class"] for name, own in answers.items()
    }
    shapes = {
        name: [i for i, s in enumerate(own) if s.kind != "class"] for name, own in answers.items()
    }
    found = []
    for indices, groups in (
        (classes, group_classes(_take(answers, classes), is_single=is_single)),
        (shapes, group_shapes(_take(answers, shapes))),
    ):
        for group in groups:
            members = {name: indices[name][i] for name, i in group.members.items()}
            found.append(Group(members, group.similarity))
    return found


def _take(
    answers: Mapping[str, Sequence[Shape]], indices: Mapping[str, Sequence[int]]
) -> dict[str, list[Shape]]:
    return {name: [answers[name][i] for i in own] for name, own in indices.items()}
