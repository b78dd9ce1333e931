"""What a job gets to work with."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visionloop.admin.entities import Actor
from visionloop.compute import store
from visionloop.compute.entities import Job, JobState
from visionloop.compute.errors import JobCancelled
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_PROGRESS_EVERY_S = 0.5


class JobContext:
    """Inputs, outputs and a way to tell how far the work is.

    Attributes:
        job_id: Id of the job.
        project: Its project.
        actor: Who asked for it; use cases inside the job run under this name.
        inputs: Arguments as submitted.
        output_dir: Folder of this attempt, empty at the start.
        database: Open database.
        blobs: Open blob store.
        home: Home folder of the installation.
    """

    def __init__(
        self,
        job: Job,
        *,
        actor: Actor,
        database: Database,
        blobs: BlobStore,
        home: Home,
        cancelled: threading.Event | None = None,
    ) -> None:
        self.job_id = job.id
        self.project = job.project
        self.actor = actor
        self.inputs: Mapping[str, Any] = job.inputs
        self.database = database
        self.blobs = blobs
        self.home = home
        self.attempt = job.attempt
        self.output_dir: Path = home.jobs_dir / job.id / f"attempt-{job.attempt}"
        self.output_dir.mkdir(parents=True, exist_ok=True)
        self._cancelled = cancelled or threading.Event()
        self._last_progress = 0.0

    def log(self, message: str) -> None:
        """Write a line to the job's live log, with the time in UTC."""
        sys.stdout.write(f"{utc_now():%H:%M:%S}  {message}\n")
        sys.stdout.flush()

    def progress(self, fraction: float, message: str) -> None:
        """Tell how far the work is; calls in quick succession are thinned out.

        Args:
            fraction: Share done, in [0, 1].
            message: What happens now, for people.
        """
        now = time.monotonic()
        if now - self._last_progress < _PROGRESS_EVERY_S and fraction < 1:
            return
        self._last_progress = now
        with self.database.begin() as tx:
            store.update_job(
                tx,
                self.job_id,
                expected=(JobState.RUNNING,),
                of_attempt=self.attempt,
                progress=min(max(fraction, 0.0), 1.0),
                message=message,
            )

    def check_cancelled(self) -> None:
        """Return unless somebody asked to stop.

        Raises:
            JobCancelled: They did; let it rise.
        """
        if self._cancelled.is_set():
            raise JobCancelled(self.job_id)
