"""Worst slices, found rather than listed: searched for on one half, tested on the other.

Conditions are joined step by step where the excess of errors is largest for its uncertainty, as
SliceFinder does (Chung et al. 2019, "Slice Finder: automated data slicing for model validation").
The search would fool itself, so that only the figure of the other half counts; halves never divide
a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from visionloop.evaluation.responsible.cohorts import Cohort, cut_cohorts, worst_images
from visionloop.evaluation.responsible.entities import FoundSlice, Gap, JudgedImages, Mask
from visionloop.evaluation.responsible.gaps import judge_gaps, measure_gap
from visionloop.kernel.digests import sha256_bytes

MIN_SUPPORT = 12
MAX_CONDITIONS = 3
_BEAM = 12
_MAX_SLICES = 8
_MAX_OVERLAP = 0.5


@dataclass(frozen=True)
class _Candidate:
    cohorts: tuple[Cohort, ...]
    mask: Mask
    excess: float


def find_worst_slices(images: JudgedImages) -> tuple[FoundSlice, ...]:
    """Return the worst combinations of conditions, those that were confirmed first."""
    half = _halve(images)
    if min(half.sum(), (~half).sum()) < 4 * MIN_SUPPORT:
        return ()
    cohorts = [cohort for cohort in cut_cohorts(images) if cohort.kind != "label"]
    chosen = _spread(_search(images, cohorts, half))
    testable = [item for item in chosen if _is_testable(item.mask, ~half)]
    if not testable:
        return ()
    found = judge_gaps([_gap(images, item.mask, half) for item in testable])
    confirmed = judge_gaps([_gap(images, item.mask, ~half) for item in testable])
    slices = [
        FoundSlice(
            conditions=tuple(cohort.condition for cohort in item.cohorts),
            found=first,
            confirmed=second,
            examples=worst_images(images, item.mask),
        )
        for item, first, second in zip(testable, found, confirmed, strict=True)
    ]
    return tuple(
        sorted(slices, key=lambda item: (not item.confirmed.is_weak, item.confirmed.gap.value))
    )


def _halve(images: JudgedImages) -> Mask:
    return np.array([sha256_bytes(group.encode())[0] in "02468ace" for group in images.groups])


def _search(images: JudgedImages, cohorts: Sequence[Cohort], half: Mask) -> list[_Candidate]:
    lost = (1.0 - images.quality)[half]
    spread = max(float(lost.std()), 1e-9)

    def consider(joined: tuple[Cohort, ...], mask: Mask) -> _Candidate | None:
        inside = mask[half]
        support = int(inside.sum())
        if support < MIN_SUPPORT or len(inside) - support < MIN_SUPPORT:
            return None
        difference = lost[inside].mean() - lost[~inside].mean()
        return _Candidate(joined, mask, float(difference / spread * np.sqrt(support)))

    beam = [c for cohort in cohorts if (c := consider((cohort,), cohort.mask))]
    everything = list(beam)
    for _ in range(MAX_CONDITIONS - 1):
        beam = sorted(beam, key=lambda item: -item.excess)[:_BEAM]
        longer = [
            made
            for item in beam
            for cohort in cohorts
            if cohort.attribute not in {known.attribute for known in item.cohorts}
            and (made := consider((*item.cohorts, cohort), item.mask & cohort.mask))
            and made.excess > item.excess
        ]
        everything.extend(longer)
        beam = longer
    return sorted(everything, key=lambda item: -item.excess)


def _spread(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Keep the best of those that say the same."""
    chosen: list[_Candidate] = []
    for item in candidates:
        if item.excess <= 0 or len(chosen) == _MAX_SLICES:
            break
        if all(_overlap(item.mask, known.mask) <= _MAX_OVERLAP for known in chosen):
            ordered = tuple(sorted(item.cohorts, key=lambda cohort: cohort.attribute))
            chosen.append(replace(item, cohorts=ordered))
    return chosen


def _overlap(first: Mask, second: Mask) -> float:
    return float((first & second).sum() / max(1, (first | second).sum()))


def _is_testable(mask: Mask, half: Mask) -> bool:
    inside = int(mask[half].sum())
    return inside >= 5 and int(half.sum()) - inside >= 5


def _gap(images: JudgedImages, mask: Mask, half: Mask) -> Gap:
    return measure_gap(images.quality[half], mask[half])
