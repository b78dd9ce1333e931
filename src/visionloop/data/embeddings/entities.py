"""Embeddings as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ProjectionMethod = Literal["tsne", "pca"]


@dataclass(frozen=True)
class EmbeddingSpace:
    """What one model makes of a project's images.

    Attributes:
        model: "NAME/VERSION" of a registered model, or the hub id or folder of a checkpoint.
        kind: "model" runs anywhere; "checkpoint" needs the train extra.
        digest: of the package; empty for a checkpoint.
        dimension: numbers in a vector, 0 before the first image.
        num_images: that have a vector.
        index: blob of an approximate index, None while search is exact.
        index_images: how many of the images the index holds, the oldest.
    """

    project: str
    name: str
    kind: Literal["model", "checkpoint"]
    model: str
    digest: str
    dimension: int
    num_images: int
    index: str | None
    index_images: int
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class EmbeddingPart:
    """Vectors that one batch of work added; parts are never changed.

    Attributes:
        position: order within the space, from 0.
        vectors: blob of an .npy file, (N, D) float16, each of length 1.
        image_ids: blob of N digests of 32 bytes.
    """

    position: int
    vectors: str
    image_ids: str
    num_images: int


@dataclass(frozen=True)
class EmbeddingMap:
    """Images as points of a plane, near each other where the model sees them alike.

    Attributes:
        num_images: points; a random sample where the space is larger.
        num_space_images: that had a vector when the map was made.
    """

    project: str
    space: str
    method: ProjectionMethod
    points: str
    image_ids: str
    num_images: int
    num_space_images: int
    created_at: datetime


@dataclass(frozen=True)
class Vectors:
    """The vectors of a space in memory.

    Attributes:
        matrix: (N, D) float32, rows of length 1.
        ids: (N, 32) uint8, the digests of the images.
    """

    matrix: NDArray[np.float32]
    ids: NDArray[np.uint8]

    def image_id(self, row: int) -> str:
        """Return the id of the image in a row."""
        return bytes(self.ids[row]).hex()

    def row_of(self, image_id: str) -> int | None:
        """Return the row of an image, None when it has no vector."""
        wanted = np.frombuffer(bytes.fromhex(image_id), dtype=np.uint8)
        heads = self.ids[:, :8].view(np.uint64)[:, 0] if len(self.ids) else np.empty(0, np.uint64)
        for row in np.flatnonzero(heads == wanted[:8].view(np.uint64)[0]).tolist():
            if bytes(self.ids[row]) == bytes(wanted):
                return int(row)
        return None
