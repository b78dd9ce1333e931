"""What kinds of mistakes a detector makes, and what each costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.objects.average_precision import PrecisionCurves, mean
from visionloop.evaluation.objects.entities import ErrorType, Objects
from visionloop.evaluation.objects.matching import Matches, match_all
from visionloop.evaluation.objects.overlap import overlaps

_NEAR: Final = 0.5
_FAR: Final = 0.1
KINDS: Final = ("class", "location", "both", "duplicate", "background")


def analyse_errors(
    truth: Sequence[Objects], found: Sequence[Objects], num_classes: int, *, by_mask: bool = False
) -> tuple[ErrorType, ...]:
    """Sort mistakes into the kinds of TIDE (Bolya et al. 2020, section 2).

    Args:
        truth: of N images.
        found: of the same images, at the operating thresholds.
        num_classes: C.
        by_mask: overlap masks instead of boxes.
    """
    matches = match_all(truth, found, num_classes, by_mask=by_mask)
    before = _ap_50(matches)
    kinds = np.concatenate(
        [_sort_image(*pair, by_mask=by_mask) for pair in zip(truth, found, strict=True)]
        or [np.zeros(0, dtype="<U10")]
    )
    report = []
    for kind in KINDS:
        chosen = kinds == kind
        mended = [_mend(*pair, kind, by_mask=by_mask) for pair in zip(truth, found, strict=True)]
        after = _ap_50(match_all(truth, mended, num_classes, by_mask=by_mask))
        report.append(ErrorType(kind, int(chosen.sum()), max(0.0, after - before)))
    missed = matches.support.sum() - matches.hits[0].sum()
    complete = replace(matches, support=_support_of_hits(matches))
    gain = _ap_50(complete) - before
    return (*report, ErrorType("missed", int(missed), max(0.0, gain)))


def _ap_50(matches: Matches) -> float:
    return mean(PrecisionCurves(matches).average_precision()[0])


def _support_of_hits(matches: Matches) -> NDArray[np.int64]:
    support = np.zeros_like(matches.support)
    hits = matches.hits[0]
    np.add.at(support, (matches.images[hits], matches.classes[hits]), 1)
    return support


def _sort_image(true: Objects, found: Objects, *, by_mask: bool) -> NDArray[np.str_]:
    """Return the kind of mistake of each found object; "" for right ones."""
    shared = overlaps(found, true, by_mask=by_mask)
    kinds = np.full(len(found), "background", dtype="<U10")
    if not len(true) or not len(found):
        return kinds
    same = found.classes[:, None] == true.classes[None]
    same_best = np.where(same, shared, 0.0).max(axis=1)
    other_best = np.where(same, 0.0, shared).max(axis=1)
    kinds[other_best >= _FAR] = "both"
    kinds[same_best >= _FAR] = "location"
    kinds[(other_best >= _NEAR) & (same_best < _NEAR)] = "class"
    kinds[same_best >= _NEAR] = "duplicate"
    taken: set[int] = set()
    for row in np.argsort(-found.scores, kind="stable"):
        free = [g for g in range(len(true)) if same[row, g] and g not in taken]
        best = max(free, key=lambda g: shared[row, g], default=None)
        if best is not None and shared[row, best] >= _NEAR:
            kinds[row] = ""
            if not true.is_crowd[best]:
                taken.add(best)
    return kinds


def _mend(true: Objects, found: Objects, kind: str, *, by_mask: bool) -> Objects:
    """Return the found objects as if the mistakes of one kind had not been made."""
    kinds = _sort_image(true, found, by_mask=by_mask)
    chosen = kinds == kind
    if kind not in ("class", "location"):
        return found.select(~chosen)
    shared = overlaps(found, true, by_mask=by_mask)
    boxes, classes = found.boxes.copy(), found.classes.copy()
    masks = None if found.masks is None else list(found.masks)
    for row in np.flatnonzero(chosen):
        same = true.classes == found.classes[row]
        target = int(np.where(same if kind == "location" else ~same, shared[row], -1.0).argmax())
        boxes[row], classes[row] = true.boxes[target], true.classes[target]
        if masks is not None and true.masks is not None:
            masks[row] = true.masks[target]
    return replace(
        found, boxes=boxes, classes=classes, masks=None if masks is None else tuple(masks)
    )
