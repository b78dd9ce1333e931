"""Test a datastore, and say in plain words what is wrong and what to do."""

from __future__ import annotations

from itertools import islice
from typing import Final

from visionloop.data.connections.errors import AddressRefused, FileRefused
from visionloop.data.connections.opening import open_datastore
from visionloop.data.connections.problems import EMPTY, Problem, explain
from visionloop.data.connections.reading import OpenDatastore, StoredFile
from visionloop.data.entities import Datastore, DatastoreCheck
from visionloop.data.errors import DatastoreUnavailable
from visionloop.storage.database import Database
from visionloop.storage.secrets import SecretUnreadable

_LOOKED_AT: Final = 100
_SAMPLE: Final = 5


def check_datastore(database: Database, datastore: Datastore) -> DatastoreCheck:
    """List some files of a datastore and read the smallest of them."""
    seen: list[StoredFile] = []
    try:
        opened = open_datastore(database, datastore)
        seen = list(islice(opened.list_files(), _LOOKED_AT))
        problem = _try_reading(opened, seen) if seen else EMPTY
    except DatastoreUnavailable as error:
        facts = error.details
        problem = Problem(facts["problem"], facts["reason"], facts["remedy"])
    except AddressRefused as error:
        problem = Problem(error.code, str(error.details["reason"]), error.message)
    except SecretUnreadable as error:
        problem = Problem(error.code, str(error.details.get("reason")), error.message)
    if problem is None:
        num = f"{_LOOKED_AT} or more" if len(seen) == _LOOKED_AT else str(len(seen))
        problem = Problem("ok", f"{num} files seen, one of them read", "")
    return DatastoreCheck(
        name=datastore.name,
        reachable=problem.code in ("ok", EMPTY.code),
        message=f"{problem.sentence[:1].upper()}{problem.sentence[1:]}.",
        num_files_seen=len(seen),
        sample=tuple(file.path for file in seen[:_SAMPLE]),
        code=problem.code,
        remedy=problem.remedy,
    )


def _try_reading(opened: OpenDatastore, seen: list[StoredFile]) -> Problem | None:
    smallest = min(seen, key=lambda file: file.size_bytes)
    try:
        opened.read(smallest.path)
    except PermissionError:
        return explain("403 Forbidden", action="read")
    except FileNotFoundError:
        sentence = f"{smallest.path} is listed, but it is not there"
        return Problem("file_missing", sentence, "Check whether files are just being moved.")
    except FileRefused as error:
        sentence = f"{smallest.path} is listed, but {error.details['reason']}"
        return Problem(error.code, sentence, "Correct this entry of the list.")
    return None
