"""What a Responsible AI report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Measure

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class JudgedImages:
    """N images, how well a model did on each, and what is known of them.

    Attributes:
        quality: (N,) float64 in [0, 1]: 1 where the model was right; for detection and segmentation
            the score of the image.
        labels: (N,) true class of each image, or its most frequent one.
        attributes: N mappings: camera, metadata.
        statistics: (N, 14) image statistics, or None where they are not known.
        embeddings: (N, D).
        groups: (N,) person, track or cluster of each image; its own id where nothing is known.
    """

    image_ids: tuple[str, ...]
    quality: NDArray[np.float64]
    labels: tuple[str, ...]
    attributes: tuple[Mapping[str, Any], ...]
    statistics: NDArray[np.float64] | None
    embeddings: NDArray[np.float32]
    groups: tuple[str, ...]

    @property
    def is_binary(self) -> bool:
        """Tell whether each image is simply right or wrong."""
        return bool(np.isin(self.quality, (0.0, 1.0)).all())

    def __len__(self) -> int:
        return len(self.image_ids)


@dataclass(frozen=True)
class Gap:
    """How much better (or worse) the model is on some images than on the rest.

    Attributes:
        quality: mean quality there.
        gap: mean quality there minus that of the rest.
        p_value: of no difference.
        q_value: after Benjamini-Hochberg over all gaps of the same kind.
        is_weak: worse, and not by chance at a false discovery rate of 5 %.
    """

    support: int
    quality: Measure
    gap: Measure
    p_value: float
    q_value: float = 1.0
    is_weak: bool = False


@dataclass(frozen=True)
class CohortReport:
    """One cohort: images that share a value, a range of a statistic, or a look.

    Attributes:
        kind: "metadata", "label", "statistic" or "look" (a cluster of embeddings).
        examples: ids of its worst images.
    """

    kind: str
    attribute: str
    value: str
    gap: Gap
    examples: tuple[str, ...]


@dataclass(frozen=True)
class TreeNode:
    """A node of the error tree.

    Attributes:
        rule: what leads here from its parent; "all images" at the root.
        parent: position of the parent in the tree, None at the root.
        share_of_errors: of all that is lost, the share that is lost here.
    """

    rule: str
    parent: int | None
    depth: int
    support: int
    quality: Measure
    share_of_errors: float
    is_leaf: bool


@dataclass(frozen=True)
class FoundSlice:
    """A combination of conditions that was found in one half and tested on the other.

    Attributes:
        conditions: all must hold.
        found: on the half that was searched: too bleak, since the search chose it.
        confirmed: on the other half: an honest figure.
    """

    conditions: tuple[str, ...]
    found: Gap
    confirmed: Gap
    examples: tuple[str, ...]


@dataclass(frozen=True)
class RobustnessRow:
    """Mean quality on damaged copies of the same images."""

    corruption: str
    severity: int
    quality: Measure
    drop: float


@dataclass(frozen=True)
class Association:
    """How much an attribute and the label depend on each other in the data.

    Attributes:
        strength: bias-corrected Cramer's V, 0 to 1.
        cell: the label and value that stand out most.
        lift: of that cell: observed over expected.
    """

    attribute: str
    strength: float
    q_value: float
    cell: tuple[str, str]
    lift: float


@dataclass(frozen=True)
class Balance:
    """How evenly images are spread over the values of something.

    Attributes:
        shares: value -> share of the images, largest first.
        imbalance: largest share over smallest.
        evenness: entropy over its maximum, 1 when all values are equally frequent.
    """

    attribute: str
    shares: Mapping[str, float]
    imbalance: float
    evenness: float


@dataclass(frozen=True)
class DataBias:
    """What the training data favour."""

    num_images: int
    balances: tuple[Balance, ...]
    associations: tuple[Association, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a model said what it said about one image.

    Attributes:
        method: "grad_cam", "eigen_cam" or "masking".
        saliency: (H, W) in [0, 1] at the model's input size, row by row.
        deletion: area under the score while the most salient pixels are removed; low is faithful.
        insertion: area under the score while they are brought in; high is faithful.
        random_deletion, random_insertion: the same for pixels in random order.
    """

    image_id: str
    method: str
    target: str
    score: float
    saliency: NDArray[np.float32]
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float


@dataclass(frozen=True)
class MethodCheck:
    """Whether a way to explain can be trusted for this model.

    Attributes:
        faithfulness: mean of insertion minus deletion, over that of a random order.
        sanity: mean rank correlation with the explanation of the same network with shuffled
            weights (Adebayo et al. 2018); near 1 means that it does not look at the model.
    """

    method: str
    num_images: int
    faithfulness: float
    random_faithfulness: float
    sanity: float | None
    is_trusted: bool


@dataclass(frozen=True)
class LabelDoubt:
    """An image whose label the model doubts."""

    image_id: str
    label: str
    suggested: str
    self_confidence: float


@dataclass(frozen=True)
class ResponsibleReport:
    """Everything a Responsible AI report says."""

    task: str
    num_images: int
    quality_name: str
    quality: Measure
    cohorts: tuple[CohortReport, ...]
    tree: tuple[TreeNode, ...]
    slices: tuple[FoundSlice, ...]
    robustness: tuple[RobustnessRow, ...]
    explanations: tuple[Explanation, ...]
    methods: tuple[MethodCheck, ...]
    doubts: tuple[LabelDoubt, ...]
    bias: DataBias | None
    notes: tuple[str, ...] = field(default=())
