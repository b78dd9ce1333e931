"""What the watch routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class WatchCreate(_Schema):
    """A place of a datastore to look at again and again."""

    name: str = Field(min_length=2, max_length=63)
    datastore: str
    path: str = Field(default="", max_length=1000, description="Only files below this path")
    every_s: int = Field(default=60, description="Seconds from one look to the next, 10 or more")
    ascending: bool = Field(
        default=False,
        description="New names sort behind older ones: list those alone, all of them hourly",
    )
    ingest: dict[str, Any] = Field(
        default_factory=dict, description="Further fields of an ingest, e.g. format or metadata"
    )
    queue: str | None = Field(
        default=None, description="Labeling queue for images that come in without labels"
    )


class WatchPatch(_Schema):
    """What can be changed about a watch."""

    is_paused: bool


class WatchOut(_Schema):
    """A watch with what its last look found."""

    project: str
    name: str
    datastore: str
    path: str
    every_s: int
    ascending: bool
    ingest: dict[str, Any]
    queue: str | None
    is_paused: bool
    created_by: str
    created_at: datetime
    due_at: datetime
    checked_at: datetime | None
    swept_at: datetime | None
    problem: str | None
    found: dict[str, int]
    job_id: str | None


class WatchCreated(_Schema):
    """A new watch, with the token that notifications must bring; it is shown this once."""

    watch: WatchOut
    token: str


class WatchToken(_Schema):
    """A new token for notifications; it is shown this once."""

    token: str


class WatchList(_Schema):
    """The watches of a project."""

    items: list[WatchOut]
    total: int


class NotificationOut(_Schema):
    """What a notification led to; names as Event Grid expects them."""

    validationResponse: str | None = None  # noqa: N815  Event Grid's name
    changes: int = Field(description="Files of the watched place that came or went")
