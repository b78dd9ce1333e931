"""A way to look at images that someone saved under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SavedView:
    """A filter, an order and columns.

    Attributes:
        filter: text of the filter; empty for all images.
        columns: fields that a table shows, in this order.
        shared: whether everybody in the project sees it, or only who made it.
    """

    project: str
    name: str
    filter: str
    sort: str
    columns: tuple[str, ...]
    shared: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
