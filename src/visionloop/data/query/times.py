"""Times as people write them in a filter."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from visionloop.data.query.trees import Period

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_period(text: str) -> Period | None:
    """Read an ISO 8601 date or time; one without a zone is UTC. None when it is neither."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _DAY.match(text):
        return None
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    is_day = _DAY.fullmatch(text) is not None
    end = start + timedelta(days=1) if is_day else start
    return Period(start.timestamp(), end.timestamp(), text)


def seconds_of(moment: datetime) -> float:
    """Return seconds since 1970; a camera's naive time counts as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return aware.timestamp()
