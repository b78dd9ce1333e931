"""What can go wrong in a drill."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict


class DrillFailed(Conflict):
    """The loop did not go round."""

    code = "drill_failed"

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"The drill stopped at '{step}': {reason}", step=step, reason=reason)
