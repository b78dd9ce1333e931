"""Measure what a newcomer waits for: help, first page, size of the core installation.

python bench/startup.py            # seconds to help and to the first page
python bench/startup.py --install  # also installs the core into a fresh environment: minutes
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
_HELP_RUNS = 9


def measure_help() -> list[float]:
    """Return wall seconds of several runs of ``visionloop --help``."""
    seconds = []
    for _ in range(_HELP_RUNS):
        started = time.perf_counter()
        command = [sys.executable, "-m", "visionloop.cli.main", "--help"]
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return seconds


def measure_first_page() -> float:
    """Return seconds from ``visionloop up`` on a new home to the first answered page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "visionloop.cli.main", "up"]
            + ["--home", home, "--port", str(port)],
            stdout=subprocess.DEVNULL,
        )
        try:
            while True:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/").status_code in (200, 404):
                        return time.perf_counter() - started
                except httpx.TransportError:
                    time.sleep(0.02)
        finally:
            process.terminate()
            process.wait(timeout=30)


def measure_core_install() -> tuple[float, float]:
    """Install the core into a fresh environment; return seconds and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        venv.create(environment, with_pip=True)
        before = _megabytes(environment)
        started = time.perf_counter()
        subprocess.run(
            [environment / "bin" / "pip", "install", "--quiet", str(ROOT)],
            check=True,
            env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        return time.perf_counter() - started, _megabytes(environment) - before


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    seconds = measure_help()
    print(f"visionloop --help      {statistics.median(seconds):.2f} s (median of {len(seconds)})")
    print(f"up to the first page   {measure_first_page():.1f} s")
    if options.install:
        wall, megabytes = measure_core_install()
        print(f"core installation      {megabytes:.0f} MB, {wall:.0f} s")


if __name__ == "__main__":
    main()
