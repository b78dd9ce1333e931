"""Data-parallel training: what each of several processes does, and what they agree on.

All of it does nothing where torch.distributed has not been started.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from visionloop.training.recipes.interface import Rows

T = TypeVar("T")


def is_distributed() -> bool:
    """Tell whether several processes train one model."""
    return bool(distributed.is_available() and distributed.is_initialized())


def rank() -> int:
    """Return the number of this process, 0 where there is only one."""
    return int(distributed.get_rank()) if is_distributed() else 0


def is_first() -> bool:
    """Tell whether this process writes files and speaks to the job."""
    return rank() == 0


def spread(network: nn.Module, *, is_partly_frozen: bool = False) -> nn.Module:
    """Wrap a network so that its gradients are averaged over all processes.

    Args:
        network: the same in every process.
        is_partly_frozen: whether some weights get no gradient in some steps.
    """
    if not is_distributed():
        return network
    return DistributedDataParallel(network, find_unused_parameters=is_partly_frozen)


def share(rows: Rows) -> Rows:
    """Return this process's part of a batch; of a batch too small for all, some get it whole."""
    if not is_distributed():
        return rows
    part = rows[rank() :: distributed.get_world_size()]
    return part if len(part) else rows


def agree(measure: Callable[[], T]) -> T:
    """Measure in the first process and return its result in every one."""
    if not is_distributed():
        return measure()
    found = [measure() if is_first() else None]
    distributed.broadcast_object_list(found)
    result = found[0]
    if result is None:
        raise RuntimeError("the first process sent nothing")
    return result
