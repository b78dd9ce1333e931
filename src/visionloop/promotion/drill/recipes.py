"""How a drill trains: settings that fit two cores and a coffee break.

Found by measurement; `bench/drill_recipe.py` compares them with their rivals.
"""

from __future__ import annotations

from typing import Any


def recipes_for(weights: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of the first training and of the retraining.

    Args:
        weights: Checkpoint to start from, None for a small network from scratch.
    """
    if weights is None:
        return {"image_size": 64, "epochs": 12}, {"image_size": 64, "epochs": 8}
    first = {"weights": weights, "image_size": 96}
    return first, {**first, "epochs": 4}
