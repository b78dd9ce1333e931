"""What can go wrong with jobs."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class JobNotFound(NotFound):
    """No job has this id."""

    code = "job_not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id}.", job_id=job_id)


class JobCancelled(Conflict):
    """Somebody asked the running job to stop; raised inside the job."""

    code = "job_cancelled"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} was cancelled.", job_id=job_id)


class JobAlreadyEnded(Conflict):
    """A job that has ended cannot be cancelled."""

    code = "job_already_ended"

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"Job {job_id} has already {state}.", job_id=job_id, state=state)


class JobFailed(Invalid):
    """A job that was waited for failed."""

    code = "job_failed"

    def __init__(self, job_id: str, message: str) -> None:
        super().__init__(f"Job {job_id} failed: {message}", job_id=job_id)


class JobTimedOut(Unavailable):
    """A job that was waited for did not end in time."""

    code = "job_timed_out"

    def __init__(self, job_id: str, timeout_s: float) -> None:
        super().__init__(
            f"Job {job_id} did not end within {timeout_s:g} s; it may still be running.",
            job_id=job_id,
        )
