"""Microsoft's emulator of Azure Blob Storage, installed by npm on first use and then kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.build_console import npm_command, npm_environment

from tests.servers.processes import free_port, running

ACCOUNT = "devstoreaccount1"
# The emulator's well-known key, printed in its manual; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_NPM = Path(__file__).with_name("npm")
_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "test-servers"
_PROGRAM = "node_modules/azurite/dist/src/blob/main.js"
_INSTALL_S = 280.0


@dataclass(frozen=True)
class Azurite:
    """A running emulator."""

    endpoint: str


@contextmanager
def running_azurite(folder: Path) -> Iterator[Azurite]:
    """Run the emulator in memory; skips where npm or its packages cannot be had."""
    environment = npm_environment()
    program = _installed(environment)
    node = shutil.which("node", path=environment["PATH"])
    port = free_port()
    command = [str(node), str(program), "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    options = ["--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence", "--silent"]
    log = folder / "azurite.log"
    with running([*command, *options], port, log=log, environment=environment):
        yield Azurite(f"http://127.0.0.1:{port}/{ACCOUNT}")


def _installed(environment: dict[str, str]) -> Path:
    """Return the emulator's program; of several test processes one installs it."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    lock_file = _NPM / "package-lock.json"
    marker = _CACHE / "installed-lock.json"
    with (_CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not marker.exists() or marker.read_bytes() != lock_file.read_bytes():
            shutil.copytree(_NPM, _CACHE, dirs_exist_ok=True)
            _install(environment)
            shutil.copy(lock_file, marker)
    return _CACHE / _PROGRAM


def _install(environment: dict[str, str]) -> None:
    try:
        command = [*npm_command(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    except SystemExit:
        pytest.skip("left out: npm is not installed")
    done = subprocess.run(
        [*command, "--omit=optional"],
        cwd=_CACHE,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=_INSTALL_S,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"left out: npm cannot install azurite: {done.stderr[-500:]}")
