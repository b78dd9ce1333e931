"""Use cases around jobs: submit, watch, cancel."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.compute import store
from visionloop.compute.entities import Job, JobState
from visionloop.compute.errors import JobAlreadyEnded, JobFailed, JobNotFound, JobTimedOut
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_POLL_S = 0.2


def submit(
    database: Database,
    actor: Actor,
    *,
    project: str,
    kind: str,
    entry_point: str,
    inputs: Mapping[str, Any],
    permission: Permission = Permission.TRAIN,
    max_attempts: int = 2,
    timeout_s: float = 24 * 3600.0,
) -> Job:
    """Queue a job; a worker process takes it as soon as a slot is free.

    Args:
        database: Where the queue is.
        actor: Who asks.
        project: Whose job.
        kind: What sort of work, for people.
        entry_point: ``module:function`` of this code base or of an installed plugin, never text
            from a request.
        inputs: JSON-serialisable arguments.
        permission: What the actor must hold.
        max_attempts: How often it may be started when its process dies.
        timeout_s: Longest time one attempt may take.
    """
    require(actor, permission, project)
    job = _queued(
        project=project,
        kind=kind,
        entry_point=entry_point,
        inputs=dict(inputs),
        max_attempts=max_attempts,
        timeout_s=timeout_s,
        created_by=actor.name,
    )
    with database.begin() as tx:
        store.insert_job(tx, job)
        publish(
            tx,
            type="visionloop.job.submitted",
            project=project,
            subject=f"job/{job.id}",
            actor=actor,
            data={"kind": kind},
        )
    return job


def get_job(database: Database, actor: Actor, job_id: str) -> Job:
    """Return a job.

    Raises:
        JobNotFound: No such job.
    """
    with database.read() as tx:
        job = store.find_job(tx, job_id)
    if job is None:
        raise JobNotFound(job_id)
    require(actor, Permission.READ, job.project)
    return job


def list_jobs(
    database: Database, actor: Actor, project: str, *, kind: str | None = None, limit: int = 100
) -> list[Job]:
    """Return the jobs of a project, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_jobs(tx, project=project, kind=kind, limit=limit)


def cancel(database: Database, actor: Actor, job_id: str) -> Job:
    """Ask a job to stop: at once if it waits, else within seconds.

    Raises:
        JobNotFound: No such job.
        JobAlreadyEnded: It has ended.
    """
    job = get_job(database, actor, job_id)
    if job.created_by != actor.name:
        require(actor, Permission.TRAIN, job.project)
    now = utc_now()
    with database.begin() as tx:
        changed = store.update_job(
            tx,
            job_id,
            expected=(JobState.QUEUED,),
            state=JobState.CANCELLED.value,
            message=f"Cancelled by {actor.name} before it started.",
            ended_at=now,
        ) or store.update_job(
            tx,
            job_id,
            expected=(JobState.RUNNING,),
            cancel_requested=True,
            message=f"Cancelling, as {actor.name} asked.",
        )
        if not changed:
            raise JobAlreadyEnded(job_id, job.state.value)
        publish(
            tx,
            type="visionloop.job.cancel_requested",
            project=job.project,
            subject=f"job/{job_id}",
            actor=actor,
        )
    return get_job(database, actor, job_id)


def wait_for(database: Database, actor: Actor, job_id: str, *, timeout_s: float) -> Job:
    """Wait until a job has succeeded.

    Raises:
        JobFailed: It failed or was cancelled.
        JobTimedOut: It takes longer.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        job = get_job(database, actor, job_id)
        if job.state is JobState.SUCCEEDED:
            return job
        if job.state.is_final:
            raise JobFailed(job_id, job.message)
        if time.monotonic() > deadline:
            raise JobTimedOut(job_id, timeout_s)
        time.sleep(_POLL_S)


def read_log(
    database: Database, home: Home, actor: Actor, job_id: str, *, offset: int = 0
) -> tuple[str, int]:
    """Return the job's log from a byte offset, and the offset to go on from."""
    job = get_job(database, actor, job_id)
    path = home.jobs_dir / job.id / "log.txt"
    if not path.is_file():
        return "", offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(256 * 1024)
    return data.decode(errors="replace"), offset + len(data)


def _queued(**values: Any) -> Job:
    return Job(
        id=new_id("job"),
        outputs={},
        state=JobState.QUEUED,
        progress=0.0,
        message="Waiting for a free slot.",
        error_code=None,
        attempt=0,
        cancel_requested=False,
        pid=None,
        pid_started=None,
        node=None,
        created_at=utc_now(),
        started_at=None,
        ended_at=None,
        **values,
    )
