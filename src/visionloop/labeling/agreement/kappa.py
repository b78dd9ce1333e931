"""Agreement on classes beyond chance: Cohen's and Fleiss' kappa, Krippendorff's alpha.

All return None where chance alone would agree completely (one class in use), because nobody can
tell agreement from habit there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Ratings = Sequence[Sequence[str | None]]
"""One row a unit, one column an annotator; None where the annotator did not rate it."""


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Return Cohen's kappa of two annotators over the same units (Cohen 1960)."""
    count = len(first)
    if count == 0:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    one, two = Counter(first), Counter(second)
    expected = sum(one[name] * two[name] for name in one) / count**2
    return None if expected == 1.0 else (observed - expected) / (1.0 - expected)


def fleiss_kappa(ratings: Ratings) -> float | None:
    """Return Fleiss' kappa over the units that equally many annotators rated (Fleiss 1971).

    Units with fewer ratings than the most are left out.
    """
    rows = [Counter(value for value in row if value is not None) for row in ratings]
    raters = max((row.total() for row in rows), default=0)
    full = [row for row in rows if row.total() == raters]
    if raters < 2:
        return None
    by_unit = [
        (sum(n * n for n in row.values()) - raters) / (raters * (raters - 1)) for row in full
    ]
    totals = sum(full, Counter[str]())
    expected = sum((n / totals.total()) ** 2 for n in totals.values())
    observed = sum(by_unit) / len(full)
    return None if expected == 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(ratings: Ratings) -> float | None:
    """Return Krippendorff's alpha for nominal classes; ratings may be missing.

    Computed from the coincidence matrix (Krippendorff, Content Analysis, chapter 12).
    """
    coincidences: Counter[tuple[str, str]] = Counter()
    for row in ratings:
        counts = Counter(value for value in row if value is not None)
        total = counts.total()
        if total < 2:
            continue
        for a, n in counts.items():
            for b, m in counts.items():
                pairs = n * (m - 1) if a == b else n * m
                coincidences[a, b] += pairs / (total - 1)  # type: ignore[assignment]
    totals: Counter[str] = Counter()
    for (a, _), value in coincidences.items():
        totals[a] += value
    size = sum(totals.values())
    expected = size * size - sum(n * n for n in totals.values())
    if size < 2 or expected <= 0:
        return None
    differing = sum(value for (a, b), value in coincidences.items() if a != b)
    return 1.0 - (size - 1) * differing / expected
