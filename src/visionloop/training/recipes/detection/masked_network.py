"""The light detector with masks: every object mixes its mask from shared prototypes.

After YOLACT (Bolya et al. 2019, "Real-time instance segmentation", section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from visionloop.training.recipes.detection.blocks import separable
from visionloop.training.recipes.detection.light_network import LightDetector, RawDetections

MASK_STRIDE = 4
_WIDTH = 64
_NUM_PROTOTYPES = 24


@dataclass(frozen=True)
class RawInstances:
    """What the network says about a batch, before any object is chosen.

    Attributes:
        boxes: see `RawDetections`.
        prototypes: (N, P, H / 4, W / 4).
        coefficients: (N, A, P), how each cell mixes them.
    """

    boxes: RawDetections
    prototypes: Tensor
    coefficients: Tensor


class InstanceDetector(nn.Module):  # type: ignore[misc]
    """A detector whose cells also say how the mask of their object is mixed."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.detector = LightDetector(num_classes)
        self.refine = separable(_WIDTH, _WIDTH)
        self.sharpen = separable(_WIDTH, _WIDTH)
        self.prototypes = nn.Conv2d(_WIDTH, _NUM_PROTOTYPES, 1)
        self.mix = nn.Linear(_WIDTH, _NUM_PROTOTYPES)

    @property
    def backbone(self) -> nn.Module:
        """What stays as it is while the heads alone learn."""
        backbone: nn.Module = self.detector.backbone
        return backbone

    def forward(self, images: Tensor) -> RawInstances:
        """Map (N, 3, H, W) images in [0, 1] to boxes, prototypes and coefficients."""
        raw = self.detector(images)
        larger = functional.interpolate(
            self.refine(raw.fine), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        prototypes = self.prototypes(self.sharpen(larger))
        return RawInstances(raw, prototypes.float(), torch.tanh(self.mix(raw.places)).float())


def mix_masks(prototypes: Tensor, coefficients: Tensor) -> Tensor:
    """Return the (N, K, h, w) mask logits of K objects in each of N images."""
    count, _, height, width = prototypes.shape
    mixed = torch.bmm(coefficients, prototypes.flatten(2))
    return mixed.view(count, -1, height, width)


def inside_boxes(boxes: Tensor, height: int, width: int) -> Tensor:
    """Return (N, K, h, w): 1 for the cells of the masks whose centre lies in the box.

    Args:
        boxes: (N, K, 4) xyxy in input pixels.
        height: of the masks.
        width: of the masks.
    """
    x = (torch.arange(width, device=boxes.device) + 0.5) * MASK_STRIDE
    y = (torch.arange(height, device=boxes.device) + 0.5) * MASK_STRIDE
    left, top, right, bottom = boxes.unbind(dim=2)
    across = (x > left.unsqueeze(2)) & (x < right.unsqueeze(2))
    down = (y > top.unsqueeze(2)) & (y < bottom.unsqueeze(2))
    return (down.unsqueeze(3) & across.unsqueeze(2)).to(boxes.dtype)
