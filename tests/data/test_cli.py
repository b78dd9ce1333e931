"""The command line against a control plane that a user started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.data.pictures import write_class_folders

SPEC = "project: parts\ntask: classification\nlabels: [washer, bolt, nut, gear]\n"
COMMAND = [sys.executable, "-m", "visionloop.cli.main"]


class Shell:
    """Runs commands in a folder that has a control plane."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "VISIONLOOP_HOME": str(folder / "home"),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "160",
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    (tmp_path / "visionloop.yaml").write_text(SPEC)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "up", "--port", str(port)],
        cwd=tmp_path,
        env=shell.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield shell
    server.send_signal(signal.SIGINT)
    server.wait(timeout=60)


@pytest.mark.slow
def test_from_a_folder_to_a_verified_version(shell: Shell) -> None:
    photos = write_class_folders(shell.folder / "photos", per_class=10)
    (photos / "bolt" / "empty.jpg").write_bytes(b"")
    shell.run("apply", "visionloop.yaml")
    printed = shell.run("data", "ingest", "photos", "--set", "line=3")
    assert "Refused bolt/empty.jpg: the file is empty" in printed
    frozen = shell.json("data", "freeze", "base", "--fractions", "0.6,0.2,0.2")
    assert frozen["splits"] == {"train": 24, "val": 8, "test": 8}
    images = shell.json("data", "images", "--where", "metadata.line=3", "--label", "nut")
    assert images["total"] == 10
    shell.run("versions", "tag", "base:1", "golden")
    assert shell.json("versions", "tags", "base")[0]["tag"] == "golden"
    lineage = shell.json("versions", "lineage", "base@golden")
    assert (lineage["version"]["tags"], lineage["uses"]) == (["golden"], [])
    assert "0 of 0 images" in shell.run("versions", "changes", "base", "base@golden")
    assert "Nothing was changed" in shell.run("versions", "restore", "base")
    assert shell.json("versions", "restore", "base", "--yes")["num_restored"] == 0
    assert "0 bytes of manifests would go" in shell.run("versions", "prune", "--keep-newest", "1")
    (photos / "nut" / "nut_1.jpg").write_bytes(b"other")
    assert "content changed" in shell.run("data", "verify", "base", code=1)
    assert "no training image" in shell.run("data", "freeze", "few", "--where", "name~bolt", code=1)
