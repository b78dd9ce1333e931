"""What watches find, and what stores tell of, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["created", "deleted"]


@dataclass(frozen=True)
class Look:
    """What one look at a watched place saw.

    Attributes:
        new, changed, missing: paths.
        last: the greatest path seen.
        is_sweep: all files were listed, so that what is not among them is missing.
    """

    num_files: int
    new: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    last: str | None
    is_sweep: bool


@dataclass(frozen=True)
class Change:
    """One file that a store says has come or gone."""

    container: str
    path: str
    action: Action


@dataclass(frozen=True)
class Notification:
    """What a store sent.

    Attributes:
        changes: files that came or went.
        validation_code: to be sent back, so that Event Grid believes the address is ours.
        confirmation_url: to be fetched, so that SNS believes it.
    """

    changes: tuple[Change, ...] = ()
    validation_code: str | None = None
    confirmation_url: str | None = None
