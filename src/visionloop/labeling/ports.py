"""What labeling needs from the layers above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from visionloop.data.entities import AnnotationDraft


@dataclass(frozen=True)
class Prediction:
    """What a model says about one image, with who said it.

    Attributes:
        model: reference of the model, for example "parts-classifier:3".
        digest: of the model package.
        annotations: drafts with scores, best first.
    """

    model: str
    digest: str
    annotations: tuple[AnnotationDraft, ...]


class Predictor(Protocol):
    """Suggests labels; serving implements it with the project's champion."""

    def predict(self, project: str, image_bytes: bytes) -> Prediction | None:
        """Return suggestions for one image file; None when the project has no model yet."""
        ...
