"""Cohorts: by label, metadata, image statistics, and by how images look to the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.evaluation.responsible.entities import CohortReport, JudgedImages, Mask
from visionloop.evaluation.responsible.gaps import judge_gaps, measure_gap
from visionloop.evaluation.slices import cut_column, cut_terciles

MIN_SUPPORT = 20
_MAX_CLUSTERS = 8
_IMAGES_PER_CLUSTER = 30
_NUM_COMPONENTS = 16
_NUM_EXAMPLES = 6


@dataclass(frozen=True)
class Cohort:
    """Images that share something; see ``CohortReport``."""

    kind: str
    attribute: str
    value: str
    mask: Mask

    @property
    def condition(self) -> str:
        """What holds for its images, in words."""
        if self.kind == "statistic":
            return f"{self.attribute} is {self.value}"
        return f"{self.attribute} = {self.value}"


def judge_cohorts(
    images: JudgedImages, *, min_support: int = MIN_SUPPORT
) -> tuple[CohortReport, ...]:
    """Judge every cohort with enough images against the rest, weak ones first, worst first."""
    chosen = [
        cohort
        for cohort in cut_cohorts(images)
        if min(cohort.mask.sum(), (~cohort.mask).sum()) >= min_support
    ]
    gaps = judge_gaps([measure_gap(images.quality, cohort.mask) for cohort in chosen])
    reports = [
        CohortReport(
            kind=cohort.kind,
            attribute=cohort.attribute,
            value=cohort.value,
            gap=gap,
            examples=worst_images(images, cohort.mask),
        )
        for cohort, gap in zip(chosen, gaps, strict=True)
    ]
    return tuple(sorted(reports, key=lambda item: (not item.gap.is_weak, item.gap.gap.value)))


def cut_cohorts(images: JudgedImages) -> Iterator[Cohort]:
    """Yield every cohort, large or small."""
    for attribute, value, mask in cut_column("label", images.labels):
        yield Cohort("label", attribute, value, mask)
    for name in sorted({key for row in images.attributes for key in row}):
        column = [row.get(name) for row in images.attributes]
        for attribute, value, mask in cut_column(name, column):
            yield Cohort("metadata", attribute, value, mask)
    if images.statistics is not None:
        for name, numbers in zip(STATISTIC_NAMES, images.statistics.T, strict=True):
            for attribute, value, mask in cut_terciles(name, numbers):
                yield Cohort("statistic", attribute, value, mask)
    yield from _cut_looks(images)


def worst_images(images: JudgedImages, mask: Mask, limit: int = _NUM_EXAMPLES) -> tuple[str, ...]:
    """Return the ids of the images of a mask that fare worst."""
    rows = np.flatnonzero(mask)
    order = rows[np.argsort(images.quality[rows], kind="stable")][:limit]
    return tuple(images.image_ids[row] for row in order)


def _cut_looks(images: JudgedImages) -> Iterator[Cohort]:
    number = min(_MAX_CLUSTERS, len(images) // _IMAGES_PER_CLUSTER)
    if number < 2:
        return
    values = images.embeddings.astype(np.float64)
    components = min(_NUM_COMPONENTS, *values.shape)
    reduced = PCA(components, random_state=0).fit_transform(values)
    found = KMeans(number, n_init=3, random_state=0).fit_predict(reduced)
    for cluster in range(number):
        mask = found == cluster
        common = Counter(np.array(images.labels, dtype=object)[mask]).most_common(1)
        word = f"{cluster + 1}, mostly {common[0][0]}" if common else str(cluster + 1)
        yield Cohort("look", "look", word, mask)
