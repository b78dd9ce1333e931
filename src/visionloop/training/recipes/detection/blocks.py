"""Building blocks of the light detector: separable convolutions in cross-stage stages.

The layout is that of YOLOX-nano (Ge et al. 2021, "YOLOX: Exceeding YOLO Series in 2021"), so that
its published weights can be used.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ConvolutionUnit(nn.Module):  # type: ignore[misc]
    """Convolution, batch normalisation, SiLU."""

    def __init__(
        self, before: int, after: int, kernel: int = 1, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            before, after, kernel, stride, padding=kernel // 2, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(after, eps=1e-3, momentum=0.03)

    def forward(self, maps: Tensor) -> Tensor:
        """Map (N, before, H, W) to (N, after, H / stride, W / stride)."""
        return functional.silu(self.norm(self.convolution(maps)), inplace=True)


def separable(before: int, after: int, *, stride: int = 1) -> nn.Sequential:
    """Return a 3x3 convolution per channel followed by a 1x1 convolution across channels."""
    return nn.Sequential(
        ConvolutionUnit(before, before, 3, stride=stride, groups=before),
        ConvolutionUnit(before, after),
    )


class Bottleneck(nn.Module):  # type: ignore[misc]
    """A residual pair of convolutions; without the residual where features are fused."""

    def __init__(self, channels: int, *, residual: bool) -> None:
        super().__init__()
        self.reduce = ConvolutionUnit(channels, channels)
        self.mix = separable(channels, channels)
        self.residual = residual

    def forward(self, maps: Tensor) -> Tensor:
        """Keep the shape (N, C, H, W)."""
        mixed: Tensor = self.mix(self.reduce(maps))
        return maps + mixed if self.residual else mixed


class CrossStage(nn.Module):  # type: ignore[misc]
    """Half of the channels passes the bottlenecks, half goes around them (Wang et al. 2020)."""

    def __init__(self, before: int, after: int, *, depth: int, residual: bool) -> None:
        super().__init__()
        half = after // 2
        self.through = ConvolutionUnit(before, half)
        self.around = ConvolutionUnit(before, half)
        self.blocks = nn.Sequential(*(Bottleneck(half, residual=residual) for _ in range(depth)))
        self.join = ConvolutionUnit(2 * half, after)

    def forward(self, maps: Tensor) -> Tensor:
        """Map (N, before, H, W) to (N, after, H, W)."""
        through, around = self.through(maps), self.around(maps)
        joined: Tensor = self.join(torch.cat([self.blocks(through), around], dim=1))
        return joined


class PyramidPooling(nn.Module):  # type: ignore[misc]
    """Looks at neighbourhoods of 5, 9 and 13 cells at once."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = ConvolutionUnit(channels, channels // 2)
        self.join = ConvolutionUnit(channels * 2, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Keep the shape (N, C, H, W)."""
        first: Tensor = self.reduce(maps)
        # Three windows of 5 after each other see 5, 9 and 13 cells, at a fifth of the cost.
        second = functional.max_pool2d(first, 5, 1, 2)
        third = functional.max_pool2d(second, 5, 1, 2)
        fourth = functional.max_pool2d(third, 5, 1, 2)
        joined: Tensor = self.join(torch.cat([first, second, third, fourth], dim=1))
        return joined


def space_to_depth(images: Tensor) -> Tensor:
    """Stack each 2x2 square of pixels into channels: (N, 3, H, W) to (N, 12, H / 2, W / 2)."""
    corners = [images[..., top::2, left::2] for left in (0, 1) for top in (0, 1)]
    return torch.cat(corners, dim=1)
