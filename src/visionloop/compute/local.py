"""The local compute target: a few slots, each a process of its own.

The control plane may die at any moment. Workers go on without it, record their own end in the
database, and are adopted by the next control plane; a worker that died is started again.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field

from visionloop.admin.entities import SYSTEM
from visionloop.admin.events import publish
from visionloop.compute import store
from visionloop.compute.entities import Job, JobState
from visionloop.compute.processes import ProcessRef, is_alive, signal_group, start_detached
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_LOG = logging.getLogger(__name__)
_POLL_S = 0.25
_CANCEL_GRACE_S = 10.0


@dataclass
class LocalTarget:
    """Runs queued jobs on this machine.

    Attributes:
        database: Where the queue is.
        blobs: Blob store that the workers open as well.
        home: Home folder; each job logs into ``jobs/<id>/log.txt``.
        slots: Most jobs at the same time.
        threads: Threads that a job's numeric libraries may use.
    """

    database: Database
    blobs: BlobStore
    home: Home
    slots: int = 2
    threads: int = 2
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _kill_at: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Begin to take jobs from the queue."""
        self._thread = threading.Thread(target=self._run, name="local-target", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more jobs; those that run go on and are adopted at the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def supervise_once(self) -> None:
        """Look after running jobs, then start queued ones while slots are free."""
        with self.database.read() as tx:
            running = store.list_jobs(tx, states=(JobState.RUNNING,), limit=1000)
            queued = store.list_jobs(tx, states=(JobState.QUEUED,), oldest_first=True)
        mine = [job for job in running if job.node == _node()]
        for job in mine:
            self._look_after(job)
        for job in queued[: max(0, self.slots - len(mine))]:
            self._start(job)

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            try:
                self.supervise_once()
            except Exception:
                _LOG.exception("Looking after jobs failed; trying again.")
                self._stop.wait(2.0)

    def _look_after(self, job: Job) -> None:
        process = ProcessRef(job.pid or -1, job.pid_started or 0.0)
        if job.pid is None or not is_alive(process):
            self._bury(job)
        elif job.cancel_requested or self._is_overdue(job):
            self._end_process(job, process)

    def _is_overdue(self, job: Job) -> bool:
        return (
            job.started_at is not None
            and (utc_now() - job.started_at).total_seconds() > job.timeout_s
        )

    def _end_process(self, job: Job, process: ProcessRef) -> None:
        now = time.monotonic()
        if job.id not in self._kill_at:
            self._kill_at[job.id] = now + _CANCEL_GRACE_S
            signal_group(process, signal.SIGTERM)
        elif now > self._kill_at[job.id]:
            signal_group(process, signal.SIGKILL)

    def _start(self, job: Job) -> None:
        attempt = job.attempt + 1
        with self.database.begin() as tx:
            claimed = store.update_job(
                tx,
                job.id,
                expected=(JobState.QUEUED,),
                state=JobState.RUNNING.value,
                attempt=attempt,
                node=_node(),
                pid=None,
                started_at=utc_now(),
                message="Starting.",
            )
        if not claimed:
            return
        process = start_detached(
            [sys.executable, "-m", "visionloop.compute.worker"]
            + ["--home", str(self.home.root), "--job", job.id],
            log_path=self.home.jobs_dir / job.id / "log.txt",
            environment=self._environment(),
        )
        with self.database.begin() as tx:
            store.update_job(
                tx,
                job.id,
                expected=(JobState.RUNNING,),
                of_attempt=attempt,
                pid=process.pid,
                pid_started=process.started,
            )

    def _bury(self, job: Job) -> None:
        """Record the end of a job whose process is gone without having recorded it."""
        self._kill_at.pop(job.id, None)
        again = job.attempt < job.max_attempts and not job.cancel_requested
        if job.cancel_requested:
            state, message = JobState.CANCELLED, "Cancelled."
        elif again:
            state, message = JobState.QUEUED, "Its process died; waiting to be started again."
        else:
            state = JobState.FAILED
            message = f"Its process died {job.attempt} times; the log has the last words."
        with self.database.begin() as tx:
            changed = store.update_job(
                tx,
                job.id,
                expected=(JobState.RUNNING,),
                of_attempt=job.attempt,
                state=state.value,
                message=message,
                pid=None,
                ended_at=utc_now() if state.is_final else None,
                error_code="process_died" if state is JobState.FAILED else None,
            )
            if changed:
                publish(
                    tx,
                    type="visionloop.job.restarted" if again else f"visionloop.job.{state.value}",
                    project=job.project,
                    subject=f"job/{job.id}",
                    actor=SYSTEM,
                    data={"kind": job.kind, "message": message},
                )

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "VISIONLOOP_DATABASE_URL": self.database.url,
            "VISIONLOOP_BLOB_URL": self.blobs.url,
            "OMP_NUM_THREADS": str(self.threads),
            "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONUNBUFFERED": "1",
        }


def _node() -> str:
    return socket.gethostname()
