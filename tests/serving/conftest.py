"""A serving process of its own for each test that asks, without database or control plane."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.models import build_package
from visionloop.kernel.digests import write_atomically


@dataclass
class RunningServer:
    """A server process and how to reach it."""

    folder: Path
    packages_dir: Path
    content: dict[str, Any]
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def post(self, image: bytes, path: str = "/score", **headers: str) -> httpx.Response:
        """Send an image."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.client.post(path, content=image, headers=named)

    def status(self) -> dict[str, Any]:
        """Return what the process says about itself."""
        answer: dict[str, Any] = self.client.get("/status").json()
        return answer

    def rewrite(self, **changes: Any) -> None:
        """Change the endpoint file as the control plane would, and wait until it is in force."""
        loads = self.status()["num_loads"]
        self.write(**changes)
        self.wait(lambda: self.status()["num_loads"] > loads)

    def write(self, **changes: Any) -> None:
        """Change the endpoint file."""
        self.content.update(changes)
        write_atomically(self.folder / "endpoint.json", json.dumps(self.content).encode())

    def wait(self, condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
        """Wait until something is true."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"not in time; log: {self.read_log()}"
            time.sleep(0.02)

    def read_log(self) -> str:
        """Return what the process wrote."""
        return (self.folder / "server.log").read_text()

    def log_folder(self) -> Path:
        """Return the folder of the prediction log."""
        return Path(self.content["log"]["dir"])


ServerFactory = Callable[..., RunningServer]


def free_port() -> int:
    """Return a port that is free now and outside the range of outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[ServerFactory]:
    """Start serving processes; by default one with the single deployment ``main``."""
    started: list[RunningServer] = []

    def start(**changes: Any) -> RunningServer:
        folder = tmp_path / f"endpoint-{len(started)}"
        packages = tmp_path / "packages"
        content = {
            "endpoint": "colors-prod",
            "project": "parts",
            "host": "127.0.0.1",
            "port": free_port(),
            "log": {"dir": str(tmp_path / "predictions" / str(len(started))), "rotate_age_s": 0.2},
            "deployments": [],
        }
        if "deployments" not in changes:
            changes["deployments"] = [entry(packages, build_package(packages), "main", weight=100)]
        content |= changes
        folder.mkdir()
        path = folder / "endpoint.json"
        path.write_text(json.dumps(content))
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "visionloop.serving.server", "--endpoint-file", str(path)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"},
                start_new_session=True,
            )
        client = httpx.Client(base_url=f"http://127.0.0.1:{content['port']}", timeout=20)
        server = RunningServer(folder, packages, content, process, client)
        started.append(server)
        server.wait(lambda: is_up(server))
        return server

    yield start
    for server in started:
        server.client.close()
        server.process.terminate()
        try:
            server.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


@pytest.fixture
def server(start_server: ServerFactory) -> RunningServer:
    """A serving process with one deployment."""
    return start_server()


def is_up(server: RunningServer) -> bool:
    """Tell whether the process answers; a dead one fails the test at once."""
    assert server.process.poll() is None, server.read_log()
    try:
        return server.client.get("/v2/health/live").status_code == 200
    except httpx.TransportError:
        return False


def entry(packages: Path, digest: str, name: str, **shares: Any) -> dict[str, Any]:
    """Describe a deployment for an endpoint file."""
    return {"name": name, "package_dir": str(packages / digest), "digest": digest, **shares}
