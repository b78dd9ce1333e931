"""Feature maps of several resolutions from any backbone that keeps its maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.small_network import SmallNetwork


class FeatureMaps(nn.Module):  # type: ignore[misc]
    """The deepest map of each resolution that a backbone passes through, finest first.

    Args:
        backbone: the small network, or a model of transformers that returns hidden states.
        image_size: side of the input, to measure the maps.
        source: what the weights are called, for errors.

    Raises:
        CheckpointUnusable: the backbone keeps no maps (a transformer of patches, for example).
    """

    def __init__(self, backbone: nn.Module, *, image_size: int, source: str) -> None:
        super().__init__()
        self.backbone = backbone
        with torch.inference_mode():
            backbone.eval()
            found = self._all_maps(torch.zeros(1, 3, image_size, image_size))
        self.chosen = _deepest(found, image_size)
        if len(self.chosen) < 2:
            reason = "they give no maps of several resolutions, which segmentation needs"
            raise CheckpointUnusable(source, reason)
        self.channels = tuple(int(found[row].shape[1]) for row in self.chosen)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map (N, 3, H, W) normalised images to maps (N, C, H / s, W / s) of falling size."""
        found = self._all_maps(images)
        return [found[row] for row in self.chosen]

    def _all_maps(self, images: Tensor) -> list[Tensor]:
        if isinstance(self.backbone, SmallNetwork):
            maps = [self.backbone.stem(images)]
            for stage in self.backbone.stages:
                maps.append(stage(maps[-1]))
            return maps
        output: Any = self.backbone(images, output_hidden_states=True)
        return [state for state in output.hidden_states or () if state.ndim == 4]


class PyramidDecoder(nn.Module):  # type: ignore[misc]
    """Adds coarse maps to finer ones, level by level (Lin et al. 2017, "Feature pyramids")."""

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.narrow = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.smooth = nn.ModuleList(_separable(width) for _ in channels[1:])

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Map feature maps, finest first, to one map at the finest resolution."""
        narrowed = [layer(level) for layer, level in zip(self.narrow, maps, strict=True)]
        result: Tensor = narrowed[-1]
        for smooth, level in zip(reversed(self.smooth), reversed(narrowed[:-1]), strict=True):
            larger = functional.interpolate(
                result, size=level.shape[2:], mode="bilinear", align_corners=False
            )
            result = smooth(larger + level)
        return result


def _separable(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


def _deepest(maps: Sequence[Tensor], image_size: int) -> list[int]:
    """Return the last map of every resolution from a quarter of the image down."""
    last: dict[int, int] = {}
    for row, level in enumerate(maps):
        if level.shape[2] <= image_size / 4 + 1:
            last[int(level.shape[2])] = row
    return [last[size] for size in sorted(last, reverse=True)]
