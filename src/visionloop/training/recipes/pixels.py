"""From decoded images to tensors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_EVALUATION_BATCH = 64


def to_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """Turn (N, H, W, 3) uint8 images into (N, 3, H, W) float32 in [0, 1]."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    return tensor.to(torch.float32).div(255.0)


def in_batches(
    pixels: NDArray[np.uint8], network: nn.Module, *, size: int = _EVALUATION_BATCH
) -> Iterator[Tensor]:
    """Yield (n, 3, H, W) parts of (N, H, W, 3) images on the device of a network."""
    device = next(network.parameters()).device
    for start in range(0, len(pixels), size):
        images = to_tensor(pixels[start : start + size])
        yield images.contiguous(memory_format=torch.channels_last).to(device)
