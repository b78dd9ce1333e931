"""Detectors of transformers (RT-DETR, D-FINE, DETR and their like), as the recipe sees them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.networks import quiet_transformers, read_normalisation

_PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class TransformersDetector(nn.Module):  # type: ignore[misc]
    """A detector with queries: it answers with a fixed number of boxes and needs no suppression."""

    def __init__(
        self, model: nn.Module, normalisation: tuple[tuple[float, ...], tuple[float, ...]]
    ) -> None:
        super().__init__()
        self.model = model
        mean, std = normalisation
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    @property
    def backbone(self) -> nn.Module:
        """What stays as it is while the head alone learns."""
        inner: Any = self.model
        backbone: nn.Module = inner.model.backbone
        return backbone

    def forward(self, images: Tensor, labels: list[dict[str, Tensor]] | None = None) -> Any:
        """Map (N, 3, H, W) images in [0, 1] to what the model of transformers returns."""
        return self.model(pixel_values=(images - self.mean) / self.std, labels=labels)


def load_transformers_detector(source: str, labels: Sequence[str]) -> TransformersDetector:
    """Load a detector by folder or hub id; its class layer is new where the classes differ.

    Raises:
        CheckpointUnusable: there is no detector, or not with safe weights.
    """
    quiet_transformers()
    from transformers import AutoModelForObjectDetection

    names = dict(enumerate(labels))
    try:
        model = AutoModelForObjectDetection.from_pretrained(
            source,
            use_safetensors=True,
            dtype=torch.float32,
            id2label=names,
            label2id={label: row for row, label in names.items()},
            ignore_mismatched_sizes=True,
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise CheckpointUnusable(source, reason) from error
    try:
        normalisation = read_normalisation(source, default=_PLAIN)
    except CheckpointUnusable:
        # Without a description the weights take plain values, as those of RT-DETR and D-FINE do.
        normalisation = _PLAIN
    return TransformersDetector(model, normalisation)


def save_transformers_detector(network: TransformersDetector, folder: Path) -> None:
    """Write the model as transformers does, with its normalisation beside it."""
    quiet_transformers()
    saver: Any = network.model
    saver.save_pretrained(folder, safe_serialization=True)
    mean, std = (value.flatten().tolist() for value in (network.mean, network.std))
    described = {"do_normalize": True, "image_mean": mean, "image_std": std}

    (folder / "preprocessor_config.json").write_text(json.dumps(described))
