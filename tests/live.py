"""A control plane on a real port inside the test process, for command-line tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from visionloop.api.app import create_app
from visionloop.bootstrap import Application


@contextmanager
def serving(application: Application) -> Iterator[str]:
    """Serve the API, without background work, and yield its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(application), lifespan="off", log_level="error", ws="none"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)


def run_command(url: str, token: str, *arguments: str) -> str:
    """Run ``visionloop`` in a process of its own and return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VISIONLOOP_")}
    done = subprocess.run(
        [sys.executable, "-m", "visionloop.cli.main", *arguments],
        env=environment | {"VISIONLOOP_URL": url, "VISIONLOOP_TOKEN": token, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
