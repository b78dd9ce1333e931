"""Wait for a job with a progress bar."""

from __future__ import annotations

import time
from typing import Any

from visionloop.cli.session import client
from visionloop.kernel.errors import Invalid

_ENDED = ("succeeded", "failed", "cancelled")
_POLL_S = 0.3


def follow_job(job_id: str, title: str, *, quiet: bool = False) -> dict[str, Any]:
    """Wait until a job has ended and return its outputs.

    Args:
        job_id: Which one.
        title: What it does, for the bar.
        quiet: Draw no bar.

    Raises:
        Invalid: It failed or was cancelled.
    """
    from rich.progress import Progress

    connection = client()
    with Progress(transient=True, disable=quiet) as progress:
        bar = progress.add_task(title, total=1.0)
        while True:
            job = connection.get(f"/jobs/{job_id}")
            progress.update(bar, completed=job["progress"], description=job["message"] or title)
            if job["state"] in _ENDED:
                break
            time.sleep(_POLL_S)
    if job["state"] != "succeeded":
        raise Invalid(f"The {job['kind']} job {job['state']}: {job['message']}", job=job_id)
    outputs: dict[str, Any] = job["outputs"]
    return outputs
