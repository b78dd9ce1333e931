from __future__ import annotations

import numpy as np
import pytest

from visionloop.registry.parity import TOLERANCE, _difference

_PROBABILITIES = np.array([[0.25, 0.75]], dtype=np.float32)
_EMBEDDINGS = np.array([[10.0, -20.0]], dtype=np.float32)


def test_equal_outputs_do_not_differ() -> None:
    pair = (_PROBABILITIES, _PROBABILITIES)
    assert _difference(pair, (_EMBEDDINGS, _EMBEDDINGS)) == 0.0


def test_embeddings_are_compared_on_their_own_scale() -> None:
    moved = (_EMBEDDINGS + 0.2, _EMBEDDINGS)
    assert _difference((_PROBABILITIES, _PROBABILITIES), moved) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("broken", ["probabilities", "embeddings"])
def test_nan_never_passes_as_small(broken: str) -> None:
    nan = {"probabilities": _PROBABILITIES * np.nan, "embeddings": _EMBEDDINGS}
    if broken == "embeddings":
        nan = {"probabilities": _PROBABILITIES, "embeddings": _EMBEDDINGS * np.nan}
    difference = _difference(
        (nan["probabilities"], _PROBABILITIES), (nan["embeddings"], _EMBEDDINGS)
    )
    assert difference > TOLERANCE
