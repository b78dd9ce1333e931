"""The file that a killed training goes on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from visionloop.kernel.digests import canonical_json, sha256_bytes
from visionloop.training.errors import TrainingStateForeign
from visionloop.training.loop_config import LoopConfig

_FORMAT = 1


def fingerprint(config: LoopConfig, count: int) -> str:
    """Return what must be equal for a state to be of use: settings and number of images."""
    content = {"format": _FORMAT, "count": count, **config.to_dict()}
    return sha256_bytes(canonical_json(content))


def write_state(path: Path, mark: str, values: dict[str, Any]) -> None:
    """Write a state so that a kill leaves the old one or the new one, never half of one."""
    partial = path.with_name(path.name + ".part")
    torch.save({"fingerprint": mark, **values}, partial)
    partial.replace(path)


def read_state(path: Path, mark: str) -> dict[str, Any] | None:
    """Return a state, or None where there is none.

    Raises:
        TrainingStateForeign: it was written with other settings.
    """
    if not path.is_file():
        return None
    try:
        values: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many classes for a file that is none of its own
        raise TrainingStateForeign(str(path)) from error
    if values.pop("fingerprint", None) != mark:
        raise TrainingStateForeign(str(path))
    return values
