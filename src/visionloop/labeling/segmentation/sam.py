"""Segment Anything and its kin as an ONNX pair: an image encoder and a prompt decoder.

Two layouts are known by the names of their inputs: the one of the original export script
(``image_embeddings``, ``point_coords``, ``orig_im_size``) and the one of transformers
(``image_embeddings``, ``image_positional_embeddings``, ``input_points``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from visionloop.kernel.geometry import Box
from visionloop.labeling.segmentation.entities import SegmentPrompt
from visionloop.labeling.segmentation.errors import SegmenterUnusable

FloatArray = NDArray[np.float32]

_ENCODERS: Final = ("vision_encoder.onnx", "encoder.onnx", "image_encoder.onnx")
_DECODERS: Final = ("prompt_encoder_mask_decoder.onnx", "decoder.onnx", "mask_decoder.onnx")
_MEAN: Final = np.array([123.675, 116.28, 103.53], dtype=np.float32)
_STD: Final = np.array([58.395, 57.12, 57.375], dtype=np.float32)
_DEFAULT_SIDE: Final = 1024
_MAX_CACHED: Final = 8


class SamPair:
    """A :class:`visionloop.labeling.segmentation.ports.Segmenter` of an encoder and a decoder.

    The encoding of an image takes seconds on a CPU and serves every further click on it.

    Args:
        encoder: ONNX file that turns the image into an embedding.
        decoder: ONNX file that turns embedding and prompt into masks.

    Raises:
        SegmenterUnusable: A file does not load, or is of no known layout.
    """

    def __init__(self, encoder: Path, decoder: Path) -> None:
        self._encoder, self._decoder = _load(encoder), _load(decoder)
        image = self._encoder.get_inputs()[0]
        self._image_name = image.name
        self._side = image.shape[2] if isinstance(image.shape[2], int) else _DEFAULT_SIDE
        self._inputs = {value.name for value in self._decoder.get_inputs()}
        if not {"point_coords", "input_points"} & self._inputs:
            reason = f"its inputs {sorted(self._inputs)} are of no known layout"
            raise SegmenterUnusable(str(decoder), reason)
        self._cache: OrderedDict[str, dict[str, FloatArray]] = OrderedDict()
        self._lock = threading.Lock()

    def segment(
        self, image: NDArray[np.uint8], prompt: SegmentPrompt, *, key: str
    ) -> tuple[NDArray[np.float64], Box]:
        """Return how sure each cell of the image is the object, and the whole image as window.

        Args:
            image: (H, W, 3) uint8 RGB, upright.
            prompt: box and clicks.
            key: names the image, so that its embedding is computed once.
        """
        height, width = image.shape[:2]
        scale = self._side / max(height, width)
        embedding = self._embed(image, scale, key)
        points, labels = _list_points(prompt, scale)
        if "point_coords" in self._inputs:
            masks, scores = self._run_original(embedding, points, labels, (height, width))
        else:
            masks, scores = self._run_transformers(embedding, points, labels)
        best = masks.reshape(-1, *masks.shape[-2:])[int(scores.reshape(-1).argmax())]
        sure = 1.0 / (1.0 + np.exp(-np.clip(best.astype(float), -30, 30)))
        if "point_coords" in self._inputs:
            return sure, (0.0, 0.0, float(width), float(height))
        # Low-resolution masks span the padded square.
        side = self._side / scale
        return sure, (0.0, 0.0, side, side)

    def _embed(self, image: NDArray[np.uint8], scale: float, key: str) -> dict[str, FloatArray]:
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        names = [value.name for value in self._encoder.get_outputs()]
        pixels = _prepare(image, scale, self._side)
        found = dict(zip(names, self._encoder.run(names, {self._image_name: pixels}), strict=True))
        if "image_embeddings" not in found:
            found["image_embeddings"] = found[names[0]]
        with self._lock:
            self._cache[key] = found
            while len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return found

    def _run_original(
        self,
        embedding: Mapping[str, FloatArray],
        points: FloatArray,
        labels: FloatArray,
        size: tuple[int, int],
    ) -> tuple[FloatArray, FloatArray]:
        feed = {
            "image_embeddings": embedding["image_embeddings"],
            "point_coords": points[None],
            "point_labels": labels[None],
            "mask_input": np.zeros((1, 1, 256, 256), dtype=np.float32),
            "has_mask_input": np.zeros(1, dtype=np.float32),
            "orig_im_size": np.array(size, dtype=np.float32),
        }
        given = {name: value for name, value in feed.items() if name in self._inputs}
        masks, scores = self._decoder.run(["masks", "iou_predictions"], given)
        return masks, scores

    def _run_transformers(
        self, embedding: Mapping[str, FloatArray], points: FloatArray, labels: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        feed = {
            "input_points": points[None, None],
            "input_labels": labels[None, None].astype(np.int64),
            **embedding,
        }
        given = {name: value for name, value in feed.items() if name in self._inputs}
        masks, scores = self._decoder.run(["pred_masks", "iou_scores"], given)
        return masks, scores


def open_sam(options: Mapping[str, Any]) -> SamPair:
    """Open the pair that the options name.

    Args:
        options: ``path`` of a folder with an encoder and a decoder (also the snapshot of a hub
            id), or ``encoder`` and ``decoder``, or ``hub`` with the id of a repository.

    Raises:
        SegmenterUnusable: The files are not there, or do not fit.
    """
    if "encoder" in options and "decoder" in options:
        return SamPair(Path(options["encoder"]), Path(options["decoder"]))
    if "path" in options:
        folder = Path(options["path"])
    elif "hub" in options:
        folder = _fetch(str(options["hub"]))
    else:
        raise SegmenterUnusable("nowhere", "neither path nor hub nor encoder and decoder is given")
    return SamPair(_find(folder, _ENCODERS), _find(folder, _DECODERS))


def _fetch(hub_id: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        reason = "huggingface-hub is not installed; pip install 'visionloop[train]'"
        raise SegmenterUnusable(hub_id, reason) from error
    try:
        return Path(snapshot_download(hub_id, allow_patterns=["*.onnx", "*.json"]))
    except Exception as error:  # the hub raises many kinds, and network errors besides
        raise SegmenterUnusable(hub_id, f"it cannot be fetched ({error})") from error


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        found = sorted(folder.rglob(name))
        if found:
            return found[0]
    raise SegmenterUnusable(str(folder), f"it holds none of {', '.join(names)}")


def _load(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise SegmenterUnusable(str(path), "there is no such file")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes that it does not export
        raise SegmenterUnusable(str(path), f"it does not load ({error})") from error


def _prepare(image: NDArray[np.uint8], scale: float, side: int) -> FloatArray:
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
    padded = np.zeros((side, side, 3), dtype=np.float32)
    padded[: size[1], : size[0]] = (scaled.astype(np.float32) - _MEAN) / _STD
    return np.ascontiguousarray(padded.transpose(2, 0, 1)[None])


def _list_points(prompt: SegmentPrompt, scale: float) -> tuple[FloatArray, FloatArray]:
    """Return (N, 2) places in the encoder's pixels and (N,) labels: 1 in, 0 out, 2 and 3 a box."""
    points = [*prompt.inside, *prompt.outside]
    labels = [1.0] * len(prompt.inside) + [0.0] * len(prompt.outside)
    if prompt.box is not None:
        x1, y1, x2, y2 = prompt.box
        points += [(x1, y1), (x2, y2)]
        labels += [2.0, 3.0]
    else:
        points.append((0.0, 0.0))  # the padding point that the decoder expects without a box
        labels.append(-1.0)
    places = np.array(points, dtype=np.float32) * np.float32(scale)
    return places, np.array(labels, dtype=np.float32)
