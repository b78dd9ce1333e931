"""Where and with which numbers to compute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import torch

from visionloop.training.errors import MemoryTooSmall
from visionloop.training.loop_config import LoopConfig


def choose_device() -> torch.device:
    """Return the accelerator where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(config: LoopConfig, device: torch.device) -> Any:
    """Return a context in which the forward pass runs in the configured precision."""
    wanted = config.precision == "bfloat16" or (config.precision == "auto" and _is_fast(device))
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted)


def move(value: Any, device: torch.device) -> Any:
    """Return tensors, also inside tuples, lists, mappings and dataclasses, on a device."""
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, list | tuple):
        return type(value)(move(item, device) for item in value)
    if isinstance(value, dict):
        return {name: move(item, device) for name, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return type(value)(**{name: move(item, device) for name, item in vars(value).items()})
    return value


@contextmanager
def memory_explained(batch_size: int) -> Iterator[None]:
    """Turn the allocators' errors into one that says what to do.

    Raises:
        MemoryTooSmall: the forward or backward pass does not fit.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        free, _ = torch.cuda.mem_get_info()
        raise MemoryTooSmall(None, free, batch_size=batch_size) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        free = psutil.virtual_memory().available
        raise MemoryTooSmall(None, free, batch_size=batch_size) from error


def _is_fast(device: torch.device) -> bool:
    """Tell whether bfloat16 is computed by hardware and not imitated."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in tests)
