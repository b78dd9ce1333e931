"""Who the command line is: where the server is, and under which name it acts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from visionloop.kernel.errors import Unauthenticated

if TYPE_CHECKING:
    from visionloop.client.http import Client

_USER_FILE = Path("~/.config/visionloop/credentials.json")
_HOME_FILE = "credentials.json"


class NoCredentials(Unauthenticated):
    """The command line does not know a server."""

    code = "no_credentials"

    def __init__(self) -> None:
        super().__init__(
            "I know no Visionloop to talk to. Start one here with 'visionloop up', sign in with "
            "'visionloop login', or set VISIONLOOP_URL and VISIONLOOP_TOKEN."
        )


def client() -> Client:
    """Return a client for the server that the environment, the home or ``login`` names.

    Raises:
        NoCredentials: None of them names one.
    """
    from visionloop.client.http import Client
    from visionloop.config import read_settings

    settings = read_settings()
    if settings.url and settings.token:
        return Client(settings.url, token=settings.token)
    for path in (settings.home / _HOME_FILE, _USER_FILE.expanduser()):
        if path.is_file():
            saved = json.loads(path.read_text())
            return Client(settings.url or saved["url"], token=settings.token or saved["token"])
    raise NoCredentials


def save_credentials(url: str, token: str, *, home: Path | None = None) -> Path:
    """Keep address and token where only the owner can read them, and return the file."""
    from visionloop.kernel.digests import write_atomically

    path = (home / _HOME_FILE) if home else _USER_FILE.expanduser()
    write_atomically(path, json.dumps({"url": url, "token": token}).encode(), mode=0o600)
    return path


def default_project(chosen: str | None = None) -> str:
    """Return the project to work on: the one named, else the only one there is.

    Raises:
        Invalid: There are several, or none.
    """
    from visionloop.kernel.errors import Invalid

    if chosen:
        return chosen
    names = [project["name"] for project in client().get("/projects")["items"]]
    if len(names) != 1:
        hint = f"choose one with --project: {', '.join(names)}" if names else "there is none yet"
        raise Invalid(f"I do not know which project you mean; {hint}.", projects=names)
    return str(names[0])
