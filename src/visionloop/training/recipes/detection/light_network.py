"""The light detector: 0.9 M parameters, three scales, one box a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visionloop.training.recipes.detection.blocks import (
    ConvolutionUnit,
    CrossStage,
    PyramidPooling,
    separable,
    space_to_depth,
)

STRIDES = (8, 16, 32)
_WIDTHS = (64, 128, 256)
_HEAD_WIDTH = 64
# One cell in a hundred shows an object; without this bias the first steps only unlearn the rest.
_RARE = -math.log((1 - 0.01) / 0.01)


@dataclass(frozen=True)
class RawDetections:
    """What the head says about every cell of a batch, before any is chosen.

    Attributes:
        boxes: (N, A, 4) xyxy, input pixels.
        objectness: (N, A) logits.
        classes: (N, A, C) logits.
        centers: (A, 2) centre of each cell, input pixels.
        strides: (A,) side of each cell, input pixels.
        embedding: (N, 256).
        fine: (N, 64, H / 8, W / 8), the finest map of the pyramid.
        places: (N, A, 64), what boxes were read from, for further questions about each cell.
    """

    boxes: Tensor
    objectness: Tensor
    classes: Tensor
    centers: Tensor
    strides: Tensor
    embedding: Tensor
    fine: Tensor
    places: Tensor


class LightDetector(nn.Module):  # type: ignore[misc]
    """Backbone, pyramid and head; takes RGB images in [0, 1] whose sides are multiples of 32."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.pyramid = Pyramid()
        self.heads = nn.ModuleList(Head(width, num_classes) for width in _WIDTHS)

    def forward(self, images: Tensor) -> RawDetections:
        """Map (N, 3, H, W) images to one box, objectness and class logits for every cell."""
        features = self.backbone(images)
        maps = self.pyramid(*features)
        parts = [head(level) for head, level in zip(self.heads, maps, strict=True)]
        cells = [_cells(level, stride) for level, stride in zip(maps, STRIDES, strict=True)]
        centers = torch.cat([cell[0] for cell in cells])
        strides = torch.cat([cell[1] for cell in cells])
        # Box arithmetic in half precision would move edges by pixels.
        offsets = torch.cat([part[0] for part in parts], dim=1).float()
        return RawDetections(
            boxes=_decode(offsets, centers, strides),
            objectness=torch.cat([part[1] for part in parts], dim=1).squeeze(2).float(),
            classes=torch.cat([part[2] for part in parts], dim=1).float(),
            centers=centers,
            strides=strides,
            embedding=features[2].mean(dim=(2, 3)).float(),
            fine=maps[0],
            places=torch.cat([part[3] for part in parts], dim=1),
        )


class Backbone(nn.Module):  # type: ignore[misc]
    """Features at an eighth, a sixteenth and a thirty-second of the resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvolutionUnit(12, 16, 3)
        self.stages = nn.ModuleList(
            [
                nn.Sequential(
                    separable(16, 32, stride=2), CrossStage(32, 32, depth=1, residual=True)
                ),
                nn.Sequential(
                    separable(32, 64, stride=2), CrossStage(64, 64, depth=3, residual=True)
                ),
                nn.Sequential(
                    separable(64, 128, stride=2), CrossStage(128, 128, depth=3, residual=True)
                ),
                nn.Sequential(
                    separable(128, 256, stride=2),
                    PyramidPooling(256),
                    CrossStage(256, 256, depth=1, residual=False),
                ),
            ]
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map (N, 3, H, W) to maps of 64, 128 and 256 channels."""
        maps = self.stem(space_to_depth(images))
        found = []
        for stage in self.stages:
            maps = stage(maps)
            found.append(maps)
        return found[1], found[2], found[3]


class Pyramid(nn.Module):  # type: ignore[misc]
    """Carries meaning down to the fine maps and position up to the coarse ones."""

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse = _WIDTHS
        self.narrow_coarse = ConvolutionUnit(coarse, middle)
        self.down_middle = CrossStage(2 * middle, middle, depth=1, residual=False)
        self.narrow_middle = ConvolutionUnit(middle, fine)
        self.down_fine = CrossStage(2 * fine, fine, depth=1, residual=False)
        self.shrink_fine = separable(fine, fine, stride=2)
        self.up_middle = CrossStage(2 * fine, middle, depth=1, residual=False)
        self.shrink_middle = separable(middle, middle, stride=2)
        self.up_coarse = CrossStage(2 * middle, coarse, depth=1, residual=False)
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(
        self, fine: Tensor, middle: Tensor, coarse: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return maps of the same three shapes."""
        narrow_coarse = self.narrow_coarse(coarse)
        joined = self.down_middle(torch.cat([self.enlarge(narrow_coarse), middle], dim=1))
        narrow_middle = self.narrow_middle(joined)
        fine = self.down_fine(torch.cat([self.enlarge(narrow_middle), fine], dim=1))
        middle = self.up_middle(torch.cat([self.shrink_fine(fine), narrow_middle], dim=1))
        coarse = self.up_coarse(torch.cat([self.shrink_middle(middle), narrow_coarse], dim=1))
        return fine, middle, coarse


class Head(nn.Module):  # type: ignore[misc]
    """Decides what is in a cell and where, on separate branches."""

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.stem = ConvolutionUnit(width, _HEAD_WIDTH)
        self.class_branch = nn.Sequential(*(separable(_HEAD_WIDTH, _HEAD_WIDTH) for _ in range(2)))
        self.classify = nn.Conv2d(_HEAD_WIDTH, num_classes, 1)
        self.box_branch = nn.Sequential(*(separable(_HEAD_WIDTH, _HEAD_WIDTH) for _ in range(2)))
        self.locate = nn.Conv2d(_HEAD_WIDTH, 4, 1)
        self.detect = nn.Conv2d(_HEAD_WIDTH, 1, 1)
        nn.init.constant_(self.classify.bias, _RARE)
        nn.init.constant_(self.detect.bias, _RARE)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return box offsets, objectness, classes and the features of boxes, (N, H * W, ...)."""
        stem = self.stem(maps)
        classes = self.classify(self.class_branch(stem))
        places = self.box_branch(stem)
        offsets, objectness = self.locate(places), self.detect(places)
        return _rows(offsets), _rows(objectness), _rows(classes), _rows(places)


def _rows(maps: Tensor) -> Tensor:
    return maps.flatten(2).transpose(1, 2)


def _cells(maps: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Return the (H * W, 2) corners that offsets count from, and the (H * W,) strides."""
    height, width = maps.shape[2:]
    down = torch.arange(height, device=maps.device, dtype=torch.float32)
    across = torch.arange(width, device=maps.device, dtype=torch.float32)
    y, x = torch.meshgrid(down, across, indexing="ij")
    corners = torch.stack([x, y], dim=-1).reshape(-1, 2) * stride
    return corners + 0.5 * stride, torch.full_like(corners[:, 0], float(stride))


def _decode(offsets: Tensor, centers: Tensor, strides: Tensor) -> Tensor:
    side = strides[:, None]
    middle = offsets[..., :2] * side + (centers - 0.5 * side)
    # e^8 cells is more than any image; an early step must not overflow the loss.
    half = 0.5 * offsets[..., 2:].clamp(max=8.0).exp() * side
    return torch.cat([middle - half, middle + half], dim=-1)
