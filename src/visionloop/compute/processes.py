"""Processes that outlive their parent, told apart from later ones with the same id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_START_TOLERANCE_S = 0.05


@dataclass(frozen=True)
class ProcessRef:
    """A process, named by id and start time (seconds since 1970)."""

    pid: int
    started: float


def start_detached(
    command: Sequence[str], *, log_path: Path, environment: Mapping[str, str]
) -> ProcessRef:
    """Start a process in a session of its own, so that it survives this one.

    Args:
        command: Program and arguments.
        log_path: Where its output is appended.
        environment: Its whole environment.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(environment),
        )
    reference = ProcessRef(process.pid, _start_time(process.pid) or time.time())
    # The process is watched by id from here on; tell Popen not to warn when it is collected.
    process.returncode = 0
    return reference


def is_alive(process: ProcessRef) -> bool:
    """Tell whether this very process still runs; a finished child is reaped on the way."""
    with suppress(ChildProcessError):  # it is the child of an earlier control plane
        os.waitpid(process.pid, os.WNOHANG)
    started = _start_time(process.pid)
    return started is not None and abs(started - process.started) < _START_TOLERANCE_S


def signal_group(process: ProcessRef, number: signal.Signals) -> None:
    """Send a signal to the process and its children, if it still runs."""
    if is_alive(process):
        with suppress(ProcessLookupError):  # it ended in between
            os.killpg(process.pid, number)


def stop_group(process: ProcessRef, *, grace_s: float) -> None:
    """Ask the process to end, and end it after ``grace_s`` seconds."""
    signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while is_alive(process):
        if time.monotonic() > deadline:
            signal_group(process, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.02)


def _start_time(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        started: float = process.create_time()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return started
