"""``visionloop up``: start the control plane."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from visionloop.cli.session import save_credentials
from visionloop.kernel.errors import Conflict, Invalid

if TYPE_CHECKING:
    from visionloop.storage.home import Home


class PortInUse(Conflict):
    """Another program listens on the port."""

    code = "port_in_use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program. "
            f"Choose another: visionloop up --port {port + 1}",
            host=host,
            port=port,
        )


class CannotListen(Invalid):
    """This machine does not let us listen on the address."""

    code = "cannot_listen"

    def __init__(self, host: str, port: int, *, reason: str) -> None:
        super().__init__(
            f"I cannot listen on {host}, port {port}: {reason}. "
            "Choose an address of this machine with --host and a free port with --port.",
            host=host,
            port=port,
        )


def up(
    home: Path = typer.Option(None, help="Folder of the installation (default .visionloop)."),
    host: str = typer.Option(None, help="Address to listen on (default 127.0.0.1)."),
    port: int = typer.Option(None, help="Port to listen on (default 8080)."),
) -> None:
    """Start Visionloop: console, REST API, jobs, pipelines and schedules.

    Ctrl-C stops it. Online endpoints and running jobs go on and are adopted at the next start.
    """
    import uvicorn

    from visionloop.api.app import create_app
    from visionloop.bootstrap import create_application, prepare
    from visionloop.config import read_settings
    from visionloop.storage.home import Home

    settings = read_settings(home=home, host=host, port=port)
    opened_home = Home(settings.home)
    listener = _listen_for(opened_home, settings.host, settings.port)
    url = f"http://{settings.host}:{listener.getsockname()[1]}"
    with opened_home.lock(f"process {os.getpid()}, {url}"):
        first = prepare(settings)
        application = create_application(settings)
        if first is not None:
            save_credentials(url, first.token, home=opened_home.root)
        else:
            _update_address(opened_home.root, url)
        typer.echo(f"Visionloop    {url}")
        typer.echo(f"Home          {opened_home.root}")
        if first is not None:
            typer.echo(f"Login         {first.name} / {first.password}   (shown once)")
        config = uvicorn.Config(create_app(application), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])


def _listen_for(home: Home, host: str, port: int) -> socket.socket:
    try:
        return _listen(host, port)
    except PortInUse:
        # When the port is taken because Visionloop runs on this home already, say that instead.
        with home.lock(f"process {os.getpid()}"):
            raise


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from None
        raise CannotListen(host, port, reason=error.strerror or str(error)) from None
    return listener


def _update_address(home: Path, url: str) -> None:
    import json

    path = home / "credentials.json"
    if path.is_file():
        save_credentials(url, json.loads(path.read_text())["token"], home=home)


COMMANDS = (up,)
