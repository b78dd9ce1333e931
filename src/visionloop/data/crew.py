"""The processes that describe the files of an ingest beside each other."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from visionloop.data.connections.opening import Connection
from visionloop.data.connections.reading import OpenDatastore, StoredFile
from visionloop.data.describing import Terms, describe_file
from visionloop.data.entities import Image, RefusedFile
from visionloop.storage.blobs import BlobStore

Described = list[Image | RefusedFile]

_AHEAD: Final = 3
"""Batches that wait for each process, so that none idles while results are stored."""

_THREADS: Final = 4
_REMOTE_THREADS: Final = 16
"""Files of a far store are mostly waited for, so many are fetched at the same time."""

_PARENT_POLL_S: Final = 1.0


class Crew:
    """Describes batches of files in order: in processes of their own, or in threads here.

    Args:
        connection: where the files are.
        blobs: where managed copies go.
        terms: what is the same for every file.
        processes: 1 stays in this process.
    """

    def __init__(
        self, connection: Connection, blobs: BlobStore, terms: Terms, *, processes: int
    ) -> None:
        self._here = _Describer(connection, blobs, terms)
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._start = (connection, blobs.url, terms, os.getpid())
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        if self._processes > 1:
            # A fresh interpreter each, because this one has threads and open connections.
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=self._start,
            )
            self._exit.callback(self._pool.shutdown, wait=True, cancel_futures=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def describe(self, batches: Iterable[Sequence[StoredFile]]) -> Iterator[Described]:
        """Yield the description of every file, batch by batch, in the order given."""
        if self._pool is None:
            yield from map(self._here.describe, batches)
            return
        waiting: deque[Future[Described]] = deque()
        for batch in batches:
            waiting.append(self._pool.submit(_describe, batch))
            if len(waiting) >= self._processes * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Describer:
    """Describes files in one process."""

    def __init__(self, connection: Connection, blobs: BlobStore, terms: Terms) -> None:
        self._connection = connection
        self._blobs = blobs
        self._terms = terms
        self._opened: OpenDatastore | None = None
        self._is_far = connection.address.kind != "folder"

    def describe(self, files: Sequence[StoredFile], *, threads: int = 0) -> Described:
        """Describe a batch."""
        num_threads = threads or (_REMOTE_THREADS if self._is_far else _THREADS)
        if num_threads == 1:
            return [self._one(file) for file in files]
        with ThreadPoolExecutor(num_threads) as pool:
            return list(pool.map(self._one, files))

    def _one(self, file: StoredFile) -> Image | RefusedFile:
        if self._opened is None:
            self._opened = self._connection.open()
        return describe_file(self._opened, self._blobs, self._terms, file)


_worker: _Describer


def _begin(connection: Connection, blob_url: str, terms: Terms, parent: int) -> None:
    """Prepare a process of the crew."""
    global _worker
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _worker = _Describer(connection, BlobStore(blob_url), terms)
    gc.freeze()  # what was loaded stays, so looking through it again and again finds nothing


def _end_with(parent: int) -> None:
    """End this process when its parent was killed, which nobody else would tell it."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_S)
    os._exit(1)


def _describe(files: Sequence[StoredFile]) -> Described:
    # Local files are worked on, not waited for: one thread a process is the fastest.
    return _worker.describe(files, threads=0 if _worker._is_far else 1)
