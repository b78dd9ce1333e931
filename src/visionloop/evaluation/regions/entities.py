"""What is known about how well a model divides images into regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visionloop.evaluation.entities import Measure, ScoreSlice

BACKGROUND: Final = 0
"""Value in a label map of pixels that carry no label; class i has the value i + 1."""

IGNORED: Final = 255
"""Value in a label map of pixels that are not part of the image."""


@dataclass(frozen=True)
class RegionClassReport:
    """How one class fares over all pixels of all images; None where it never occurs.

    Attributes:
        num_images: in which it truly occurs.
        share: of all pixels that truly show it.
    """

    label: str
    num_images: int
    share: float
    iou: float | None
    dice: float | None
    boundary_iou: float | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class RegionReport:
    """The judgement of a semantic segmenter on a set of images.

    Attributes:
        miou, dice, boundary_iou: means over the classes that truly occur, background left out;
            intervals from a bootstrap over images. Boundary IoU looks only at pixels within 2 % of
            the diagonal from an edge (Cheng et al. 2021).
        pixel_accuracy: share of pixels with the right class, background included.
        per_class: the background comes first.
        confusion: (C + 1, C + 1) shares of all pixels, rows are true classes, background first.
    """

    labels: tuple[str, ...]
    num_images: int
    miou: Measure
    dice: Measure
    boundary_iou: Measure
    pixel_accuracy: float
    per_class: tuple[RegionClassReport, ...]
    confusion: tuple[tuple[float, ...], ...]
    slices: tuple[ScoreSlice, ...]
    unreadable: tuple[str, ...] = ()
    task: str = "semantic_segmentation"


@dataclass(frozen=True)
class RegionResult:
    """How one image came out.

    Attributes:
        miou: over the classes that truly occur in it, background included.
        iou: class -> IoU, of classes that occur or were predicted.
    """

    image_id: str
    miou: float
    loss: float
    iou: Mapping[str, float]

    @property
    def is_correct(self) -> bool:
        """Tell whether most of every region was found."""
        return self.miou >= 0.5
