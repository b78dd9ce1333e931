"""How a drill trains: what differs from the recipe's defaults, which were found by measurement."""

from __future__ import annotations

from typing import Any


def recipes_for(weights: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of the first training and of the retraining.

    Args:
        weights: Checkpoint to start from, None for a small network from scratch.
    """
    if weights is None:
        # Washers and nuts look the same in a mirror, so rendered parts may be flipped.
        return {"horizontal_flip": True}, {"horizontal_flip": True}
    return {"weights": weights}, {}
