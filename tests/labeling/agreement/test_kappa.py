from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from visionloop.labeling.agreement.kappa import cohen_kappa, fleiss_kappa, krippendorff_alpha


def test_cohen_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    first = rng.choice(["a", "b", "c"], 200)
    second = np.where(rng.random(200) < 0.7, first, rng.choice(["a", "b", "c"], 200))
    expected = cohen_kappa_score(first, second)
    assert cohen_kappa(first.tolist(), second.tolist()) == pytest.approx(expected)


def test_fleiss_gives_the_figure_of_the_textbook() -> None:
    # The worked example of ten subjects, fourteen raters, five categories: kappa 0.210.
    counts = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    rows = [[str(c) for c, n in enumerate(row) for _ in range(n)] for row in counts]
    assert fleiss_kappa(rows) == pytest.approx(0.210, abs=0.0005)


def test_krippendorff_gives_the_figure_of_its_author() -> None:
    # Twelve units, four observers, missing values: alpha 0.743 for nominal data.
    a = "1 2 3 3 2 1 4 1 2 * * *"
    b = "1 2 3 3 2 2 4 1 2 5 * 3"
    c = "* 3 3 3 2 3 4 2 2 5 1 *"
    d = "1 2 3 3 2 4 4 1 2 5 1 *"
    columns = [[None if v == "*" else v for v in row.split()] for row in (a, b, c, d)]
    units = list(zip(*columns, strict=True))
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=0.0005)


def test_perfect_agreement_is_one_and_a_single_class_says_nothing() -> None:
    rows = [["a", "a"], ["b", "b"]]
    assert cohen_kappa(["a", "b"], ["a", "b"]) == 1
    assert fleiss_kappa(rows) == 1
    assert krippendorff_alpha(rows) == 1
    same = [["a", "a"], ["a", "a"]]
    assert (cohen_kappa(["a"], ["a"]), fleiss_kappa(same), krippendorff_alpha(same)) == (
        None,
        None,
        None,
    )
    assert (cohen_kappa([], []), fleiss_kappa([]), krippendorff_alpha([])) == (None, None, None)


def test_chance_is_worth_nothing() -> None:
    rng = np.random.default_rng(1)
    rows = rng.choice(["a", "b"], (2000, 3)).tolist()
    assert fleiss_kappa(rows) == pytest.approx(0, abs=0.08)
    assert krippendorff_alpha(rows) == pytest.approx(0, abs=0.08)
