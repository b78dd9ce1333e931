"""Geometry of boxes on tensors."""

from __future__ import annotations

import torch
from torch import Tensor


def area(boxes: Tensor) -> Tensor:
    """Return the areas of (..., 4) xyxy boxes; inverted ones have none."""
    return (boxes[..., 2] - boxes[..., 0]).clamp(min=0) * (boxes[..., 3] - boxes[..., 1]).clamp(
        min=0
    )


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the (N, M) intersection over union of (N, 4) and (M, 4) xyxy boxes."""
    low = torch.maximum(first[:, None, :2], second[None, :, :2])
    high = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    return shared / (area(first)[:, None] + area(second)[None] - shared).clamp(min=1e-9)


def generalized_iou(first: Tensor, second: Tensor) -> Tensor:
    """Return the (N,) generalised IoU of N pairs of xyxy boxes (Rezatofighi et al. 2019)."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    union = (area(first) + area(second) - shared).clamp(min=1e-9)
    hull_low = torch.minimum(first[:, :2], second[:, :2])
    hull_high = torch.maximum(first[:, 2:], second[:, 2:])
    hull = (hull_high - hull_low).clamp(min=0).prod(dim=1).clamp(min=1e-9)
    return shared / union - (hull - union) / hull
