"""Jobs that the tests run in real worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from visionloop.compute.context import JobContext
from visionloop.kernel.errors import Invalid


def add(context: JobContext) -> dict[str, Any]:
    context.log("adding")
    context.progress(0.5, "Half way.")
    (context.output_dir / "note.txt").write_text("whole")
    return {"sum": context.inputs["a"] + context.inputs["b"]}


def refuse(context: JobContext) -> dict[str, Any]:
    raise Invalid("The class 'gear' has no training image. Label at least one.")


def crash(context: JobContext) -> dict[str, Any]:
    raise ZeroDivisionError("nothing to divide")


def die_once(context: JobContext) -> dict[str, Any]:
    if context.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": context.attempt}


def wait_until_cancelled(context: JobContext) -> dict[str, Any]:
    context.log("waiting")
    for _ in range(600):
        context.check_cancelled()
        time.sleep(0.05)
    return {}


def wait_for_file(context: JobContext) -> dict[str, Any]:
    path = Path(context.inputs["file"])
    for _ in range(600):
        if path.exists():
            return {"seen": True}
        time.sleep(0.05)
    return {"seen": False}
