"""``visionloop down``: stop the control plane and the online endpoints of a home."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from visionloop.storage.home import Home

_TIMEOUT_S = 60.0


def down(
    home: Path = typer.Option(None, help="Folder of the installation (default .visionloop)."),
    keep_endpoints: bool = typer.Option(
        False, "--keep-endpoints", help="Let online endpoints go on answering."
    ),
) -> None:
    """Stop Visionloop; nothing is lost, and 'visionloop up' brings it back as it was."""
    from visionloop.config import read_settings
    from visionloop.kernel.errors import NotFound
    from visionloop.serving.processes import stop_process
    from visionloop.storage.home import Home

    chosen = read_settings(home=home).home
    if not chosen.is_dir():
        raise NotFound(f"There is no installation in {chosen}.", home=str(chosen))
    opened = Home(chosen)
    stopped = _stop_control_plane(opened)
    typer.echo("Stopped the control plane." if stopped else "The control plane was not running.")
    if keep_endpoints:
        return
    for folder in sorted(opened.endpoints_dir.iterdir()):
        if stop_process(folder):
            typer.echo(f"Stopped endpoint {folder.name}.")


def _stop_control_plane(home: Home) -> bool:
    """Ask the process that holds the home to end, and wait until it has let go."""
    from visionloop.storage.home import HomeInUse

    asked = False
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            with home.lock("visionloop down"):
                return asked
        except HomeInUse as error:
            found = re.search(r"process (\d+)", str(error.details["holder"]))
            if found is None or time.monotonic() > deadline:
                raise
            if not asked:
                os.kill(int(found[1]), signal.SIGTERM)
                asked = True
            time.sleep(0.1)


COMMANDS = (down,)
