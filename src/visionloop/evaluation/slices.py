"""Where a model is worse: slices by camera, by metadata and by image statistics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, mannwhitneyu

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.evaluation.entities import Example, ScoreSlice, SliceReport
from visionloop.evaluation.intervals import (
    control_false_discoveries,
    difference,
    mean_difference,
    mean_estimate,
    wilson,
)

MIN_SUPPORT = 20
FALSE_DISCOVERY_RATE = 0.05
_MAX_VALUES = 20
_TERCILES = ("low", "middle", "high")

Mask = NDArray[np.bool_]


def find_slices(
    examples: Sequence[Example], correct: Mask, *, min_support: int = MIN_SUPPORT
) -> tuple[SliceReport, ...]:
    """Judge every slice with enough images against the rest, worst first.

    Args:
        examples: N images with attributes and statistics.
        correct: (N,) whether the model was right.
        min_support: fewer images inside or outside say too little.
    """
    found = []
    for attribute, value, mask in _cut(examples):
        inside, total = int(mask.sum()), len(mask)
        if min(inside, total - inside) >= min_support:
            found.append((attribute, value, mask))
    tests = [_test(correct, mask) for _, _, mask in found]
    q_values = control_false_discoveries(tests)
    reports = [
        _report(attribute, value, mask, correct, p_value=p_value, q_value=q_value)
        for (attribute, value, mask), p_value, q_value in zip(found, tests, q_values, strict=True)
    ]
    return tuple(sorted(reports, key=lambda report: (not report.is_weak, report.gap.value)))


def find_score_slices(
    examples: Sequence[Example], scores: NDArray[np.float64], *, min_support: int = MIN_SUPPORT
) -> tuple[ScoreSlice, ...]:
    """Judge every slice with enough images against the rest, worst first.

    Args:
        examples: N images with attributes and statistics.
        scores: (N,) how well the model did on each, in [0, 1].
        min_support: fewer images inside or outside say too little.
    """
    found = [
        (attribute, value, mask)
        for attribute, value, mask in _cut(examples)
        if min(int(mask.sum()), int((~mask).sum())) >= min_support
    ]
    tests = [float(mannwhitneyu(scores[mask], scores[~mask]).pvalue) for _, _, mask in found]
    q_values = control_false_discoveries(tests)
    reports = []
    for (attribute, value, mask), p_value, q_value in zip(found, tests, q_values, strict=True):
        gap = mean_difference(scores[mask], scores[~mask])
        reports.append(
            ScoreSlice(
                attribute=attribute,
                value=value,
                support=int(mask.sum()),
                score=mean_estimate(scores[mask]),
                gap=gap,
                p_value=p_value,
                q_value=q_value,
                is_weak=gap.value < 0 and q_value <= FALSE_DISCOVERY_RATE,
            )
        )
    return tuple(sorted(reports, key=lambda report: (not report.is_weak, report.gap.value)))


def slice_attributes(exif: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what slices are cut by: the camera, and every plain custom value."""
    chosen: dict[str, Any] = {}
    if exif.get("Model"):
        chosen["camera"] = str(exif["Model"])
    for key, value in metadata.items():
        if isinstance(value, str | int | float | bool):
            chosen[key] = value
    return chosen


def _cut(examples: Sequence[Example]) -> Iterator[tuple[str, str, Mask]]:
    columns: dict[str, list[Any]] = defaultdict(lambda: [None] * len(examples))
    for position, example in enumerate(examples):
        for key, value in example.attributes.items():
            columns[key][position] = value
    for key in sorted(columns):
        yield from cut_column(key, columns[key])
    known = [example.statistics for example in examples]
    if examples and all(row is not None for row in known):
        table = np.array(known, dtype=np.float64)
        for name, column in zip(STATISTIC_NAMES, table.T, strict=True):
            yield from cut_terciles(name, column)


def cut_column(key: str, values: Sequence[Any]) -> Iterator[tuple[str, str, Mask]]:
    """Yield (column, value, mask) for each value of a column, or for its thirds."""
    distinct = {value for value in values if value is not None}
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numeric and len(distinct) > _MAX_VALUES:
        yield from cut_terciles(key, np.array(values, dtype=np.float64))
    elif len(distinct) + (None in values) >= 2 and len(distinct) <= _MAX_VALUES:
        for value in sorted(distinct, key=str):
            yield key, str(value), np.array([item == value for item in values])


def cut_terciles(name: str, column: NDArray[np.float64]) -> Iterator[tuple[str, str, Mask]]:
    """Yield (column, "low" | "middle" | "high", mask) for the thirds of a numeric column."""
    low, high = np.quantile(column, (1 / 3, 2 / 3))
    if not low < high:
        return
    third = np.searchsorted((low, high), column, side="left")
    for index, word in enumerate(_TERCILES):
        yield name, word, third == index


def _test(correct: Mask, mask: Mask) -> float:
    inside, outside = correct[mask], correct[~mask]
    table = [[inside.sum(), (~inside).sum()], [outside.sum(), (~outside).sum()]]
    return float(fisher_exact(table).pvalue)


def _report(
    attribute: str, value: str, mask: Mask, correct: Mask, *, p_value: float, q_value: float
) -> SliceReport:
    hits, support = int(correct[mask].sum()), int(mask.sum())
    rest_hits, rest = int(correct[~mask].sum()), int((~mask).sum())
    gap = difference((hits, support), (rest_hits, rest))
    return SliceReport(
        attribute=attribute,
        value=value,
        support=support,
        accuracy=wilson(hits, support),
        gap=gap,
        p_value=p_value,
        q_value=q_value,
        is_weak=gap.value < 0 and q_value <= FALSE_DISCOVERY_RATE,
    )
