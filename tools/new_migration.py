"""Write a migration for what the tables in the code have and the migrations have not.

python tools/new_migration.py "add comments to tasks"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.storage.database import Database
from visionloop.storage.schema import migrate, write_migration


def main(message: str) -> None:
    """Migrate an empty database to the newest migration and write down the difference."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        migrate(database)
        write_migration(database, message)
        database.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
