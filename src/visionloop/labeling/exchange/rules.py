"""Pure decisions of a two-way exchange."""

from __future__ import annotations

from enum import StrEnum

from visionloop.labeling.exchange.entities import ExchangeLink


class Direction(StrEnum):
    """Which way labels of an image travel."""

    PUSH = "push"
    PULL = "pull"
    CONFLICT = "conflict"
    NONE = "none"


def decide_direction(
    link: ExchangeLink | None, *, revision: int, is_labeled: bool, stamp: str
) -> Direction:
    """Decide which side's labels are newer.

    Args:
        link: how both were when they last agreed; None when they never met.
        revision: of our labels now.
        is_labeled: ours are somebody's work.
        stamp: of the labels there now; empty for none.
    """
    changed_here = is_labeled if link is None else revision != link.revision
    changed_there = bool(stamp) if link is None else stamp != link.stamp
    if changed_here and changed_there:
        return Direction.CONFLICT
    if changed_here:
        return Direction.PUSH
    return Direction.PULL if changed_there else Direction.NONE
