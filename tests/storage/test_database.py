from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from visionloop.storage.database import Database, Json, UtcDateTime

_catalogue = sa.MetaData()
_notes = sa.Table(
    "notes",
    _catalogue,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", UtcDateTime),
    sa.Column("facts", Json),
)


@pytest.fixture
def notes(database: Database) -> sa.Table:
    with database.begin() as tx:
        _notes.create(tx)
    return _notes


def test_times_come_back_aware_and_json_whole(database: Database, notes: sa.Table) -> None:
    moment = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    with database.begin() as tx:
        tx.execute(notes.insert().values(id=1, time=moment, facts={"größe": [1, None]}))
    with database.read() as tx:
        row = tx.execute(notes.select()).one()
    assert row.time == moment
    assert row.time.tzinfo is not None
    assert row.facts == {"größe": [1, None]}


def test_naive_times_are_refused(database: Database, notes: sa.Table) -> None:
    with pytest.raises(sa.exc.StatementError, match="aware"), database.begin() as tx:
        tx.execute(notes.insert().values(id=1, time=datetime(2026, 11, 22)))


def test_an_exception_rolls_back(database: Database, notes: sa.Table) -> None:
    with pytest.raises(RuntimeError), database.begin() as tx:
        tx.execute(notes.insert().values(id=1))
        raise RuntimeError
    with database.read() as tx:
        assert tx.execute(notes.select()).all() == []


def test_concurrent_read_modify_write_loses_nothing(database: Database, notes: sa.Table) -> None:
    with database.begin() as tx:
        tx.execute(notes.insert().values(id=1, facts={"count": 0}))

    def count_up() -> None:
        for _ in range(20):
            with database.begin() as tx:
                row = tx.execute(notes.select().with_for_update()).one()
                tx.execute(notes.update().values(facts={"count": row.facts["count"] + 1}))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert tx.execute(notes.select()).one().facts == {"count": 80}
