"""Intervals in seconds as cron expressions, the one form that the durable engine takes."""

from __future__ import annotations

from visionloop.kernel.errors import Invalid

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class BadInterval(Invalid):
    """Neither a cron expression nor an interval that divides the clock evenly."""

    code = "bad_interval"

    def __init__(self, every: object) -> None:
        super().__init__(
            f"Cannot run every {every!r}: expected a cron expression with 5 or 6 fields, or "
            "seconds that divide a minute (5, 10, 15, 20, 30), an hour (60, 120, 300, 600, 900, "
            "1800) or a day (3600, 7200, 21600, 43200, 86400).",
            every=str(every),
        )


def to_cron(every: str | float) -> str:
    """Return a cron expression with seconds first.

    Args:
        every: A cron expression of five or six fields, or an interval in seconds.

    Raises:
        BadInterval: It is neither, or the interval does not divide a minute, an hour or a day.
    """
    if isinstance(every, str):
        num_fields = len(every.split())
        if num_fields not in (5, 6):
            raise BadInterval(every)
        return every if num_fields == 6 else f"0 {every}"
    if every != int(every) or every < 1:
        raise BadInterval(every)
    seconds = int(every)
    if _MINUTE % seconds == 0 and seconds < _MINUTE:
        return f"*/{seconds} * * * * *"
    if seconds % _MINUTE == 0 and _HOUR % seconds == 0 and seconds < _HOUR:
        return f"0 */{seconds // _MINUTE} * * * *"
    if seconds % _HOUR == 0 and _DAY % seconds == 0:
        return f"0 0 */{seconds // _HOUR} * * *" if seconds < _DAY else "0 0 0 * * *"
    raise BadInterval(every)
