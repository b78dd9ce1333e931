"""Vectors and ids as the bytes that the blob store keeps."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ID_BYTES = 32


def pack_array(array: NDArray[np.generic]) -> bytes:
    """Write an array as an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def unpack_array(data: bytes) -> NDArray[np.generic]:
    """Read an .npy file; never runs code from it."""
    array: NDArray[np.generic] = np.load(io.BytesIO(data), allow_pickle=False)
    return array


def pack_ids(image_ids: Sequence[str]) -> bytes:
    """Write image ids, 64 hexadecimal digits each, as 32 bytes each."""
    return b"".join(bytes.fromhex(image_id) for image_id in image_ids)


def unpack_ids(data: bytes) -> NDArray[np.uint8]:
    """Read image ids as (N, 32) uint8."""
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, ID_BYTES)


def normalised(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale rows to length 1, so that a product is a cosine; a zero row stays zero."""
    single = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(single, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = single / np.maximum(lengths, np.float32(1e-12))
    return scaled
