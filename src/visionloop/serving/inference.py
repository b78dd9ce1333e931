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

from visionloop.data.imaging import MAX_PIXELS, decode_source, read_header
from visionloop.evaluation.models import TASK_OUTPUTS
from visionloop.kernel.digests import sha256_file
from visionloop.serving.errors import PackageUnusable
from visionloop.serving.objects import FoundObject, read_objects
from visionloop.serving.packages import ServablePackage, open_package
from visionloop.serving.regions import FoundRegions, read_regions

INPUT_NAME = "images"
OUTPUT_NAMES = ("probabilities", "embedding")


@dataclass(frozen=True)
class Prediction:
    """What a model says about one image.

    Attributes:
        label, score: the surest class and how sure it is; of a detector, of the surest object.
        probabilities: (C,) float32, in the order of the package's labels; of a detector, how
            surely each class is in the image.
        embedding: (D,) float32.
        decode_ms: decoding and resizing.
        pixels: (H, W, 3) uint8, the picture in full resolution where it was decoded so far, for
            those who measure it; else None.
        objects: what a detector found above its operating thresholds, best first; None of others.
        regions: what a segmenter saw; None of others.
        labels: the classes that a multi-label classifier found; None of others.
    """

    label: str
    score: float
    probabilities: NDArray[np.float32]
    embedding: NDArray[np.float32]
    decode_ms: float
    inference_ms: float
    pixels: NDArray[np.uint8] | None = None
    objects: tuple[FoundObject, ...] | None = None
    regions: FoundRegions | None = None
    labels: tuple[str, ...] | None = None

    def describe(self) -> dict[str, Any]:
        """Return what the task adds to an answer, in JSON form."""
        found: dict[str, Any] = {}
        if self.objects is not None:
            found["objects"] = [item.to_dict() for item in self.objects]
        if self.regions is not None:
            found["regions"] = self.regions.to_dict()
        if self.labels is not None:
            found["labels"] = list(self.labels)
        return found


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
        self._extras = TASK_OUTPUTS.get(package.task, ())
        wanted = (*OUTPUT_NAMES, *self._extras)
        if inputs != [(INPUT_NAME, "tensor(uint8)")] or not set(wanted) <= set(outputs):
            raise PackageUnusable(
                folder,
                f"model.onnx has inputs {inputs} and outputs {sorted(outputs)}; expected the "
                f"uint8 input '{INPUT_NAME}' and the outputs {', '.join(wanted)}",
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
        size = source.shape[:2]
        if self._extras and not whole:
            # Places are given in the picture as it was sent, not as far as it was decoded.
            header = read_header(data, max_pixels=max_pixels)
            size = (header.height, header.width)
        return self._predict(source, begun, keep=whole, size=size)

    def classify_pixels(self, image: NDArray[np.uint8]) -> Prediction:
        """Score one decoded picture.

        Args:
            image: (H, W, 3) uint8 RGB, upright, of any size.
        """
        begun = time.perf_counter()
        return self._predict(image, begun, keep=True, size=image.shape[:2])

    def run(self, images: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
        """Run the graph on a batch that is already preprocessed.

        Args:
            images: (N, H, W, 3) uint8 at the model's input size.

        Returns:
            (N, C) probabilities and (N, D) embedding, float32, and what the task adds.
        """
        names = [*OUTPUT_NAMES, *self._extras]
        values: list[Any] = self._session.run(names, {INPUT_NAME: images})
        return dict(zip(names, values, strict=True))

    def _predict(
        self, source: NDArray[np.uint8], begun: float, *, keep: bool, size: tuple[int, ...]
    ) -> Prediction:
        pixels = self.package.preprocessing.apply(source)
        decoded = time.perf_counter()
        outputs = self.run(pixels[None])
        done = time.perf_counter()
        probabilities, embeddings = outputs["probabilities"], outputs["embedding"]
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
            **self._read_task({name: value[0] for name, value in outputs.items()}, size),
        )

    def _read_task(self, outputs: dict[str, NDArray[Any]], size: tuple[int, ...]) -> dict[str, Any]:
        """Return what the task adds to a prediction of one image."""
        package = self.package
        where: dict[str, Any] = {
            "preprocessing": package.preprocessing,
            "size": (size[0], size[1]),
            "labels": package.labels,
        }
        if "boxes" in outputs:
            found = read_objects(outputs, **where, thresholds=package.thresholds)
            return {"objects": found}
        if "mask" in outputs:
            return {"regions": read_regions(outputs["mask"], **where)}
        if package.task == "multilabel_classification":
            values = zip(package.labels, outputs["probabilities"], strict=True)
            chosen = (name for name, value in values if value >= package.thresholds.get(name, 0.5))
            return {"labels": tuple(chosen)}
        return {}

    def _warm_up(self, folder: str) -> None:
        """Run once, so that the first request is not slow and a broken graph never goes live."""
        shape = (1, self.package.preprocessing.height, self.package.preprocessing.width, 3)
        try:
            probabilities = self.run(np.zeros(shape, dtype=np.uint8))["probabilities"]
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
