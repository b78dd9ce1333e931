"""Segmenters by name, and their checkpoints.

A checkpoint is a folder: ``segmenter.json`` (family, labels, normalisation, sizes), the backbone as
transformers saves it (``backbone/``), and ``segmenter.safetensors`` with everything else. No
pickles anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.networks import (
    HALF,
    load_backbone,
    quiet_transformers,
    read_normalisation,
)
from visionloop.training.recipes.pyramid import FeatureMaps, PyramidDecoder
from visionloop.training.recipes.small_network import SmallNetwork

_FACTS_FILE: Final = "segmenter.json"
_WEIGHTS_FILE: Final = "segmenter.safetensors"
_BACKBONE_FOLDER: Final = "backbone"
_WIDTH: Final = 64


@dataclass(frozen=True)
class SegmenterFacts:
    """What a checkpoint says about itself.

    Attributes:
        family: "small" or "transformers", for the backbone.
        image_size: that the maps were measured at.
        mean, std: normalisation of values in [0, 1], per channel.
    """

    family: str
    labels: tuple[str, ...]
    image_size: int
    mean: tuple[float, ...] = HALF
    std: tuple[float, ...] = HALF


class Segmenter(nn.Module):  # type: ignore[misc]
    """A backbone, a pyramid and a classifier of pixels; class 0 is the background."""

    def __init__(self, maps: FeatureMaps, facts: SegmenterFacts) -> None:
        super().__init__()
        self.maps = maps
        self.facts = facts
        self.decoder = PyramidDecoder(maps.channels, _WIDTH)
        self.classify = nn.Conv2d(_WIDTH, len(facts.labels) + 1, 1)
        self.register_buffer("mean", torch.tensor(facts.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(facts.std).view(1, 3, 1, 1), persistent=False)

    @property
    def backbone(self) -> nn.Module:
        """What stays as it is while the head alone learns."""
        backbone: nn.Module = self.maps.backbone
        return backbone

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map (N, 3, H, W) images in [0, 1] to logits (N, C + 1, h, w) and embeddings (N, D)."""
        maps = self.maps((images - self.mean) / self.std)
        return self.classify(self.decoder(maps)), maps[-1].mean(dim=(2, 3))


def build_segmenter(labels: Sequence[str], *, weights: str | None, image_size: int) -> Segmenter:
    """Build a segmenter with a new head.

    Args:
        labels: class names in index order, without the background.
        weights: local folder or hub id of a backbone; None for the small network.
        image_size: side of the input.

    Raises:
        CheckpointUnusable: the weights cannot be loaded, or give no maps.
    """
    if weights is None:
        backbone: nn.Module = SmallNetwork()
        facts = SegmenterFacts("small", tuple(labels), image_size)
    else:
        backbone = load_backbone(weights)
        mean, std = read_normalisation(weights)
        facts = SegmenterFacts("transformers", tuple(labels), image_size, mean=mean, std=std)
    source = weights or "the small network"
    return Segmenter(FeatureMaps(backbone, image_size=image_size, source=source), facts)


def save_segmenter(segmenter: Segmenter, folder: Path) -> None:
    """Write a checkpoint that training can go on from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FACTS_FILE).write_text(json.dumps(asdict(segmenter.facts), indent=2))
    weights = {
        name: value.contiguous()
        for name, value in segmenter.state_dict().items()
        if segmenter.facts.family == "small" or not name.startswith("maps.")
    }
    save_file(weights, folder / _WEIGHTS_FILE)
    if segmenter.facts.family != "small":
        quiet_transformers()
        saver: Any = segmenter.backbone
        saver.save_pretrained(folder / _BACKBONE_FOLDER, safe_serialization=True)


def load_segmenter(folder: Path, labels: Sequence[str] | None = None) -> Segmenter:
    """Load a checkpoint; with other labels, shared ones keep their part of the head.

    Raises:
        CheckpointUnusable: the folder holds no checkpoint of a segmenter.
    """
    try:
        values: dict[str, Any] = json.loads((folder / _FACTS_FILE).read_text())
        names = {name: tuple(values[name]) for name in ("labels", "mean", "std")}
        before = SegmenterFacts(**{**values, **names})
        wanted = tuple(labels) if labels is not None else before.labels
        facts = SegmenterFacts(**{**vars(before), "labels": wanted})
        small = facts.family == "small"
        backbone = SmallNetwork() if small else load_backbone(str(folder / _BACKBONE_FOLDER))
        maps = FeatureMaps(backbone, image_size=facts.image_size, source=str(folder))
        segmenter = Segmenter(maps, facts)
        saved = load_file(folder / _WEIGHTS_FILE)
        _keep_shared(saved, segmenter, before.labels, wanted)
        segmenter.load_state_dict(saved, strict=small)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointUnusable(str(folder), str(error).splitlines()[0]) from error
    segmenter.eval()
    return segmenter


def _keep_shared(
    saved: dict[str, Tensor], segmenter: Segmenter, before: Sequence[str], after: Sequence[str]
) -> None:
    if tuple(before) == tuple(after):
        return
    for name in ("classify.weight", "classify.bias"):
        rows = segmenter.state_dict()[name].clone()
        rows[0] = saved[name][0]
        for row, label in enumerate(after):
            if label in before:
                rows[row + 1] = saved[name][list(before).index(label) + 1]
        saved[name] = rows
