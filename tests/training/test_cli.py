"""The commands around training, against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.training.conftest import write_parts
from visionloop.admin.entities import SYSTEM
from visionloop.api.app import create_app
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder


@pytest.fixture
def server(
    application: Application, api_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    config = uvicorn.Config(create_app(application), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("VISIONLOOP_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("VISIONLOOP_TOKEN", str(api_as("data_scientist").token))
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture
def version(application: Application, tmp_path: Path) -> str:
    where = (application.database, application.blobs, SYSTEM, "parts")
    folder = write_parts(tmp_path / "parts", 6)
    ingest_folder(*where, IngestRequest(folder=str(folder), format="class_folders"))
    return freeze_version(*where, FreezeRequest(name="parts")).reference


def _call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "visionloop.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _run(*arguments: str) -> str:
    result = _call(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_runs_are_started_listed_compared_and_cancelled(server: None, version: str):
    ids = []
    for epochs in ("3", "5"):
        setting = f"epochs={epochs}"
        printed = _run("train", version, "--set", setting, "--name", setting, "--detach", "--json")
        ids.append(json.loads(printed)["id"])
    assert "epochs=5" in _run("runs", "list")
    assert "epochs" in _run("runs", "compare", *ids)
    assert "cancelled" in _run("runs", "cancel", ids[0])
    assert "Nothing yet" in _run("evaluations", "list", "--run", ids[1])
    refused = _call("train", version, "--set", "epochs")
    assert refused.returncode == 2
    assert "KEY=VALUE" in refused.stderr
