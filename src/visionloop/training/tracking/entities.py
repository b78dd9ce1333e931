"""What only outside code leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LoggedModel:
    """A model that outside code logged: files with facts, not a signed package.

    Attributes:
        run_id: the run that made it, if it says so.
        status: LOGGED_MODEL_PENDING, LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED.
    """

    id: str
    project: str
    experiment_id: str
    run_id: str | None
    name: str
    model_type: str
    status: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    created_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class FileEntry:
    """A file or folder in a listing; ``path`` is its last part."""

    path: str
    is_folder: bool
    size_bytes: int = 0
