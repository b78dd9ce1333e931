"""The database: one shared table catalogue, and short transactions on SQLite or PostgreSQL.

Every domain declares its tables in its own ``store.py`` on :data:`metadata`; this module alone
opens connections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, DateTime, Executable, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Connection, Dialect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator

from visionloop.kernel.errors import Invalid, Unavailable
from visionloop.storage.secrets import Keyring, SecretUnreadable

Transaction = Connection
"""What a store function takes first: a connection inside an open transaction."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_BUSY_TIMEOUT_MS = 30_000
# A mapped file is read without copying pages; filters over a million images need it.
_MAPPED_BYTES = 8 * 2**30
_WRITE = "visionloop_write"


class UnknownDatabase(Invalid):
    """The address names no database that Visionloop can use."""

    code = "unknown_database"

    def __init__(self) -> None:
        super().__init__(
            "VISIONLOOP_DATABASE_URL must be postgresql://USER:PASSWORD@HOST:PORT/NAME or "
            "sqlite:///FILE; leave it out to use the embedded database of the home."
        )


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or does not let us in."""

    code = "database_unavailable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The database {url} cannot be opened: {reason} "
            "Check that it runs, and VISIONLOOP_DATABASE_URL.",
            url=url,
        )


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time in UTC; SQLite alone would drop the zone and give naive times back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, because nobody can tell which zone they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware time, received the naive {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC, whatever the driver gave."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Opens transactions on one database.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``.
        keyring: Seals the secrets that are kept in it.

    Raises:
        UnknownDatabase: It is another kind of address.
    """

    def __init__(self, url: str, *, keyring: Keyring | None = None) -> None:
        self.url = url
        self._keyring = keyring
        parsed = _parse(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        elif parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(
            parsed, pool_pre_ping=True, json_serializer=_to_json, pool_size=10, max_overflow=20
        )
        self.dialect = self._engine.dialect.name
        if self.dialect == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @property
    def keyring(self) -> Keyring:
        """What seals and opens the secrets in this database.

        Raises:
            SecretUnreadable: It was opened without a key.
        """
        if self._keyring is None:
            raise SecretUnreadable("this process opened the database without a key")
        return self._keyring

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Open a writing transaction; it commits at the end and rolls back on an exception."""
        with self._engine.connect().execution_options(**{_WRITE: True}) as connection:
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a reading transaction that sees one consistent state and never blocks writers."""
        with self._engine.connect() as connection:
            with connection.begin():
                yield connection

    def create_schema(self) -> None:
        """Create the tables declared so far, for tests; ``migrate`` is the way in production."""
        metadata.create_all(self._engine)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def upsert(
    tx: Transaction, table: Table, key: Sequence[str], replaced: Sequence[str] = ()
) -> Executable:
    """Return an insert that replaces columns of rows that are there already, or leaves them be.

    Args:
        tx: Names the dialect.
        table: Where to.
        key: Columns of the primary key or a unique constraint.
        replaced: Columns to replace; none keeps the row as it is.
    """
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    if not replaced:
        return statement.on_conflict_do_nothing(index_elements=key)
    values = {name: statement.excluded[name] for name in replaced}
    return statement.on_conflict_do_update(index_elements=key, set_=values)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # such as a port that is no number
        raise UnknownDatabase from None
    if parsed.get_backend_name() not in ("postgresql", "sqlite"):
        raise UnknownDatabase
    return parsed


# Made once: ``json.dumps`` with options of its own makes one for every value.
_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction control starts transactions lazily and as readers, which
    # fails with "database is locked" when two of them turn into writers; we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
