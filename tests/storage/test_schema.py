from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.storage.database import Database, metadata
from visionloop.storage.schema import migrate


def test_the_migrations_build_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    migrate(database)  # nothing is left to do
    with database.begin() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": False})
        difference = compare_metadata(context, metadata)
    database.dispose()
    assert difference == []
