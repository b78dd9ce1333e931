"""The process that runs one attempt of one job: ``python -m visionloop.compute.worker``."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from visionloop.admin import store as admin_store
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import publish
from visionloop.admin.sessions import actor_of
from visionloop.compute import store
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job, JobState
from visionloop.compute.errors import JobCancelled, JobNotFound
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import VisionloopError
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home


def main(arguments: list[str] | None = None) -> int:
    """Run the job named on the command line and record how it ended."""
    parser = argparse.ArgumentParser(description="Run one attempt of one job.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--job", required=True)
    options = parser.parse_args(arguments)
    # The URLs may hold passwords, and command lines are public on a machine.
    home = Home(options.home)
    database = Database(os.environ["VISIONLOOP_DATABASE_URL"], keyring=home.keyring)
    blobs = BlobStore(os.environ["VISIONLOOP_BLOB_URL"])
    cancelled = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: cancelled.set())
    job, actor = _load(database, options.job)
    context = JobContext(
        job, actor=actor, database=database, blobs=blobs, home=home,
        cancelled=cancelled,
    )  # fmt: skip
    ok = run_job(job, context)
    database.dispose()
    return 0 if ok else 1


def run_job(job: Job, context: JobContext) -> bool:
    """Run a job's entry point and record its end; tell whether it succeeded."""
    try:
        outputs = _entry_point(job.entry_point)(context)
    except JobCancelled as error:
        _end(context, job, JobState.CANCELLED, message=error.message, error_code=error.code)
    except VisionloopError as error:
        context.log(f"Failed: {error.message}")
        _end(context, job, JobState.FAILED, message=error.message, error_code=error.code)
    except MemoryError:
        message = "The machine has no free memory left. Use a smaller batch or image size."
        _end(context, job, JobState.FAILED, message=message, error_code="out_of_memory")
    except Exception as error:
        traceback.print_exc()
        message = f"Unexpected {type(error).__name__}: {error}. The log has the details."
        _end(context, job, JobState.FAILED, message=message, error_code="internal")
    else:
        _end(context, job, JobState.SUCCEEDED, message="Done.", outputs=outputs)
        return True
    return False


def _load(database: Database, job_id: str) -> tuple[Job, Actor]:
    with database.read() as tx:
        job = store.find_job(tx, job_id)
        user = admin_store.find_user(tx, name=job.created_by) if job else None
    if job is None:
        raise JobNotFound(job_id)
    return job, actor_of(user) if user else SYSTEM


def _entry_point(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _end(
    context: JobContext,
    job: Job,
    state: JobState,
    *,
    message: str,
    outputs: dict[str, Any] | None = None,
    error_code: str | None = None,
) -> None:
    values: dict[str, Any] = {"message": message, "error_code": error_code}
    if outputs is not None:
        values |= {"outputs": outputs, "progress": 1.0}
    with context.database.begin() as tx:
        changed = store.update_job(
            tx,
            job.id,
            expected=(JobState.RUNNING,),
            of_attempt=job.attempt,
            state=state.value,
            ended_at=utc_now(),
            **values,
        )
        if changed:
            publish(
                tx,
                type=f"visionloop.job.{state.value}",
                project=job.project,
                subject=f"job/{job.id}",
                actor=context.actor,
                data={"kind": job.kind, "message": message},
            )


if __name__ == "__main__":
    sys.exit(main())
