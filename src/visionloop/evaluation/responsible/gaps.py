"""Gaps in quality with intervals, p-values and control of false discoveries.

Right-or-wrong quality uses exact counts (Newcombe 1998; Fisher); graded quality uses
Welch's interval and test, which assume no equal spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, t, ttest_ind

from visionloop.evaluation.entities import Measure
from visionloop.evaluation.intervals import control_false_discoveries, difference, wilson
from visionloop.evaluation.responsible.entities import Gap, Mask

FALSE_DISCOVERY_RATE = 0.05

Quality = NDArray[np.float64]


def measure_quality(quality: Quality) -> Measure:
    """Estimate a mean quality: Wilson for right or wrong, Student's interval for graded quality."""
    if _is_binary(quality):
        return wilson(int(quality.sum()), len(quality))
    mean, error = float(quality.mean()), _standard_error(quality)
    margin = float(t.ppf(0.975, len(quality) - 1)) * error if len(quality) > 1 else 1.0
    return Measure(mean, max(0.0, mean - margin), min(1.0, mean + margin))


def measure_gap(quality: Quality, inside: Mask) -> Gap:
    """Compare the images of a mask with all others; both must hold at least two."""
    ours, rest = quality[inside], quality[~inside]
    if _is_binary(quality):
        gap = difference((int(ours.sum()), len(ours)), (int(rest.sum()), len(rest)))
        table = [[ours.sum(), len(ours) - ours.sum()], [rest.sum(), len(rest) - rest.sum()]]
        p_value = float(fisher_exact(table).pvalue)
    else:
        gap = _welch(ours, rest)
        p_value = _welch_test(ours, rest)
    return Gap(len(ours), measure_quality(ours), gap, p_value)


def judge_gaps(gaps: Sequence[Gap]) -> list[Gap]:
    """Fill in q-values over all gaps, and which of them are weak."""
    q_values = control_false_discoveries([gap.p_value for gap in gaps])
    return [
        replace(gap, q_value=q, is_weak=gap.gap.value < 0 and q <= FALSE_DISCOVERY_RATE)
        for gap, q in zip(gaps, q_values, strict=True)
    ]


def _welch(ours: Quality, rest: Quality) -> Measure:
    one, two = _standard_error(ours) ** 2, _standard_error(rest) ** 2
    value = float(ours.mean() - rest.mean())
    if one + two == 0:
        return Measure(value, value, value)
    below = one**2 / (len(ours) - 1) + two**2 / (len(rest) - 1)
    freedom = (one + two) ** 2 / below
    margin = float(t.ppf(0.975, freedom)) * math.sqrt(one + two)
    return Measure(value, max(-1.0, value - margin), min(1.0, value + margin))


def _welch_test(ours: Quality, rest: Quality) -> float:
    if ours.std() == 0 and rest.std() == 0:
        return 1.0 if ours.mean() == rest.mean() else 0.0
    return float(ttest_ind(ours, rest, equal_var=False).pvalue)


def _standard_error(values: Quality) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


def _is_binary(quality: Quality) -> bool:
    return bool(np.isin(quality, (0.0, 1.0)).all())
