"""Embed images with a vision checkpoint of a model hub or a local folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visionloop.compute.context import JobContext
from visionloop.data.embeddings.embedding import embed_missing
from visionloop.data.embeddings.errors import EmbeddingModelUnfit
from visionloop.data.imaging import decode_for
from visionloop.data.preprocessing import Preprocessing


class CheckpointEmbedder:
    """Runs the backbone of a checkpoint; the mean over places where it has no pooled output.

    Args:
        source: hub id or local folder.
        num_threads: of torch.

    Raises:
        EmbeddingModelUnfit: it cannot be loaded, or the train extra is not installed.
    """

    def __init__(self, source: str, *, num_threads: int = 1) -> None:
        try:
            import torch
            from transformers import AutoImageProcessor, AutoModel
        except ImportError as error:
            raise EmbeddingModelUnfit(source, "the train extra is not installed") from error
        torch.set_num_threads(num_threads)
        self._torch = torch
        try:
            processor = AutoImageProcessor.from_pretrained(source)
            self._model = AutoModel.from_pretrained(
                source, use_safetensors=True, dtype=torch.float32
            ).eval()
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            raise EmbeddingModelUnfit(source, str(error).strip().splitlines()[0]) from error
        size = dict(getattr(processor, "crop_size", None) or processor.size)
        side = int(size.get("height") or size.get("shortest_edge") or 224)
        self._preprocessing = Preprocessing(side, side, resize="center_crop")
        self._mean = torch.tensor(processor.image_mean).view(1, 3, 1, 1)
        self._std = torch.tensor(processor.image_std).view(1, 3, 1, 1)

    def prepare(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a file to the size that the checkpoint was trained at."""
        return decode_for(data, self._preprocessing)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the (N, D) embeddings of (N, H, W, 3) pixels."""
        torch = self._torch
        with torch.inference_mode():
            images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255.0
            found = self._model(pixel_values=(images - self._mean) / self._std)
            pooled = getattr(found, "pooler_output", None)
            if pooled is None:
                hidden = found.last_hidden_state
                pooled = hidden.mean(dim=(2, 3)) if hidden.ndim == 4 else hidden[:, 0]
            vectors: NDArray[np.float32] = pooled.flatten(1).numpy().astype(np.float32)
        return vectors


def embed_images(context: JobContext) -> Mapping[str, Any]:
    """Carry out an embedding job with a checkpoint."""
    embedder = CheckpointEmbedder(str(context.inputs["checkpoint"]))
    return embed_missing(context, str(context.inputs["space"]), embedder)
