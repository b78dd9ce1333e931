"""Which shapes of several annotators mean the same object."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from visionloop.kernel.geometry import Box, box_area
from visionloop.labeling.agreement.regions import Shape, bounds_of, similarity

MIN_SIMILARITY: Final = 0.25
"""Loose on purpose: whether two mean one object is one question, how well they drew it another."""


@dataclass(frozen=True)
class Group:
    """One object, as those who saw it drew it.

    Attributes:
        members: annotator to the index of their shape.
        similarity: mean over all pairs of members; 1 for a single one.
    """

    members: Mapping[str, int]
    similarity: float = 1.0


def group_shapes(
    answers: Mapping[str, Sequence[Shape]], *, min_similarity: float = MIN_SIMILARITY
) -> list[Group]:
    """Group shapes that mean the same object, at most one of each annotator, whatever the class.

    The most alike pair is joined first, then the next, unless a group would hold two shapes of one
    annotator or a pair that does not overlap at all (complete linkage of what overlaps).
    """
    shapes = [(name, i) for name, own in answers.items() for i in range(len(own))]
    alike = _list_similar(answers, shapes, min_similarity)
    groups: dict[tuple[str, int], dict[str, int]] = {key: {key[0]: key[1]} for key in shapes}
    for (first, second), _ in sorted(alike.items(), key=lambda item: -item[1]):
        one, two = groups[first], groups[second]
        if one is two or one.keys() & two.keys():
            continue
        joined = one | two
        for name, index in joined.items():
            groups[name, index] = joined
    distinct = {id(members): members for members in groups.values()}.values()
    return [Group(members, _mean_similarity(members, alike)) for members in distinct]


def group_classes(answers: Mapping[str, Sequence[Shape]], *, is_single: bool) -> list[Group]:
    """Group class labels of whole images: all together where one is expected, else by class."""
    if is_single:
        members = {name: 0 for name, own in answers.items() if own}
        return [Group(members)] if members else []
    by_class: dict[str, dict[str, int]] = {}
    for name, own in answers.items():
        for index, label in enumerate(own):
            by_class.setdefault(label.category, {})[name] = index
    return [Group(members) for members in by_class.values()]


Pair = tuple[tuple[str, int], tuple[str, int]]


def _list_similar(
    answers: Mapping[str, Sequence[Shape]], shapes: list[tuple[str, int]], least: float
) -> dict[Pair, float]:
    bounds = {key: bounds_of(answers[key[0]][key[1]]) for key in shapes}
    alike: dict[Pair, float] = {}
    for first, second in combinations(shapes, 2):
        if first[0] == second[0] or not _may_be_alike(bounds[first], bounds[second]):
            continue
        value = similarity(answers[first[0]][first[1]], answers[second[0]][second[1]])
        if value >= least:
            alike[first, second] = value
    return alike


def _may_be_alike(one: Box | None, two: Box | None) -> bool:
    """Rule out pairs that lie apart, cheaply: most pairs of a crowded image do."""
    if one is None or two is None:
        return False
    margin = 0.1 * math.sqrt(max(box_area(one), box_area(two))) + 8.0
    return (
        one[0] - margin <= two[2]
        and two[0] - margin <= one[2]
        and one[1] - margin <= two[3]
        and two[1] - margin <= one[3]
    )


def _mean_similarity(members: Mapping[str, int], alike: Mapping[Pair, float]) -> float:
    pairs = list(combinations(members.items(), 2))
    if not pairs:
        return 1.0
    values = [alike.get((a, b), alike.get((b, a), 0.0)) for a, b in pairs]
    return sum(values) / len(values)
