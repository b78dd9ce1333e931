"""What the data estate does on schedule: look at watched places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

from visionloop.data.watching.looks import look_at_due
from visionloop.storage.database import Database

LOOK_EVERY_S: Final = 5
_LOOK: Final = "data.look_at_watches"


class Scheduler(Protocol):
    """The part of the durable engine that the data estate needs."""

    def register_scheduled(self, name: str, function: Callable[[datetime, Any], None]) -> None:
        """Make a function callable by schedules."""
        ...

    def schedule(
        self, name: str, every: str | float, function: str, *, context: Any = None
    ) -> None:
        """Run a registered function again and again."""
        ...


def register(engine: Scheduler, database: Database, *, entry_point: str) -> None:
    """Tell the engine what to do; call it before the engine is launched.

    Args:
        engine: the durable engine.
        database: where the watches are.
        entry_point: the job that takes in what a watch found.
    """

    def look(_scheduled_at: datetime, _context: Any) -> None:
        look_at_due(database, entry_point=entry_point)

    engine.register_scheduled(_LOOK, look)


def schedule(engine: Scheduler) -> None:
    """Start the schedule; call it once the engine is launched."""
    engine.schedule("data-watches", LOOK_EVERY_S, _LOOK)
