"""Scores images with a model package: ONNX Runtime alone, one thread a caller."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from visionloop.data.imaging import MAX_PIXELS, decode_source
from visionloop.kernel.digests import sha256_file
from visionloop.serving.errors import PackageUnusable
from visionloop.serving.packages import ServablePackage, open_package

INPUT_NAME = "images"
OUTPUT_NAMES = ("probabilities", "embedding")


@dataclass(frozen=True)
class Prediction:
    """What a classifier says about one image.

    Attributes:
        probabilities: (C,) float32, calibrated, in the order of the package's labels.
        embedding: (D,) float32.
        decode_ms: decoding and resizing.
        pixels: (H, W, 3) uint8, the picture in full resolution where it was decoded so far, for
            those who measure it; else None.
    """

    label: str
    score: float
    probabilities: NDArray[np.float32]
    embedding: NDArray[np.float32]
    decode_ms: float
    inference_ms: float
    pixels: NDArray[np.uint8] | None = None


class ModelRuntime:
    """A loaded model package; any number of threads may call it at once.

    Args:
        package: What to load.

    Raises:
        PackageUnusable: the graph does not load, or lacks the inputs and outputs of a classifier.
    """

    def __init__(self, package: ServablePackage) -> None:
        self.package = package
        options = onnxruntime.SessionOptions()
        # Parallelism comes from callers: two thread pools on the same cores collapse (SERVING.md).
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        folder = str(package.model_path.parent)
        try:
            self._session = onnxruntime.InferenceSession(
                str(package.model_path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes that it does not export
            raise PackageUnusable(folder, f"model.onnx does not load ({error})") from error
        outputs = {output.name: output.shape for output in self._session.get_outputs()}
        inputs = [(value.name, value.type) for value in self._session.get_inputs()]
        if inputs != [(INPUT_NAME, "tensor(uint8)")] or not set(OUTPUT_NAMES) <= set(outputs):
            raise PackageUnusable(
                folder,
                f"model.onnx has inputs {inputs} and outputs {sorted(outputs)}; expected the "
                f"uint8 input '{INPUT_NAME}' and the outputs {', '.join(OUTPUT_NAMES)}",
            )
        self._warm_up(folder)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes in the order of the probabilities."""
        return self.package.labels

    def classify(self, data: bytes, *, max_pixels: int = MAX_PIXELS) -> Prediction:
        """Score the bytes of one image file.

        Raises:
            NotAnImage: no supported image, damaged or truncated.
            ImageTooLarge: more than ``max_pixels``.
        """
        begun = time.perf_counter()
        preprocessing = self.package.preprocessing
        source, whole = decode_source(data, preprocessing, max_pixels=max_pixels)
        return self._predict(source, begun, keep=whole)

    def classify_pixels(self, image: NDArray[np.uint8]) -> Prediction:
        """Score one decoded picture.

        Args:
            image: (H, W, 3) uint8 RGB, upright, of any size.
        """
        begun = time.perf_counter()
        return self._predict(image, begun, keep=True)

    def run(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the graph on a batch that is already preprocessed.

        Args:
            images: (N, H, W, 3) uint8 at the model's input size.

        Returns:
            (N, C) probabilities and (N, D) embeddings, float32.
        """
        outputs: list[Any] = self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: images})
        return outputs[0], outputs[1]

    def _predict(self, source: NDArray[np.uint8], begun: float, *, keep: bool) -> Prediction:
        pixels = self.package.preprocessing.apply(source)
        decoded = time.perf_counter()
        probabilities, embeddings = self.run(pixels[None])
        done = time.perf_counter()
        best = int(probabilities[0].argmax())
        score = float(probabilities[0, best])
        if not math.isfinite(score):
            raise ArithmeticError(f"the model gave the probability {score}")
        return Prediction(
            label=self.labels[best],
            score=score,
            probabilities=probabilities[0],
            embedding=embeddings[0],
            decode_ms=(decoded - begun) * 1000.0,
            inference_ms=(done - decoded) * 1000.0,
            pixels=source if keep else None,
        )

    def _warm_up(self, folder: str) -> None:
        """Run once, so that the first request is not slow and a broken graph never goes live."""
        shape = (1, self.package.preprocessing.height, self.package.preprocessing.width, 3)
        try:
            probabilities, _ = self.run(np.zeros(shape, dtype=np.uint8))
        except Exception as error:  # onnxruntime raises classes that it does not export
            raise PackageUnusable(folder, f"model.onnx does not run ({error})") from error
        if probabilities.shape != (1, len(self.labels)):
            raise PackageUnusable(
                folder,
                f"model.onnx gives probabilities of shape {probabilities.shape}, but the package "
                f"has {len(self.labels)} labels",
            )


def load_runtime(folder: Path) -> ModelRuntime:
    """Load a package folder for scoring.

    Raises:
        PackageUnusable: damaged, changed since it was built, or of a kind that cannot be served.
    """
    package = open_package(folder)
    if sha256_file(package.model_path) != package.model_sha256:
        raise PackageUnusable(
            str(folder), f"{package.model_path.name} has changed since the package was built"
        )
    return ModelRuntime(package)
