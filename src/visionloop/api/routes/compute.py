"""Jobs over REST."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.compute import JobList, JobLog, JobOut
from visionloop.compute import jobs

router = APIRouter(prefix="/api/v1", tags=["compute"])


@router.get("/projects/{project}/jobs", operation_id="list_jobs", summary="List jobs")
def list_jobs(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    kind: str | None = None,
    limit: int = 100,
) -> JobList:
    """Return the jobs of a project, newest first."""
    found = jobs.list_jobs(application.database, actor, project, kind=kind, limit=limit)
    return JobList(items=[JobOut.model_validate(job) for job in found], total=len(found))


@router.get("/jobs/{job_id}", operation_id="get_job", summary="Get a job")
def get_job(job_id: str, application: ApplicationDep, actor: ActorDep) -> JobOut:
    """Return a job with progress and outputs."""
    return JobOut.model_validate(jobs.get_job(application.database, actor, job_id))


@router.get("/jobs/{job_id}/log", operation_id="read_job_log", summary="Read a job's log")
def read_job_log(
    job_id: str, application: ApplicationDep, actor: ActorDep, offset: int = 0
) -> JobLog:
    """Return the live log from a byte offset."""
    text, next_offset = jobs.read_log(
        application.database, application.home, actor, job_id, offset=offset
    )
    return JobLog(text=text, next_offset=next_offset)


@router.post("/jobs/{job_id}/cancel", operation_id="cancel_job", summary="Cancel a job")
def cancel_job(job_id: str, application: ApplicationDep, actor: ActorDep) -> JobOut:
    """Ask a job to stop."""
    return JobOut.model_validate(jobs.cancel(application.database, actor, job_id))
