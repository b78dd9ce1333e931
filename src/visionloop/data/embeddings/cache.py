"""Vectors of the spaces that are searched, kept in memory between requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np

from visionloop.data.embeddings import store
from visionloop.data.embeddings.entities import EmbeddingPart, EmbeddingSpace, Vectors
from visionloop.data.embeddings.files import unpack_array, unpack_ids
from visionloop.data.embeddings.neighbours import (
    ApproximateNeighbours,
    ExactNeighbours,
    Neighbours,
    unpack_index,
)
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Transaction

_MAX_SPACES: Final = 2


@dataclass(frozen=True)
class LoadedSpace:
    """A space that is ready to be searched."""

    vectors: Vectors
    neighbours: Neighbours


class SpaceCache:
    """Loads spaces on demand and drops the one that was used longest ago.

    A space is loaded anew when work added parts to it; equal parts are never read twice.
    """

    def __init__(self, blobs: BlobStore, *, max_spaces: int = _MAX_SPACES) -> None:
        self._blobs = blobs
        self._max_spaces = max_spaces
        self._loaded: OrderedDict[tuple[str, str], tuple[object, LoadedSpace]] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, tx: Transaction, space: EmbeddingSpace) -> LoadedSpace:
        """Return the vectors of a space as its parts say."""
        parts = store.list_parts(tx, space.project, space.name)
        key = (space.project, space.name)
        state = (space.index, tuple(part.vectors for part in parts))
        with self._lock:  # one thread loads, the others wait for it instead of loading as well
            known = self._loaded.get(key)
            if known is None or known[0] != state:
                self._loaded[key] = (state, _load(self._blobs, space, parts))
            self._loaded.move_to_end(key)
            while len(self._loaded) > self._max_spaces:
                self._loaded.popitem(last=False)
            return self._loaded[key][1]


def read_vectors(blobs: BlobStore, parts: list[EmbeddingPart], dimension: int) -> Vectors:
    """Read the vectors of a space from its parts."""
    number = sum(part.num_images for part in parts)
    matrix = np.empty((number, dimension), dtype=np.float32)
    ids = np.empty((number, 32), dtype=np.uint8)
    row = 0
    for part in parts:
        end = row + part.num_images
        matrix[row:end] = unpack_array(blobs.get(part.vectors))
        ids[row:end] = unpack_ids(blobs.get(part.image_ids))
        row = end
    return Vectors(matrix, ids)


def _load(blobs: BlobStore, space: EmbeddingSpace, parts: list[EmbeddingPart]) -> LoadedSpace:
    vectors = read_vectors(blobs, parts, space.dimension)
    # An index that lacks the newest images would never show them.
    if space.index is not None and space.index_images == len(vectors.ids):
        index = unpack_index(blobs.get(space.index))
        if index is not None:
            return LoadedSpace(vectors, ApproximateNeighbours(index))
    return LoadedSpace(vectors, ExactNeighbours(vectors.matrix))
