"""Detectors by name, and their checkpoints.

A checkpoint is a folder: ``detector.json`` (family, labels, thresholds) and the weights, as
``detector.safetensors`` of the light detector or as transformers saves them (``model/``). No
pickles anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.detection.light_network import LightDetector
from visionloop.training.recipes.detection.masked_network import InstanceDetector
from visionloop.training.recipes.detection.pretrained import load_graph_weights
from visionloop.training.recipes.detection.transformers_network import (
    TransformersDetector,
    load_transformers_detector,
    save_transformers_detector,
)

LIGHT: Final = "light"
LIGHT_MASKS: Final = "light_masks"
TRANSFORMERS: Final = "transformers"
_FACTS_FILE: Final = "detector.json"
_WEIGHTS_FILE: Final = "detector.safetensors"
_MODEL_FOLDER: Final = "model"


@dataclass(frozen=True)
class DetectorFacts:
    """What a checkpoint says about itself.

    Attributes:
        overlap, max_objects: how objects are chosen among boxes.
        thresholds: class -> operating threshold.
    """

    family: str
    labels: tuple[str, ...]
    overlap: float
    max_objects: int
    thresholds: Mapping[str, float] = field(default_factory=dict)


def build_detector(
    labels: Sequence[str], weights: str | None, *, family: str = LIGHT
) -> tuple[nn.Module, bool]:
    """Build a detector with a new class layer.

    Args:
        labels: class names in index order.
        weights: ONNX file of YOLOX-nano or a folder that holds it, or folder or hub id of a
            detector of transformers; None for a new light network.
        family: "light" for boxes, "light_masks" for boxes with masks.

    Returns:
        The network, and whether its normalisation is folded into its weights.

    Raises:
        CheckpointUnusable: the weights cannot be loaded.
    """
    if weights is not None and family == LIGHT and _is_transformers(weights):
        return load_transformers_detector(weights, labels), False
    network = _new_network(family, len(labels))
    if weights is None:
        return network, False
    boxes = network.detector if isinstance(network, InstanceDetector) else network
    load_graph_weights(boxes, _find_graph(weights))
    return network, True


def save_detector(network: nn.Module, facts: DetectorFacts, folder: Path) -> None:
    """Write a checkpoint that training can go on from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FACTS_FILE).write_text(json.dumps(asdict(facts), indent=2))
    if isinstance(network, TransformersDetector):
        save_transformers_detector(network, folder / _MODEL_FOLDER)
        return
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, folder / _WEIGHTS_FILE)


def load_detector(
    folder: Path, labels: Sequence[str] | None = None
) -> tuple[nn.Module, DetectorFacts]:
    """Load a checkpoint; with other labels, shared ones keep their part of the class layer.

    Raises:
        CheckpointUnusable: the folder holds no checkpoint of a detector.
    """
    try:
        values: dict[str, Any] = json.loads((folder / _FACTS_FILE).read_text())
        facts = DetectorFacts(**{**values, "labels": tuple(values["labels"])})
        wanted = tuple(labels) if labels is not None else facts.labels
        if facts.family == TRANSFORMERS:
            loaded = load_transformers_detector(str(folder / _MODEL_FOLDER), wanted)
            return loaded.eval(), facts
        saved = load_file(folder / _WEIGHTS_FILE)
        network = _new_network(facts.family, len(wanted))
        network.load_state_dict(_with_labels(saved, network, facts.labels, wanted))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointUnusable(str(folder), str(error).splitlines()[0]) from error
    return network.eval(), facts


def _new_network(family: str, num_classes: int) -> nn.Module:
    kinds: dict[str, type[nn.Module]] = {LIGHT: LightDetector, LIGHT_MASKS: InstanceDetector}
    if family not in kinds:
        raise ValueError(f"there is no family {family!r} of detectors")
    return kinds[family](num_classes)


def _with_labels(
    saved: dict[str, Tensor], network: nn.Module, before: Sequence[str], after: Sequence[str]
) -> dict[str, Tensor]:
    if tuple(before) == tuple(after):
        return saved
    fresh = network.state_dict()
    for name, value in saved.items():
        if ".classify." not in name:
            continue
        rows = fresh[name].clone()
        for row, label in enumerate(after):
            if label in before:
                rows[row] = value[list(before).index(label)]
        saved = saved | {name: rows}
    return saved


def _is_transformers(weights: str) -> bool:
    """Tell whether weights are a folder of transformers, or the name of one in a model hub."""
    path = Path(weights)
    if path.is_dir():
        return (path / "config.json").is_file()
    return not path.exists() and path.suffix != ".onnx" and weights.count("/") == 1


def _find_graph(weights: str) -> Path:
    path = Path(weights)
    if path.is_dir():
        found = sorted(path.glob("*.onnx"))
        if len(found) != 1:
            reason = f"the folder holds {len(found)} ONNX files, expected one"
            raise CheckpointUnusable(weights, reason)
        return found[0]
    if not path.is_file():
        raise CheckpointUnusable(weights, "there is no such file or folder")
    return path
