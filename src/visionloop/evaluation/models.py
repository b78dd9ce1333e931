"""Scoring with ONNX Runtime alone: what training exported, exactly as an endpoint runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Scores
from visionloop.evaluation.errors import ModelUnusable

BATCH_SIZE = 64
MODEL_FILE = "model.onnx"
THRESHOLDS_FILE = "thresholds.json"
DEFAULT_TASK = "classification"
TASK_OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "classification": (),
    "multilabel_classification": (),
    "detection": ("boxes", "scores", "classes"),
    "instance_segmentation": ("boxes", "scores", "classes", "masks"),
    "semantic_segmentation": ("mask",),
}
"""What graphs of each task return beside ``probabilities`` and ``embedding``."""

_OUTPUTS = ("probabilities", "embedding")


@dataclass(frozen=True)
class ModelFolder:
    """Where a model lies and how its input and output are to be read.

    Attributes:
        thresholds: class -> score from which on it counts, where the task has such.
    """

    path: Path
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    thresholds: Mapping[str, float] = field(default_factory=dict)


class Scorer:
    """Runs one exported model.

    Args:
        model: Path of the ONNX file.
        num_threads: For one operator; more than one hurts beside other busy processes.

    Raises:
        ModelUnusable: The graph cannot be loaded or has other inputs and outputs.

    Attributes:
        task: what the graph says that it does; graphs that say nothing classify.
    """

    def __init__(self, model: Path, *, num_threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        # Spinning threads would steal the cores of the endpoints that run beside us.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime raises its own classes, which it does not export
            raise ModelUnusable(str(model), str(error).splitlines()[0]) from error
        described = self._session.get_modelmeta().custom_metadata_map
        self.task = str(described.get("task", DEFAULT_TASK))
        outputs = [output.name for output in self._session.get_outputs()]
        inputs = self._session.get_inputs()
        self._extras = TASK_OUTPUTS.get(self.task, ())
        missing = {*_OUTPUTS, *self._extras} - set(outputs)
        if len(inputs) != 1 or "uint8" not in inputs[0].type or missing:
            raise ModelUnusable(str(model), f"it has the outputs {', '.join(outputs)}")
        self._input = inputs[0].name

    def score(self, images: NDArray[np.uint8], *, batch_size: int = BATCH_SIZE) -> Scores:
        """Score N images.

        Args:
            images: (N, H, W, 3) uint8 RGB at the model's input size.
            batch_size: images per call of the runtime.
        """
        return join_scores([self._run(batch) for batch in _batches(images, batch_size)])

    def _run(self, batch: NDArray[np.uint8]) -> Scores:
        names = [*_OUTPUTS, *self._extras]
        probabilities, embedding, *extras = self._session.run(names, {self._input: batch})
        return Scores(probabilities, embedding, dict(zip(self._extras, extras, strict=True)))


def join_scores(parts: list[Scores]) -> Scores:
    """Put the scores of several batches behind each other."""
    return Scores(
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
        {name: np.concatenate([part.extras[name] for part in parts]) for name in parts[0].extras},
    )


def read_model_folder(folder: Path) -> ModelFolder:
    """Read labels, preprocessing and thresholds of a package, registered or being built.

    Raises:
        ModelUnusable: The folder holds no model of ours.
    """
    try:
        if (folder / "package.json").is_file():
            described = json.loads((folder / "package.json").read_text())
            labels, preprocessing = described["labels"], described["preprocessing"]
        else:
            labels = json.loads((folder / "labels.json").read_text())
            preprocessing = json.loads((folder / "preprocessing.json").read_text())
        thresholds = folder / THRESHOLDS_FILE
        chosen = json.loads(thresholds.read_text()) if thresholds.is_file() else {}
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnusable(str(folder), f"labels and preprocessing are missing ({error})") from (
            error
        )
    return ModelFolder(
        path=folder / MODEL_FILE,
        labels=tuple(labels),
        preprocessing=Preprocessing.from_dict(preprocessing),
        thresholds=chosen,
    )


def _batches(images: NDArray[np.uint8], size: int) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, max(len(images), 1), size):
        yield images[start : start + size]
