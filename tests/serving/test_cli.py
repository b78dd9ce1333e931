"""Endpoints from the shell, against a control plane started as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.conftest import free_port
from tests.serving.models import build_package, make_image
from visionloop.serving.files import endpoint_folder
from visionloop.serving.processes import stop_process
from visionloop.storage.home import Home

_CLI = [sys.executable, "-m", "visionloop.cli.main"]
_SPEC = """
project: parts
task: classification
labels: [red, green, blue]
endpoints:
  - {name: parts-prod, workspace: prod}
"""
Shell = Callable[..., Any]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Run commands; the first starts nothing, because the control plane is up already."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VISIONLOOP_")}
    environment = kept | {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [*_CLI, "up", "--port", str(free_port())],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    for _ in range(3):
        server.stdout.readline()

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [*_CLI, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    yield run
    stop_process(endpoint_folder(Home(tmp_path / ".visionloop"), "parts-prod"))
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    stop_process(endpoint_folder(Home(tmp_path / ".visionloop"), "parts-prod"))


def test_a_model_is_deployed_and_asked(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "visionloop.yaml").write_text(_SPEC)
    shell("apply", "visionloop.yaml")
    assert [row["name"] for row in shell("endpoints", "list", "--json")] == ["parts-prod"]
    digest = build_package(tmp_path / ".visionloop" / "packages")
    shell("endpoints", "deploy", "parts-prod", "blue", "--digest", digest)
    image = tmp_path / "green.jpg"
    image.write_bytes(make_image("green"))
    deadline = 100
    while shell("endpoints", "health", "parts-prod", "--json")["state"] != "healthy" and deadline:
        deadline -= 1
    answer = shell("score", "parts-prod", str(image), "--json")
    assert [row["label"] for row in answer] == ["green"]
    assert shell("endpoints", "create-key", "parts-prod", "line 4").startswith("vle_")
    shares = shell("endpoints", "traffic", "parts-prod", "blue=100", "--json")
    assert shares[0]["weight"] == 100
    assert "blue" in shell("endpoints", "show", "parts-prod")
