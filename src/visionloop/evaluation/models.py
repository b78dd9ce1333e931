"""Scoring with ONNX Runtime alone: what training exported, exactly as an endpoint runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Scores
from visionloop.evaluation.errors import ModelUnusable

BATCH_SIZE = 64
MODEL_FILE = "model.onnx"
_OUTPUTS = ["probabilities", "embedding"]


@dataclass(frozen=True)
class ModelFolder:
    """Where a model lies and how its input and output are to be read."""

    path: Path
    labels: tuple[str, ...]
    preprocessing: Preprocessing


class Scorer:
    """Runs one exported classifier.

    Args:
        model: Path of the ONNX file.
        num_threads: For one operator; more than one hurts beside other busy processes.

    Raises:
        ModelUnusable: The graph cannot be loaded or has other inputs and outputs.
    """

    def __init__(self, model: Path, *, num_threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        # Spinning threads would steal the cores of the endpoints that run beside us.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime raises its own classes, which it does not export
            raise ModelUnusable(str(model), str(error).splitlines()[0]) from error
        outputs = [output.name for output in self._session.get_outputs()]
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or "uint8" not in inputs[0].type or set(_OUTPUTS) - set(outputs):
            raise ModelUnusable(str(model), f"it has the outputs {', '.join(outputs)}")
        self._input = inputs[0].name

    def score(self, images: NDArray[np.uint8], *, batch_size: int = BATCH_SIZE) -> Scores:
        """Score N images.

        Args:
            images: (N, H, W, 3) uint8 RGB at the model's input size.
            batch_size: images per call of the runtime.
        """
        parts = [self._run(batch) for batch in _batches(images, batch_size)]
        probabilities = np.concatenate([part[0] for part in parts])
        embeddings = np.concatenate([part[1] for part in parts])
        return Scores(probabilities, embeddings)

    def _run(self, batch: NDArray[np.uint8]) -> tuple[Any, Any]:
        probabilities, embedding = self._session.run(_OUTPUTS, {self._input: batch})
        return probabilities, embedding


def read_model_folder(folder: Path) -> ModelFolder:
    """Read labels and preprocessing of a registered package, or of one being built.

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
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnusable(str(folder), f"labels and preprocessing are missing ({error})") from (
            error
        )
    return ModelFolder(
        path=folder / MODEL_FILE,
        labels=tuple(labels),
        preprocessing=Preprocessing.from_dict(preprocessing),
    )


def _batches(images: NDArray[np.uint8], size: int) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, max(len(images), 1), size):
        yield images[start : start + size]
