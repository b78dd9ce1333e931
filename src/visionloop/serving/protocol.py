"""Open Inference Protocol v2 over REST: JSON and binary tensors in and out.

https://github.com/kserve/open-inference-protocol and Triton's binary tensor data extension.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.serving.inference import Prediction
from visionloop.serving.wire import Refusal

Source = bytes | NDArray[np.uint8]
HEADER_LENGTH = "inference-header-content-length"
OUTPUT_TYPES = {"label": "BYTES", "score": "FP32", "probabilities": "FP32", "embedding": "FP32"}
_DEFAULT_OUTPUTS = ("label", "score", "probabilities")
MAX_IMAGES = 128


@dataclass(frozen=True)
class RequestedOutput:
    """A tensor to answer with, as JSON or as bytes after it."""

    name: str
    binary: bool


@dataclass(frozen=True)
class InferRequest:
    """A parsed request.

    Attributes:
        images: bytes of image files, or (H, W, 3) uint8 pixels.
    """

    id: str | None
    images: tuple[Source, ...]
    outputs: tuple[RequestedOutput, ...]


def describe_model(name: str, versions: Sequence[str], num_classes: int) -> dict[str, Any]:
    """Return the metadata of a model."""
    shapes = {"label": [-1], "score": [-1], "probabilities": [-1, num_classes]}
    return {
        "name": name,
        "versions": list(versions),
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": "images", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": output, "datatype": kind, "shape": shapes.get(output, [-1, -1])}
            for output, kind in OUTPUT_TYPES.items()
        ],
    }


def parse_infer(body: bytes, header_length: str | None, max_pixels: int) -> InferRequest:
    """Parse the body of an infer request.

    Args:
        body: JSON, or JSON followed by binary tensors.
        header_length: Value of ``Inference-Header-Content-Length``; 0 means that the body is
            one image file.
        max_pixels: Refuse larger tensors.

    Raises:
        Refusal: 400, what was expected and what was received.
    """
    if header_length is None:
        text, binary = body, b""
    else:
        if not header_length.isdigit() or int(header_length) > len(body):
            raise _bad(f"{HEADER_LENGTH} is {header_length!r}, the body has {len(body)} bytes")
        text, binary = body[: int(header_length)], body[int(header_length) :]
        if not text:
            return InferRequest(None, (binary,), _parse_outputs({}))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(f"the body is no JSON ({error})") from None
    if not isinstance(content, dict):
        raise _bad("the body must be a JSON object")
    request_id = content.get("id")
    if request_id is not None and not isinstance(request_id, str):
        raise _bad("'id' must be a string")
    inputs = content.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise _bad("'inputs' must hold exactly one tensor, 'images'")
    images = _parse_images(inputs[0], binary, max_pixels)
    if not 1 <= len(images) <= MAX_IMAGES:
        raise _bad(f"a request holds 1 to {MAX_IMAGES} images, this one {len(images)}")
    return InferRequest(request_id, tuple(images), _parse_outputs(content))


def encode_answer(
    head: dict[str, Any], outputs: Sequence[RequestedOutput], predictions: Sequence[Prediction]
) -> tuple[bytes, int | None]:
    """Serialise predictions.

    Args:
        head: ``model_name``, ``model_version`` and, when the client sent one, ``id``.
        outputs: What to answer with.
        predictions: One for each image.

    Returns:
        The body, and the length of its JSON part when binary tensors follow it.
    """
    tensors, blobs = [], []
    for output in outputs:
        values = _collect(output.name, predictions)
        tensor: dict[str, Any] = {
            "name": output.name,
            "datatype": OUTPUT_TYPES[output.name],
            "shape": [len(values)] if isinstance(values, list) else list(values.shape),
        }
        if output.binary:
            blob = _pack_strings(values) if isinstance(values, list) else values.tobytes()
            tensor["parameters"] = {"binary_data_size": len(blob)}
            blobs.append(blob)
        else:
            tensor["data"] = values if isinstance(values, list) else _to_floats(values)
        tensors.append(tensor)
    text = json.dumps({**head, "outputs": tensors}).encode()
    return (text + b"".join(blobs), len(text)) if blobs else (text, None)


def _parse_outputs(content: dict[str, Any]) -> tuple[RequestedOutput, ...]:
    parameters = content.get("parameters") or {}
    requested = content.get("outputs") or []
    if not isinstance(parameters, dict) or not isinstance(requested, list):
        raise _bad("'parameters' must be an object and 'outputs' a list")
    binary = bool(parameters.get("binary_data_output", False))
    if not requested:
        return tuple(RequestedOutput(name, binary) for name in _DEFAULT_OUTPUTS)
    outputs = []
    for output in requested:
        name = output.get("name") if isinstance(output, dict) else None
        if name not in OUTPUT_TYPES:
            raise _bad(f"there is no output {name!r}; there are {', '.join(OUTPUT_TYPES)}")
        own = output.get("parameters") or {}
        if not isinstance(own, dict):
            raise _bad(f"'parameters' of output '{name}' must be an object")
        outputs.append(RequestedOutput(name, bool(own.get("binary_data", binary))))
    return tuple(outputs)


def _parse_images(tensor: dict[str, Any], binary: bytes, max_pixels: int) -> list[Source]:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not all(
        isinstance(side, int) and not isinstance(side, bool) and side >= 0 for side in shape
    ):
        raise _bad("'shape' must be a list of whole numbers")
    parameters = tensor.get("parameters") or {}
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size is not None:
        if not isinstance(size, int) or not 0 <= size <= len(binary):
            raise _bad(f"'binary_data_size' is {size!r}, but {len(binary)} bytes follow the JSON")
        binary = binary[:size]
    elif "data" not in tensor:
        raise _bad("the tensor has neither 'data' nor the parameter 'binary_data_size'")
    kind = tensor.get("datatype")
    if kind == "BYTES":
        return _parse_bytes(tensor, shape, binary if size is not None else None)
    if kind == "UINT8":
        return _parse_pixels(tensor, shape, binary if size is not None else None, max_pixels)
    raise _bad(f"datatype {kind!r} is not taken; send BYTES (JPEG or PNG files) or UINT8 pixels")


def _parse_bytes(tensor: dict[str, Any], shape: list[int], binary: bytes | None) -> list[Source]:
    if len(shape) not in (1, 2) or (len(shape) == 2 and shape[1] != 1):
        raise _bad(f"a BYTES tensor has shape [N] or [N,1], this one {shape}")
    if binary is not None:
        files = _unpack_strings(binary)
    else:
        files = [_decode_base64(value) for value in _flatten(tensor["data"])]
    if len(files) != math.prod(shape):
        raise _bad(f"shape {shape} announces {math.prod(shape)} images, but {len(files)} came")
    return list(files)


def _parse_pixels(
    tensor: dict[str, Any], shape: list[int], binary: bytes | None, max_pixels: int
) -> list[Source]:
    if len(shape) not in (3, 4) or shape[-1] != 3 or 0 in shape:
        raise _bad(f"a UINT8 tensor has shape [H,W,3] or [N,H,W,3], this one {shape}")
    height, width = shape[-3], shape[-2]
    if height * width > max_pixels:
        raise Refusal(
            413,
            "image_too_large",
            f"The image is {width} x {height} pixels; at most {max_pixels:,} are taken.",
        )
    if binary is not None:
        values: NDArray[np.uint8] = np.frombuffer(binary, dtype=np.uint8)
    else:
        values = _read_integers(tensor["data"])
    if values.size != math.prod(shape):
        raise _bad(f"shape {shape} announces {math.prod(shape)} values, but {values.size} came")
    return list(values.reshape(-1, height, width, 3))


def _read_integers(data: Any) -> NDArray[np.uint8]:
    try:
        values = np.asarray(data)
    except ValueError:
        raise _bad("'data' is ragged") from None
    if values.dtype.kind not in "iu" or (
        values.size and not 0 <= values.min() <= values.max() < 256
    ):
        raise _bad("'data' of a UINT8 tensor must be whole numbers from 0 to 255")
    return values.astype(np.uint8)


def _decode_base64(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _bad("'data' of a BYTES tensor must be base64 text of JPEG or PNG files") from None


def _flatten(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise _bad("'data' must be a list")
    if all(isinstance(value, list) for value in data):
        return [value for row in data for value in row]
    return data


def _unpack_strings(binary: bytes) -> list[bytes]:
    """Read strings that each follow their length as 4 bytes, little endian."""
    strings, position = [], 0
    while position < len(binary):
        if position + 4 > len(binary):
            raise _bad("the binary BYTES tensor is cut off")
        (length,) = struct.unpack_from("<I", binary, position)
        position += 4
        if position + length > len(binary):
            raise _bad("the binary BYTES tensor is cut off")
        strings.append(binary[position : position + length])
        position += length
    return strings


def _pack_strings(values: Sequence[str]) -> bytes:
    encoded = [value.encode() for value in values]
    return b"".join(struct.pack("<I", len(value)) + value for value in encoded)


def _collect(name: str, predictions: Sequence[Prediction]) -> list[str] | NDArray[np.float32]:
    if name == "label":
        return [prediction.label for prediction in predictions]
    if name == "score":
        return np.array([prediction.score for prediction in predictions], dtype="<f4")
    return np.stack([getattr(prediction, name) for prediction in predictions]).astype("<f4")


def _to_floats(values: NDArray[np.float32]) -> list[float]:
    numbers: list[float] = values.astype(np.float64).ravel().tolist()
    return numbers


def _bad(reason: str) -> Refusal:
    return Refusal(400, "bad_request", f"The infer request is not valid: {reason}.")
