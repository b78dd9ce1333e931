"""Which found object answers for which true one, by COCO's rules and by Pascal VOC's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.objects.entities import Objects
from visionloop.evaluation.objects.overlap import overlaps

IOU_THRESHOLDS: Final = np.linspace(0.5, 0.95, 10)
MAX_FOUND: Final = 100


@dataclass(frozen=True)
class Matches:
    """Every found object of a set of images, and whether it is right.

    Attributes:
        images: (K,) position of its image.
        classes: (K,) its class.
        scores: (K,).
        hits: (T, K) at each IoU threshold: it answers for a true object.
        ignored: (T, K) it lies in a crowd and counts as nothing.
        support: (N, C) true objects of each image and class.
    """

    images: NDArray[np.int64]
    classes: NDArray[np.int64]
    scores: NDArray[np.float64]
    hits: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    support: NDArray[np.int64]


def match_all(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int, *, by_mask: bool = False
) -> Matches:
    """Match by COCO's rules: best score first, each true object once, class by class."""
    parts: list[tuple[NDArray[np.int64], ...]] = []
    scores, hits, ignored = [], [], []
    support = np.zeros((len(truth), num_classes), dtype=np.int64)
    for image, (true, answers) in enumerate(zip(truth, found, strict=True)):
        counted = true.classes[~true.is_crowd]
        support[image] = np.bincount(counted, minlength=num_classes)[:num_classes]
        for label in np.unique(answers.classes):
            chosen = answers.select(answers.classes == label)
            chosen = chosen.select(np.argsort(-chosen.scores, kind="stable")[:MAX_FOUND])
            targets = true.select(true.classes == label)
            shared = overlaps(chosen, targets, by_mask=by_mask)
            hit, ignore = match_class(shared, targets.is_crowd)
            count = len(chosen)
            parts.append((np.full(count, image), np.full(count, label)))
            scores.append(chosen.scores)
            hits.append(hit)
            ignored.append(ignore)
    empty = np.zeros((len(IOU_THRESHOLDS), 0), dtype=bool)
    nothing = np.zeros(0, dtype=np.int64)
    return Matches(
        images=np.concatenate([part[0] for part in parts] or [nothing]),
        classes=np.concatenate([part[1] for part in parts] or [nothing]),
        scores=np.concatenate(scores or [np.zeros(0)]),
        hits=np.concatenate(hits or [empty], axis=1),
        ignored=np.concatenate(ignored or [empty], axis=1),
        support=support,
    )


def match_class(
    shared: NDArray[np.float64], is_crowd: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Match the found objects of one class in one image.

    Args:
        shared: (K, G) overlaps, found objects by falling score.
        is_crowd: (G,).

    Returns:
        Two (T, K) masks: which are hits, and which lie in a crowd.
    """
    num_found, num_true = shared.shape
    hits = np.zeros((len(IOU_THRESHOLDS), num_found), dtype=bool)
    ignored = np.zeros_like(hits)
    if num_true == 0:
        return hits, ignored
    plain = np.where(is_crowd[None], -1.0, shared)
    crowd = np.where(is_crowd[None], shared, -1.0).max(axis=1)
    for row, threshold in enumerate(IOU_THRESHOLDS):
        free = plain.copy()
        for position in range(num_found):
            best = int(free[position].argmax())
            # COCO lets the threshold itself pass, minus rounding.
            if free[position, best] >= min(threshold, 1 - 1e-10):
                hits[row, position] = True
                free[:, best] = -1.0
            elif crowd[position] >= threshold:
                ignored[row, position] = True
    return hits, ignored


def match_voc(true: Objects, found: Objects, label: int) -> tuple[list[float], list[bool]]:
    """Match one class of one image by Pascal VOC's rules at IoU 0.5.

    A found object answers for the true one it overlaps most, whether that is taken or not;
    difficult ones count as nothing.

    Returns:
        Scores and hits of the found objects that count.
    """
    targets = true.select((true.classes == label) & ~true.is_crowd)
    chosen = found.select(found.classes == label)
    chosen = chosen.select(np.argsort(-chosen.scores, kind="stable"))
    shared = overlaps(chosen, targets)
    taken: set[int] = set()
    scores: list[float] = []
    hits: list[bool] = []
    for position in range(len(chosen)):
        best = int(shared[position].argmax()) if len(targets) else -1
        near = best >= 0 and shared[position, best] >= 0.5
        if near and targets.is_difficult[best]:
            continue
        hits.append(near and best not in taken)
        scores.append(float(chosen.scores[position]))
        if near:
            taken.add(best)
    return scores, hits
