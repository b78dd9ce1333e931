"""What labeling needs from the layers above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from visionloop.data.entities import AnnotationDraft


@dataclass(frozen=True)
class Prediction:
    """What a model says about one image, with who said it.

    Attributes:
        model: reference of the model, for example "parts-classifier:3".
        digest: of the model package.
        annotations: drafts with scores, best first.
        probabilities: class to probability, of a classifier; in one order for every image.
        embedding: (D,) of the image.
    """

    model: str
    digest: str
    annotations: tuple[AnnotationDraft, ...]
    probabilities: Mapping[str, float] | None = None
    embedding: NDArray[np.float32] | None = None


class Predictor(Protocol):
    """Suggests labels; serving implements it with the project's champion."""

    def predict(
        self, project: str, image_bytes: bytes, *, model: str | None = None
    ) -> Prediction | None:
        """Return suggestions for one image file.

        Args:
            project: Name of the project.
            image_bytes: The file.
            model: Reference of a registered model; None takes the deployed one, else the champion.

        Returns:
            None when the project has no such model.
        """
        ...
