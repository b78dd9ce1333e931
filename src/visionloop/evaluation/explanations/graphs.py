"""Take an exported graph apart: where its last feature map is, what follows it, shuffled weights.

Needs the package ``onnx``, which comes with the training extra.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from visionloop.evaluation.errors import ExplanationExtrasMissing, NoFeatureMap

_OUTPUT = "probabilities"


@dataclass(frozen=True)
class SplitGraph:
    """A classifier cut behind its last feature map."""

    features: onnxruntime.InferenceSession
    head: onnxruntime.InferenceSession
    feature_name: str

    def read_features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the feature maps of (N, H, W, 3) images, (N, K, h, w)."""
        name = self.features.get_inputs()[0].name
        found: NDArray[np.float32] = self.features.run(None, {name: images})[0]
        return found

    def read_head(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities that follow from (N, K, h, w) feature maps, (N, C)."""
        found: NDArray[np.float32] = self.head.run(None, {self.feature_name: features})[0]
        return found


def split_graph(model: Path | bytes) -> SplitGraph:
    """Cut a classifier behind its last feature map.

    Args:
        model: path or content of an ONNX file with the output "probabilities".

    Raises:
        NoFeatureMap: The network keeps no map of the image, as transformers of patches do.
        ExplanationExtrasMissing: The package ``onnx`` is not installed.
    """
    onnx = _import_onnx()
    graph = onnx.shape_inference.infer_shapes(_load(onnx, model))
    name = _last_feature_map(graph)
    inputs = [graph.graph.input[0].name]
    extractor = onnx.utils.Extractor(graph)
    first = extractor.extract_model(inputs, [name])
    second = extractor.extract_model([name], [_OUTPUT])
    return SplitGraph(_session(first), _session(second), name)


def shuffle_weights(model: Path, *, seed: int = 0) -> bytes:
    """Return the same network with the values of every weight tensor in random order.

    Raises:
        ExplanationExtrasMissing: The package ``onnx`` is not installed.
    """
    onnx = _import_onnx()
    graph = _load(onnx, model)
    random = np.random.default_rng(seed)
    for tensor in graph.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.ndim >= 2 and values.dtype.kind == "f":
            mixed = random.permutation(values.ravel()).reshape(values.shape)
            tensor.CopyFrom(onnx.numpy_helper.from_array(mixed, tensor.name))
    content: bytes = graph.SerializeToString()
    return content


def _last_feature_map(graph: Any) -> str:
    """Return the last map that everything behind it depends on alone."""
    shapes = {
        value.name: tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
        for value in graph.graph.value_info
    }
    side = graph.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    producers = {name: node for node in graph.graph.node for name in node.output}
    for node in reversed(graph.graph.node):
        for name in node.output:
            shape = shapes.get(name, ())
            is_map = len(shape) == 4 and all(1 < size < side for size in shape[2:])
            if is_map and _separates(producers, name, graph.graph.input[0].name):
                return str(name)
    raise NoFeatureMap


def _separates(producers: dict[str, Any], name: str, source: str) -> bool:
    """Tell whether every way from the image to the output leads through a tensor."""
    seen, waiting, reached = set(), [_OUTPUT], False
    while waiting:
        current = waiting.pop()
        if current == name:
            reached = True
        elif current == source:
            return False
        elif current not in seen and current in producers:
            seen.add(current)
            waiting.extend(producers[current].input)
    return reached


def _load(onnx: Any, model: Path | bytes) -> Any:
    return onnx.load_from_string(model) if isinstance(model, bytes) else onnx.load(model)


def _session(model: Any) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _import_onnx() -> Any:
    try:
        import onnx
        import onnx.numpy_helper
        import onnx.shape_inference
        import onnx.utils
    except ModuleNotFoundError:
        raise ExplanationExtrasMissing from None
    return onnx
