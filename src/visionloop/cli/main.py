"""``visionloop``: the command line, a thin shell over the REST API."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import typer

import visionloop.cli
from visionloop import __version__
from visionloop.kernel.errors import VisionloopError

app = typer.Typer(
    help="The whole computer-vision MLOps loop: label, version, train, gate, serve, monitor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"visionloop {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    del version


def collect_commands() -> None:
    """Join the commands of every module beside this one.

    A module offers ``COMMANDS`` (functions that become top-level commands), a typer ``app``
    (a group named like the module, or by its ``NAME``), or both.
    """
    for info in iter_modules(visionloop.cli.__path__):
        module = import_module(f"visionloop.cli.{info.name}")
        for command in getattr(module, "COMMANDS", ()):
            app.command(command.__name__.replace("_", "-"))(command)
        group = getattr(module, "app", None)
        if isinstance(group, typer.Typer) and group is not app:
            app.add_typer(group, name=getattr(module, "NAME", info.name))


def main() -> None:
    """Run the command line; an expected error is one clear sentence and exit code 1."""
    collect_commands()
    try:
        app()
    except VisionloopError as error:
        typer.secho(f"Error: {error.message}", fg=typer.colors.RED, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
