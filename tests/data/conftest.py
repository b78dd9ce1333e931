"""Fixtures of the data estate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.workbench import Bench, prepared
from visionloop.admin.entities import Actor, Project
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


@pytest.fixture
def bench(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
    tmp_path: Path,
) -> Bench:
    """Sixty labeled images of four classes on SQLite."""
    return prepared(sqlite_database, blobs, admin_actor, tmp_path)
