"""What an endpoint runs of a detector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from visionloop.training.recipes.detection.suppression import select_objects
from visionloop.training.recipes.graphs import as_images


class ServedDetector(nn.Module):  # type: ignore[misc]
    """Pixels in; objects, the surest score of each class and the embedding out."""

    def __init__(self, detector: nn.Module, *, overlap: float, max_objects: int) -> None:
        super().__init__()
        self.detector = detector
        self.overlap = overlap
        self.max_objects = max_objects

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map (N, H, W, 3) uint8 images to what the detection task returns.

        Returns:
            probabilities (N, C), embedding (N, D), boxes (N, K, 4) in input pixels, scores (N, K)
            falling and 0 where there are fewer than K objects, classes (N, K) int64.
        """
        raw = self.detector(as_images(images))
        scores = raw.classes.sigmoid() * raw.objectness.sigmoid().unsqueeze(2)
        boxes, best, classes = select_objects(
            raw.boxes, scores, overlap=self.overlap, max_objects=self.max_objects
        )
        return torch.amax(scores, dim=1), raw.embedding, boxes, best, classes
