"""The rows of a matrix that are most like a vector: exact with NumPy, approximate with faiss."""

from __future__ import annotations

import math
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows, the most similar first, and their cosines."""

# Below this a product with the whole matrix is fast enough, and exact.
APPROXIMATE_FROM: Final = 200_000
NUM_PROBES: Final = 48
_TRAINING_ROWS_PER_CELL: Final = 40


class Neighbours(Protocol):
    """Finds the most similar rows."""

    def nearest(self, vector: NDArray[np.float32], number: int) -> Found:
        """Return the rows most like a vector of length 1."""


class ExactNeighbours:
    """Compares a vector with every row.

    Args:
        matrix: (N, D) float32, rows of length 1, contiguous.
    """

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self._matrix = matrix

    def nearest(self, vector: NDArray[np.float32], number: int) -> Found:
        """Return the rows most like a vector of length 1."""
        return best_of(self._matrix @ vector, number)


class ApproximateNeighbours:
    """Looks only into the cells of an inverted file that are near (faiss IVF with 8-bit codes).

    Args:
        index: as ``build_index`` made it.
    """

    def __init__(self, index: Any, *, num_probes: int = NUM_PROBES) -> None:
        self._index = index
        index.nprobe = num_probes

    def nearest(self, vector: NDArray[np.float32], number: int) -> Found:
        """Return rows most like a vector of length 1; a few of the best may be missing."""
        cosines, rows = self._index.search(vector[None], number)
        present = rows[0] >= 0
        return rows[0][present], cosines[0][present]


def best_of(cosines: NDArray[np.float32], number: int) -> Found:
    """Return the places of the largest numbers, the largest first."""
    number = min(number, len(cosines))
    if number == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    rows = np.argpartition(cosines, len(cosines) - number)[len(cosines) - number :]
    rows = rows[np.lexsort((rows, -cosines[rows]))]
    return rows, cosines[rows]


def build_index(matrix: NDArray[np.float32]) -> Any | None:
    """Build an approximate index; None where the vector extra is not installed.

    Args:
        matrix: (N, D) float32, rows of length 1.
    """
    try:
        import faiss
    except ImportError:
        return None
    rows, dimension = matrix.shape
    cells = int(2 ** round(math.log2(4 * math.sqrt(rows))))
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    chosen = np.random.default_rng(0).permutation(rows)[: cells * _TRAINING_ROWS_PER_CELL]
    index.train(matrix[np.sort(chosen)])
    index.add(matrix)
    return index


def pack_index(index: Any) -> bytes:
    """Write an index as bytes."""
    import faiss

    return bytes(faiss.serialize_index(index).tobytes())


def unpack_index(data: bytes) -> Any | None:
    """Read an index; None where the vector extra is not installed."""
    try:
        import faiss
    except ImportError:
        return None
    return faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
