"""Networks: pretrained ones through transformers, the small one from scratch, and checkpoints.

A checkpoint is a folder: ``classifier.json`` (labels, normalisation, temperature),
``head.safetensors``, and the backbone, either as transformers saves it (``backbone/``) or as
``backbone.safetensors`` of the small network. No pickles anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.small_network import SmallNetwork

_TRANSFORMERS = "transformers"
_SMALL = "small"
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class ClassifierFacts:
    """What a checkpoint says about itself.

    Attributes:
        mean, std: normalisation of values in [0, 1], per channel.
        temperature: that the logits are divided by.
        thresholds: class -> operating threshold, of a multi-label classifier.
    """

    family: str
    labels: tuple[str, ...]
    embedding_size: int
    mean: tuple[float, ...] = HALF
    std: tuple[float, ...] = HALF
    temperature: float = 1.0
    thresholds: Mapping[str, float] = field(default_factory=dict)


class Classifier(nn.Module):  # type: ignore[misc]
    """A backbone that embeds and a linear head that decides."""

    def __init__(self, backbone: nn.Module, facts: ClassifierFacts, *, dropout: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.facts = facts
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(facts.embedding_size, len(facts.labels))
        self.register_buffer("mean", torch.tensor(facts.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(facts.std).view(1, 3, 1, 1), persistent=False)

    def embed(self, images: Tensor) -> Tensor:
        """Map (N, 3, H, W) images in [0, 1] to (N, D) embeddings."""
        return _pool(self.backbone((images - self.mean) / self.std))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map (N, 3, H, W) images in [0, 1] to logits (N, C) and embeddings (N, D)."""
        embedding = self.embed(images)
        return self.head(self.dropout(embedding)), embedding


def build_classifier(
    labels: Sequence[str], *, weights: str | None, dropout: float, image_size: int
) -> Classifier:
    """Build a classifier with a new head.

    Args:
        labels: class names in index order.
        weights: local folder or hub id; None for the small network.
        dropout: before the head.
        image_size: side of the input, to measure the embedding.

    Raises:
        CheckpointUnusable: the weights cannot be loaded, or do not take such images.
    """
    if weights is None:
        return _assemble(SmallNetwork(), _SMALL, labels, dropout=dropout, image_size=image_size)
    backbone = load_backbone(weights)
    mean, std = read_normalisation(weights)
    try:
        return _assemble(
            backbone,
            _TRANSFORMERS,
            labels,
            dropout=dropout,
            image_size=image_size,
            normalisation=(mean, std),
        )
    except (RuntimeError, ValueError, TypeError) as error:
        reason = f"they do not take {image_size} x {image_size} images ({error})"
        raise CheckpointUnusable(weights, reason) from error


def save_checkpoint(classifier: Classifier, folder: Path, **found: Any) -> None:
    """Write a checkpoint that training can go on from.

    Args:
        classifier: what was trained.
        folder: where to.
        **found: facts that training found out: ``temperature`` or ``thresholds``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts = asdict(replace(classifier.facts, **found))
    (folder / "classifier.json").write_text(json.dumps(facts, indent=2))
    save_file(_contiguous(classifier.head), folder / "head.safetensors")
    if classifier.facts.family == _SMALL:
        save_file(_contiguous(classifier.backbone), folder / "backbone.safetensors")
    else:
        quiet_transformers()
        saver: Any = classifier.backbone
        saver.save_pretrained(folder / "backbone", safe_serialization=True)


def load_checkpoint(
    folder: Path, *, dropout: float = 0.0, labels: Sequence[str] | None = None
) -> Classifier:
    """Load a checkpoint; with other labels, shared ones keep their rows of the head.

    Raises:
        CheckpointUnusable: the folder holds no checkpoint of ours.
    """
    try:
        values = json.loads((folder / "classifier.json").read_text())
        head = load_file(folder / "head.safetensors")
        names = {name: tuple(values[name]) for name in ("labels", "mean", "std")}
        facts = ClassifierFacts(**{**values, **names})
        backbone = SmallNetwork() if facts.family == _SMALL else load_backbone(
            str(folder / "backbone")
        )  # fmt: skip
        if facts.family == _SMALL:
            backbone.load_state_dict(load_file(folder / "backbone.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointUnusable(str(folder), str(error)) from error
    wanted = tuple(labels) if labels is not None else facts.labels
    target = ClassifierFacts(**{**vars(facts), "labels": wanted})
    classifier = Classifier(backbone, target, dropout=dropout)
    _copy_head(classifier.head, head, facts.labels, wanted)
    classifier.eval()
    return classifier


def _assemble(
    backbone: nn.Module,
    family: str,
    labels: Sequence[str],
    *,
    dropout: float,
    image_size: int,
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] = (HALF, HALF),
) -> Classifier:
    with torch.inference_mode():
        probe = _pool(backbone.eval()(torch.zeros(1, 3, image_size, image_size)))
    facts = ClassifierFacts(
        family, tuple(labels), int(probe.shape[1]), mean=normalisation[0], std=normalisation[1]
    )
    return Classifier(backbone, facts, dropout=dropout)


def _pool(output: Any) -> Tensor:
    """Reduce what a backbone gives to one vector an image."""
    if isinstance(output, Tensor):
        return output
    pooled = getattr(output, "pooler_output", None)
    if pooled is not None:
        flat: Tensor = pooled.flatten(1)
        return flat
    hidden: Tensor = output.last_hidden_state
    # Four dimensions are maps (N, D, H, W); three are tokens (N, T, D), the first for the image.
    return hidden.mean(dim=(2, 3)) if hidden.ndim == 4 else hidden[:, 0]


def load_backbone(source: str) -> nn.Module:
    """Load any model of transformers without its head.

    Raises:
        CheckpointUnusable: there is none at this folder or hub id, or not with safe weights.
    """
    quiet_transformers()
    from transformers import AutoModel

    try:
        backbone: nn.Module = AutoModel.from_pretrained(
            source, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise CheckpointUnusable(source, reason) from error
    return backbone


Normalisation = tuple[tuple[float, ...], tuple[float, ...]]


def read_normalisation(source: str, *, default: Normalisation = (HALF, HALF)) -> Normalisation:
    """Return mean and deviation of each channel that the weights were trained with.

    Raises:
        CheckpointUnusable: they do not say.
    """
    from transformers.image_processing_base import ImageProcessingMixin

    try:
        described, _ = ImageProcessingMixin.get_image_processor_dict(source)
    except (OSError, ValueError) as error:
        raise CheckpointUnusable(source, "preprocessor_config.json is missing") from error
    if not described.get("do_normalize", True):
        return default
    mean, std = described.get("image_mean", default[0]), described.get("image_std", default[1])
    return tuple(float(value) for value in mean), tuple(float(value) for value in std)


def _copy_head(
    head: nn.Linear, saved: dict[str, Tensor], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    with torch.no_grad():
        for row, label in enumerate(after):
            if label in before:
                head.weight[row] = saved["weight"][before.index(label)]
                head.bias[row] = saved["bias"][before.index(label)]


def _contiguous(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.contiguous() for name, value in module.state_dict().items()}


def quiet_transformers() -> None:
    """Keep the library's hints and progress bars out of the job's log."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
