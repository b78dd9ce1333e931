"""Write the reference pages that follow from the code: settings, commands and the API.

``tests/docs`` fails when they are out of date. Run ``python tools/write_reference.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer

from visionloop.cli.main import app, collect_commands
from visionloop.config import Settings

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
_GENERATED = "<!-- Written by tools/write_reference.py from the code. -->\n"


def pages() -> dict[str, str]:
    """Return file name -> content of every generated page."""
    return {"settings.md": settings_page(), "commands.md": commands_page()}


def settings_page() -> str:
    """Return the page of settings."""
    lines = [
        "# Settings",
        "",
        _GENERATED,
        "Each is a variable of the environment.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "cores" if field.default_factory else field.default
        shown = "" if default is None else f"`{default}`"
        lines.append(f"| `VISIONLOOP_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return the page of commands."""
    collect_commands()
    root = typer.main.get_command(app)
    lines = ["# Commands", "", _GENERATED, "Every command takes `--help`.", ""]
    lines += ["| command | does |", "|---|---|"]
    lines += [f"| `visionloop {name}` | {text} |" for name, text in _walk(root, "")]
    return "\n".join(lines) + "\n"


def _walk(command: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for name, child in sorted(command.commands.items()):
        path = f"{prefix} {name}".strip()
        if isinstance(child, click.Group) or hasattr(child, "commands"):
            yield from _walk(child, path)
        else:
            yield path, (child.help or "").strip().split("\n")[0]


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text)


if __name__ == "__main__":
    main()
