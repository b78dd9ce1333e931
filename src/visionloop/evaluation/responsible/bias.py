"""What the data favour: classes, cohorts, and classes that come with a cohort or with each other.

Strength of an association is Cramer's V with Bergsma's correction (2013), whose expectation is zero
for independent columns however few images there are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, entropy

from visionloop.evaluation.intervals import control_false_discoveries
from visionloop.evaluation.responsible.entities import Association, Balance, DataBias

_MAX_VALUES = 30
_MAX_PAIRS = 500


def measure_bias(
    labels: Sequence[str],
    attributes: Sequence[Mapping[str, Any]],
    objects: Sequence[Sequence[str]] = (),
) -> DataBias:
    """Describe N images by label and metadata.

    Args:
        labels: (N,) class of each image, or the most frequent of its objects.
        attributes: N mappings: camera, metadata.
        objects: the classes of the objects in each of N images, where images hold several.
    """
    columns = {"label": [str(label) for label in labels]}
    for name in sorted({key for row in attributes for key in row}):
        column = [str(row[name]) if name in row else "unknown" for row in attributes]
        if 2 <= len(set(column)) <= _MAX_VALUES:
            columns[name] = column
    balances = [balance_of(name, column) for name, column in columns.items()]
    if counted := [name for classes in objects for name in classes]:
        balances.append(balance_of("object", counted))
    names = [name for name in columns if name != "label"]
    return DataBias(
        num_images=len(labels),
        balances=tuple(sorted(balances, key=lambda item: item.evenness)),
        associations=(
            *_associate(columns["label"], {name: columns[name] for name in names}),
            *find_company(objects),
        ),
    )


def find_company(objects: Sequence[Sequence[str]], limit: int = 10) -> tuple[Association, ...]:
    """Return the pairs of classes that share images more than chance has it, strongest first."""
    shown = [set(classes) for classes in objects]
    names = sorted(set().union(*shown)) if shown else []
    pairs = [(one, two) for place, one in enumerate(names) for two in names[place + 1 :]]
    found = []
    for one, two in pairs[:_MAX_PAIRS]:
        columns = [["yes" if name in classes else "no" for classes in shown] for name in (one, two)]
        for tie in _associate(columns[0], {two: columns[1]}):
            together = tie.cell in {("yes", "yes"), ("no", "no")}
            cell = (f"{one} {tie.cell[0]}", f"{two} {tie.cell[1]}")
            found.append(replace(tie, attribute=f"{one} and {two}", cell=cell))
            if not together:
                found[-1] = replace(found[-1], attribute=f"{one} without {two}")
    q_values = control_false_discoveries([item.q_value for item in found])
    judged = [replace(item, q_value=q) for item, q in zip(found, q_values, strict=True)]
    return tuple(sorted(judged, key=lambda item: -item.strength)[:limit])


def balance_of(name: str, column: Sequence[str]) -> Balance:
    """Tell how evenly a column is spread."""
    counts = Counter(column).most_common()
    total = max(1, len(column))
    shares = {value: count / total for value, count in counts}
    most = math.log(len(shares)) if len(shares) > 1 else 1.0
    evenness = float(entropy(list(shares.values()))) / most if len(shares) > 1 else 1.0
    imbalance = counts[0][1] / counts[-1][1] if counts else 1.0
    return Balance(name, shares, imbalance, evenness)


def _associate(labels: list[str], columns: Mapping[str, list[str]]) -> tuple[Association, ...]:
    found, p_values = [], []
    for name, column in columns.items():
        table, rows, values = _count_pairs(labels, column)
        if min(table.shape) < 2:
            continue
        tested = chi2_contingency(table)
        p_values.append(float(tested.pvalue))
        lifts = table / tested.expected_freq
        # A cell of a few images is always remarkable: look where at least five were expected.
        lifts = np.where(tested.expected_freq >= 5, lifts, 1.0)
        row, column_index = np.unravel_index(int(np.argmax(lifts)), lifts.shape)
        cell = (rows[int(row)], values[int(column_index)])
        strength = _cramers_v(float(tested.statistic), table)
        found.append((name, strength, cell, float(lifts[row, column_index])))
    q_values = control_false_discoveries(p_values)
    reports = [
        Association(name, strength, q_value, cell, lift)
        for (name, strength, cell, lift), q_value in zip(found, q_values, strict=True)
    ]
    return tuple(sorted(reports, key=lambda item: -item.strength))


def _count_pairs(
    first: Sequence[str], second: Sequence[str]
) -> tuple[NDArray[np.int64], list[str], list[str]]:
    rows, columns = sorted(set(first)), sorted(set(second))
    counts = Counter(zip(first, second, strict=True))
    table = np.array([[counts[row, column] for column in columns] for row in rows], dtype=np.int64)
    return table, rows, columns


def _cramers_v(chi2: float, table: NDArray[np.int64]) -> float:
    total, (rows, columns) = int(table.sum()), table.shape
    phi = max(0.0, chi2 / total - (rows - 1) * (columns - 1) / max(1, total - 1))
    short = min(
        rows - (rows - 1) ** 2 / max(1, total - 1), columns - (columns - 1) ** 2 / max(1, total - 1)
    )
    return math.sqrt(phi / max(1e-9, short - 1)) if short > 1 else 0.0
