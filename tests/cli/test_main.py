from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from visionloop.client.http import Client

_CLI = [sys.executable, "-m", "visionloop.cli.main"]


def _run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VISIONLOOP_")}
    return subprocess.run(
        [*_CLI, *arguments],
        cwd=folder,
        env=environment | {"HOME": str(folder), "COLUMNS": "120"} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A control plane started as a user would; yields what it printed."""
    port = _free_port()
    process = subprocess.Popen(
        [*_CLI, "up", "--port", str(port)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(3))
    _wait_for_port(port)
    yield printed
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    _run(tmp_path, "down")  # endpoints outlive the control plane


def test_help_lists_the_commands_quickly(tmp_path: Path) -> None:
    started = time.perf_counter()
    result = _run(tmp_path, "--help")
    assert result.returncode == 0
    assert time.perf_counter() - started < 10
    for command in ("up", "apply", "drill", "demo", "data", "labeling", "models", "promotions"):
        assert re.search(rf"\b{command}\b", result.stdout), command


def test_errors_are_one_sentence_without_a_trace(tmp_path: Path) -> None:
    result = _run(tmp_path, "events")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: I know no Visionloop to talk to.")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        (("up", "--port", "99999"), {}, r"port \(VISIONLOOP_PORT\).*65535, received 99999"),
        (("data", "images"), {"VISIONLOOP_JOB_SLOTS": "many"}, r"job_slots .*received 'many'"),
        (("up", "--home", "file/home"), {}, r"cannot use .*file/home as home folder"),
        (("up", "--host", "192.0.2.1"), {}, r"cannot listen on 192\.0\.2\.1"),
        (("up",), {"VISIONLOOP_DATABASE_URL": "mysql://x/y"}, r"must be postgresql://"),
        (
            ("up",),
            {"VISIONLOOP_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/x"},
            r"me:\*\*\*@127\.0\.0\.1:1/x cannot be opened",
        ),
    ],
)
def test_a_start_that_cannot_succeed_is_told_in_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], told: str
) -> None:
    (tmp_path / "file").touch()
    if arguments == ("up",):
        arguments = ("up", "--port", "0")
    result = _run(tmp_path, *arguments, **variables)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert re.search(told, result.stderr), result.stderr


def test_a_newcomer_starts_signs_in_and_applies_a_project(server: str, tmp_path: Path) -> None:
    url = re.search(r"http://\S+", server)
    login = re.search(r"Login\s+(\S+) / (\S+)", server)
    assert url is not None
    assert login is not None
    with Client(url[0]) as anonymous, anonymous.sign_in(login[1], login[2]) as client:
        assert client.get("/me")["is_admin"] is True
    assert "Wrote visionloop.yaml" in _run(tmp_path, "init", "inspection").stdout
    planned = _run(tmp_path, "plan")
    assert "inspection" in planned.stdout
    applied = _run(tmp_path, "apply")
    assert applied.returncode == 0, applied.stderr
    assert "First password of lena" in applied.stdout
    assert "Nothing to change" in _run(tmp_path, "plan").stdout
    endpoints = json.loads(_run(tmp_path, "endpoints", "list", "--json").stdout)
    assert {item["workspace"] for item in endpoints} == {"staging", "prod"}
    assert "Nothing to change" in _run(tmp_path, "apply").stdout
    (tmp_path / "latin.yaml").write_bytes(b"description: \xff")
    assert "latin.yaml is no text in UTF-8" in _run(tmp_path, "plan", "latin.yaml").stderr
    again = _run(tmp_path, "up", "--port", url[0].rsplit(":", 1)[1])
    assert again.returncode == 1
    assert "already runs on" in again.stderr
    assert "visionloop down --home" in again.stderr
    second = _run(tmp_path, "up", "--port", str(_free_port()))
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    port = url[0].rsplit(":", 1)[1]
    taken = _run(tmp_path, "up", "--home", "other", "--port", port)
    assert f"Port {port}" in taken.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_port(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server never came up")
