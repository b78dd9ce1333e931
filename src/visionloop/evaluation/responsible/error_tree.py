"""The error tree: which conditions, one after the other, lead to where the model fails.

A regression tree on what is lost per image (Breiman et al. 1984, cost-complexity pruning), grown
only as far as cross-validation says that it holds for images it has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from sklearn.tree import DecisionTreeRegressor

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.evaluation.responsible.entities import JudgedImages, TreeNode
from visionloop.evaluation.responsible.gaps import measure_quality

MAX_DEPTH = 4
_MIN_LEAF = 10
_MIN_LEAF_SHARE = 0.02
_MAX_VALUES = 12
_NUM_FOLDS = 5


@dataclass(frozen=True)
class Feature:
    """One column that the tree may ask about.

    Attributes:
        value: the value of a categorical column that the indicator stands for, else None.
    """

    name: str
    value: str | None
    column: NDArray[np.float64]

    def rule(self, threshold: float, *, above: bool) -> str:
        """Return a branch in words."""
        if self.value is not None:
            return f"{self.name} {'=' if above else '≠'} {self.value}"
        return f"{self.name} {'>' if above else '≤'} {threshold:.4g}"


def grow_error_tree(images: JudgedImages) -> tuple[TreeNode, ...]:
    """Return the nodes of the tree, parents before children; one node where nothing holds."""
    features = list_features(images)
    if not features or len(images) < 4 * _MIN_LEAF:
        return (_node(images, np.ones(len(images), dtype=bool), "all images", None, depth=0),)
    table = np.stack([feature.column for feature in features], axis=1)
    tree = _fit(table, 1.0 - images.quality, images.groups)
    return _describe(images, tree, table, features)


def list_features(images: JudgedImages) -> list[Feature]:
    """Return the columns that a tree may ask about."""
    found = []
    if images.statistics is not None:
        for name, numbers in zip(STATISTIC_NAMES, images.statistics.T, strict=True):
            found.append(Feature(name, None, numbers.astype(np.float64)))
    found.extend(_indicators("label", list(images.labels)))
    for name in sorted({key for row in images.attributes for key in row}):
        column = [row.get(name) for row in images.attributes]
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in column)
        if numeric:
            found.append(Feature(name, None, np.array(column, dtype=np.float64)))
        else:
            found.extend(_indicators(name, [str(value) for value in column]))
    return found


def _indicators(name: str, column: list[str]) -> list[Feature]:
    values = sorted(set(column))
    if not 2 <= len(values) <= _MAX_VALUES:
        return []
    return [
        Feature(name, value, np.array([item == value for item in column], dtype=np.float64))
        for value in values
    ]


def _fit(
    table: NDArray[np.float64], lost: NDArray[np.float64], groups: tuple[str, ...]
) -> DecisionTreeRegressor:
    def make(alpha: float) -> DecisionTreeRegressor:
        least = max(_MIN_LEAF, round(_MIN_LEAF_SHARE * len(lost)))
        return DecisionTreeRegressor(
            max_depth=MAX_DEPTH, min_samples_leaf=least, ccp_alpha=alpha, random_state=0
        )

    path = make(0.0).cost_complexity_pruning_path(table, lost)
    alphas = np.unique(np.maximum(path.ccp_alphas, 0.0))
    folds = min(_NUM_FOLDS, len(set(groups)))
    if folds < 2:
        return make(float(alphas[-1])).fit(table, lost)
    errors = np.zeros((folds, len(alphas)))
    for fold, (train, test) in enumerate(GroupKFold(folds).split(table, lost, groups)):
        for position, alpha in enumerate(alphas):
            guess = make(float(alpha)).fit(table[train], lost[train]).predict(table[test])
            errors[fold, position] = np.mean((guess - lost[test]) ** 2)
    mean, spread = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(folds)
    best = int(mean.argmin())
    # The smallest tree within one standard error of the best (Breiman et al. 1984, section 3.4.3).
    chosen = int(np.flatnonzero(mean <= mean[best] + spread[best])[-1])
    return make(float(alphas[chosen])).fit(table, lost)


def _describe(
    images: JudgedImages,
    tree: DecisionTreeRegressor,
    table: NDArray[np.float64],
    features: list[Feature],
) -> tuple[TreeNode, ...]:
    inner, nodes = tree.tree_, []
    reached = tree.decision_path(table).toarray().astype(bool)
    waiting: list[tuple[int, str, int | None, int]] = [(0, "all images", None, 0)]
    while waiting:
        position, rule, parent, depth = waiting.pop(0)
        left, right = int(inner.children_left[position]), int(inner.children_right[position])
        leaf = left < 0
        nodes.append(_node(images, reached[:, position], rule, parent, depth=depth, leaf=leaf))
        if not leaf:
            feature = features[int(inner.feature[position])]
            threshold, own = float(inner.threshold[position]), len(nodes) - 1
            waiting.append((left, feature.rule(threshold, above=False), own, depth + 1))
            waiting.append((right, feature.rule(threshold, above=True), own, depth + 1))
    return tuple(nodes)


def _node(
    images: JudgedImages,
    mask: NDArray[np.bool_],
    rule: str,
    parent: int | None,
    *,
    depth: int,
    leaf: bool = True,
) -> TreeNode:
    lost = 1.0 - images.quality
    total = float(lost.sum())
    return TreeNode(
        rule=rule,
        parent=parent,
        depth=depth,
        support=int(mask.sum()),
        quality=measure_quality(images.quality[mask]),
        share_of_errors=float(lost[mask].sum()) / total if total else 0.0,
        is_leaf=leaf,
    )
