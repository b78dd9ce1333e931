"""Bringing a database to this version of the code, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError

from visionloop.storage.database import Database, DatabaseUnavailable

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Apply the migrations that the database does not have yet; none is applied halfway.

    Raises:
        DatabaseUnavailable: It cannot be opened.
    """
    try:
        with database.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Two control planes that start together must not migrate at once.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7363)")
            command.upgrade(_config(connection), "head")
    except OperationalError as error:
        shown = make_url(database.url).render_as_string(hide_password=True)
        reason = (str(error.orig).splitlines() or ["no reason given"])[0]
        raise DatabaseUnavailable(shown, reason.rstrip(".") + ".") from error


def write_migration(database: Database, message: str) -> None:
    """Write a new migration from the difference between the tables in code and database."""
    with database.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
