"""What an endpoint runs of a detector."""

from __future__ import annotations

from torch import Tensor, nn

from visionloop.training.recipes.detection.families import Family
from visionloop.training.recipes.graphs import as_images


class ServedDetector(nn.Module):  # type: ignore[misc]
    """Pixels in; objects, the surest score of each class and the embedding out."""

    def __init__(self, detector: nn.Module, family: Family) -> None:
        super().__init__()
        self.detector = detector
        self.family = family

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map (N, H, W, 3) uint8 images to what the detection task returns.

        Returns:
            probabilities (N, C), embedding (N, D), boxes (N, K, 4) in input pixels, scores (N, K)
            falling and 0 where there are fewer than K objects, classes (N, K) int64.
        """
        found = self.family.select(self.detector, as_images(images))
        return found.presence, found.embedding, found.boxes, found.scores, found.classes
