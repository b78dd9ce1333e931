"""Carry out queued jobs in this process, as their worker would, without waiting for one."""

from __future__ import annotations

from typing import Any

from visionloop.admin import store as admin_store
from visionloop.admin.entities import SYSTEM
from visionloop.admin.sessions import actor_of
from visionloop.bootstrap import Application
from visionloop.compute import store
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job, JobState
from visionloop.compute.worker import run_job


def carry_out(application: Application, job_id: str) -> dict[str, Any]:
    """Run a queued job and return its outputs; the job must succeed."""
    database = application.database
    with database.begin() as tx:
        store.update_job(
            tx, job_id, expected=(JobState.QUEUED,), state=JobState.RUNNING.value, attempt=1
        )
    job = _find(application, job_id)
    with database.read() as tx:
        user = admin_store.find_user(tx, name=job.created_by)
    context = JobContext(
        job,
        actor=actor_of(user) if user else SYSTEM,
        database=database,
        blobs=application.blobs,
        home=application.home,
    )
    assert run_job(job, context), _find(application, job_id).message
    return dict(_find(application, job_id).outputs)


def _find(application: Application, job_id: str) -> Job:
    with application.database.read() as tx:
        job = store.find_job(tx, job_id)
    assert job is not None
    return job
