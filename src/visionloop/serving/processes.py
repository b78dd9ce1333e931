"""Start, recognise and stop the process of an endpoint.

A serving process outlives the control plane that started it. It holds a lock on its folder while
it lives and leaves a record of its pid and start time, so that the next control plane adopts it
and nobody ever signals a recycled pid.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from visionloop.kernel.digests import write_atomically

RECORD_FILE = "process.json"
LOCK_FILE = "server.lock"
LOG_FILE = "server.log"
_LOG_LIMIT_BYTES = 16 * 1024**2
_POLL_S = 0.05

# Children of this control plane, kept so that an ended one is reaped and not seen as alive.
_children: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class ProcessRecord:
    """A process that cannot be mistaken for another.

    Attributes:
        pid: process and process group.
        start_time: as the kernel counts it; differs when a pid is used again.
    """

    pid: int
    start_time: str
    port: int


def start_process(folder: Path) -> int:
    """Start the server of an endpoint in its own session; return its pid.

    Args:
        folder: The endpoint's folder, which holds the endpoint file.
    """
    log_path = folder / LOG_FILE
    if log_path.is_file() and log_path.stat().st_size > _LOG_LIMIT_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
    command = [sys.executable, "-m", "visionloop.serving.server"]
    command += ["--endpoint-file", str(folder / "endpoint.json")]
    with log_path.open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
        )
    _children[folder] = child
    return child.pid


def running_process(folder: Path) -> ProcessRecord | None:
    """Return the living process of an endpoint, whoever started it."""
    _reap(folder)
    record = read_record(folder)
    if record is None or read_start_time(record.pid) != record.start_time:
        return None
    return record


def is_starting(folder: Path) -> bool:
    """Tell whether a process that was started here has not left its record yet."""
    _reap(folder)
    return folder in _children and running_process(folder) is None


def stop_process(folder: Path, *, timeout_s: float = 15.0) -> bool:
    """Ask the process to finish its requests and end; end its group by force when it does not.

    Returns:
        Whether there was one to stop.
    """
    record = running_process(folder)
    child = _children.get(folder)
    if record is None and child is None:
        return False
    if record is None and child is not None:
        record = ProcessRecord(child.pid, read_start_time(child.pid) or "", 0)
    assert record is not None
    _signal(record, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while _is_alive(folder, record) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    if _is_alive(folder, record):
        kill_process(folder)
    _reap(folder)
    (folder / RECORD_FILE).unlink(missing_ok=True)
    return True


def kill_process(folder: Path, *, timeout_s: float = 5.0) -> None:
    """End the process group of an endpoint at once."""
    record = running_process(folder)
    if record is None:
        return
    _signal(record, signal.SIGKILL)
    deadline = time.monotonic() + timeout_s
    while _is_alive(folder, record) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


@contextmanager
def hold_process(folder: Path, port: int) -> Iterator[None]:
    """Be the one serving process of a folder; called by the server itself.

    Raises:
        BlockingIOError: another process serves this endpoint.
    """
    with (folder / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        record = ProcessRecord(os.getpid(), read_start_time(os.getpid()) or "", port)
        write_atomically(folder / RECORD_FILE, json.dumps(asdict(record)).encode())
        yield


def read_record(folder: Path) -> ProcessRecord | None:
    """Return the record that the last serving process left."""
    try:
        return ProcessRecord(**json.loads((folder / RECORD_FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def read_start_time(pid: int) -> str | None:
    """Return when a living process started, in units that only equality is defined on."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _ask_psutil(pid)
    except ProcessLookupError:
        return None
    # The command, in parentheses, may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else fields[19]


def read_rss_bytes(pid: int) -> int | None:
    """Return the resident memory of a process, None where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _ask_psutil(pid: int) -> str | None:
    # On Linux psutil derives the time from the wall clock, which moves; elsewhere it is the way.
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.Error:
        return None


def _environment() -> dict[str, str]:
    # Settings of the control plane hold secrets that a serving process has no use for.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VISIONLOOP_")}
    return kept | {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONUNBUFFERED": "1",
    }


def _reap(folder: Path) -> None:
    child = _children.get(folder)
    if child is not None and child.poll() is not None:
        del _children[folder]


def _is_alive(folder: Path, record: ProcessRecord) -> bool:
    _reap(folder)
    return read_start_time(record.pid) == record.start_time


def _signal(record: ProcessRecord, number: signal.Signals) -> None:
    if read_start_time(record.pid) != record.start_time:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(record.pid, number)
