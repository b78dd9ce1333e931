"""A control plane started for a command that needs one, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from visionloop.kernel.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from visionloop.client.http import Client

_START_TIMEOUT_S = 60.0


class ServerDidNotStart(Unavailable):
    """The control plane ended before it answered."""

    code = "server_did_not_start"

    def __init__(self, log: str) -> None:
        super().__init__(f"Visionloop did not start. Its last words: {log.strip()[-500:]}")


@contextmanager
def local_server(home: Path, port: int) -> Iterator[Client]:
    """Yield an administrator's client of the server on ``home``, started here if none runs.

    A server that was started here is stopped at the end, and its endpoints with it.

    Args:
        home: Folder of the installation; made and prepared when missing.
        port: Port for a server that is started here.

    Raises:
        ServerDidNotStart: It ended at once, for example because the port is taken.
    """
    running = _connect(home)
    if running is not None:
        with running:
            yield running
        return
    log_path = home / "logs" / "control-plane.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "visionloop.cli.main", "up"]
            + ["--home", str(home), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # Ctrl-C reaches this command, which then ends the server
        )
    try:
        with _wait_for(home, process, log_path) as client:
            yield client
    finally:
        process.terminate()
        process.wait(timeout=60)
        _stop_endpoints(home)


def _stop_endpoints(home: Path) -> None:
    from visionloop.serving.processes import stop_process

    for folder in (home / "endpoints").iterdir():
        stop_process(folder)


def _wait_for(home: Path, process: subprocess.Popen[bytes], log_path: Path) -> Client:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        connected = _connect(home)
        if connected is not None:
            return connected
        time.sleep(0.1)
    raise ServerDidNotStart(log_path.read_text(errors="replace"))


def _connect(home: Path) -> Client | None:
    from visionloop.client.errors import ServerUnreachable
    from visionloop.client.http import Client

    path = home / "credentials.json"
    if not path.is_file():
        return None
    saved = json.loads(path.read_text())
    client = Client(saved["url"], token=saved["token"], timeout_s=300.0)
    try:
        client.get("/me")
    except (ServerUnreachable, Unauthenticated):  # nobody there, or somebody else's server
        client.close()
        return None
    return client
