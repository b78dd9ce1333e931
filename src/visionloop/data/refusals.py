"""Files that an ingest refused, and why: kept while it runs, listed and exported afterwards."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.compute.entities import Job
from visionloop.compute.jobs import get_job
from visionloop.compute.jobs import list_jobs as list_all_jobs
from visionloop.data.connections.reading import StoredFile
from visionloop.data.entities import RefusedFile
from visionloop.data.errors import IngestNotFound
from visionloop.data.store import refusals as store
from visionloop.kernel.errors import NotFound
from visionloop.storage.database import Database, Transaction

_PAGE = 5000
# A spreadsheet would take a name that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Refusals:
    """Keeps what one ingest refuses; nothing when it has no id.

    Attributes:
        ingest_id: the id of its job.
    """

    project: str
    ingest_id: str

    def begin(self, database: Database, refused: Sequence[RefusedFile]) -> None:
        """Forget what an attempt that was killed kept, since every bad file is met again."""
        if self.ingest_id:
            with database.begin() as tx:
                store.delete_refusals(tx, self.ingest_id)
                self.keep(tx, refused)

    def keep(
        self, tx: Transaction, refused: Sequence[RefusedFile], files: Sequence[StoredFile] = ()
    ) -> None:
        """Keep refused files in the transaction of their batch.

        ``files`` tell which content was refused, so that a watch reads a mended file again.
        """
        if self.ingest_id and refused:
            marks = {file.path: mark_of(file) for file in files}
            store.insert_refusals(tx, self.project, self.ingest_id, refused, marks)


def mark_of(file: StoredFile) -> str:
    """Return what changes whenever a file does."""
    return f"{file.size_bytes} {file.modified}"


def list_ingests(database: Database, actor: Actor, project: str, *, limit: int = 100) -> list[Job]:
    """Return the ingests of a project, newest first; each is a job."""
    return list_all_jobs(database, actor, project, kind="ingest", limit=limit)


def get_ingest(database: Database, actor: Actor, project: str, ingest_id: str) -> Job:
    """Return one ingest.

    Raises:
        IngestNotFound: the project has none with this id.
    """
    require(actor, Permission.READ, project)
    try:
        job = get_job(database, actor, ingest_id)
    except NotFound:
        raise IngestNotFound(project, ingest_id) from None
    if job.project != project or job.kind != "ingest":
        raise IngestNotFound(project, ingest_id)
    return job


def list_refused(
    database: Database, actor: Actor, project: str, ingest_id: str, *, limit: int, offset: int
) -> tuple[list[RefusedFile], int]:
    """Return a page of the files that an ingest refused, by path, and how many there are."""
    get_ingest(database, actor, project, ingest_id)
    with database.read() as tx:
        return store.list_refusals(tx, ingest_id, limit=limit, offset=offset)


def refused_as_csv(database: Database, actor: Actor, project: str, ingest_id: str) -> Iterator[str]:
    """Yield all refused files of an ingest as CSV, in pieces."""
    get_ingest(database, actor, project, ingest_id)
    return _csv(database, ingest_id)


def _csv(database: Database, ingest_id: str) -> Iterator[str]:
    yield "path,reason\r\n"
    offset = 0
    while True:
        with database.read() as tx:
            page, total = store.list_refusals(tx, ingest_id, limit=_PAGE, offset=offset)
        buffer = io.StringIO()
        csv.writer(buffer).writerows((_plain(item.path), _plain(item.reason)) for item in page)
        yield buffer.getvalue()
        offset += len(page)
        if not page or offset >= total:
            return


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
