"""Datastores on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(
    help="Register, test and remove the places that images are read from.", no_args_is_help=True
)

_CREDENTIAL_HELP = (
    "NAME=@FILE reads a secret from a file, NAME=env:VARIABLE from the environment, NAME alone "
    "asks for it; repeatable."
)
_SHOWN = (
    "name", "url", "kind", "auth", "options", "allow_private", "has_credentials", "rotated_at",
    "rotated_by", "created_by", "created_at",
)  # fmt: skip


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/datastores"


@app.command("add")
def add_datastore(
    name: str = typer.Argument(..., help="Name within the project."),
    url: str = typer.Argument(
        ..., help="A folder of the server, s3://, gs://, az://, abfss://, or a https:// list."
    ),
    *,
    auth: str = typer.Option("", help="How to sign in; 'visionloop datastores methods' lists all."),
    option: list[str] = typer.Option(
        [], "--option", "-o", help="KEY=VALUE such as endpoint, region, account; repeatable."
    ),
    credential: list[str] = typer.Option([], "--credential", "-c", help=_CREDENTIAL_HELP),
    allow_private: bool = typer.Option(
        False, help="Allow addresses inside the server's own network; administrators only."
    ),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Register a place to read images from, and test it."""
    root = _root(project)
    folder = Path(url).expanduser()
    body = {
        "name": name,
        "url": str(folder.resolve()) if "://" not in url and folder.is_dir() else url,
        "auth": auth,
        "options": dict(_parse_option(text) for text in option),
        "credentials": _read_credentials(credential),
        "allow_private": allow_private,
    }
    client().post(root, json=body)
    _print_check(client().post(f"{root}/{name}/test"), as_json=as_json)


@app.command("list")
def list_datastores(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the places that images are read from."""
    rows = client().get(_root(project))["items"]
    columns = ["name", "url", "auth", "rotated_at", "created_by"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_datastore(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show a datastore; its credentials are never shown."""
    found = client().get(f"{_root(project)}/{name}")
    print_facts({key: found[key] for key in _SHOWN}, as_json=as_json)


@app.command("test")
def check_datastore(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List and read some files; exit code 1 and a remedy when something is wrong."""
    check = client().post(f"{_root(project)}/{name}/test")
    _print_check(check, as_json=as_json)
    if not check["reachable"]:
        raise typer.Exit(1)


@app.command("rotate")
def rotate_credentials(
    name: str,
    credential: list[str] = typer.Option(..., "--credential", "-c", help=_CREDENTIAL_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Replace the credentials of a datastore, and test them."""
    root = _root(project)
    body = {"credentials": _read_credentials(credential)}
    client().put(f"{root}/{name}/credentials", json=body)
    _print_check(client().post(f"{root}/{name}/test"), as_json=as_json)


@app.command("remove")
def remove_datastore(name: str, project: str = ProjectOption) -> None:
    """Forget a datastore that no image is read from; its files stay where they are."""
    client().delete(f"{_root(project)}/{name}")


@app.command("methods")
def list_methods(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the ways to sign in, and what each of them needs."""
    rows = client().get(f"/projects/{default_project(project)}/datastore-methods")["items"]
    columns = ["kind", "auth", "summary", "secrets", "options"]
    shown = [
        row | {"secrets": ", ".join(row["secrets"]), "options": ", ".join(row["options"])}
        for row in rows
    ]
    print_table(rows if as_json else shown, columns, as_json=as_json)


def _print_check(check: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(check)
        return
    is_good = check["code"] == "ok"
    color = typer.colors.GREEN if is_good else typer.colors.YELLOW
    typer.secho(f"{check['name']}: {check['message']}", fg=color)
    if check["remedy"]:
        typer.echo(check["remedy"])
    for path in check["sample"]:
        typer.echo(f"  {path}")


def _read_credentials(texts: list[str]) -> dict[str, str]:
    return dict(_read_credential(text) for text in texts)


def _read_credential(text: str) -> tuple[str, str]:
    name, has_source, source = text.partition("=")
    if not has_source:
        return name, typer.prompt(name, hide_input=True)
    if source.startswith("@"):
        path = Path(source[1:]).expanduser()
        if not path.is_file():
            raise Invalid(f"There is no file {path} to read {name} from.")
        return name, path.read_text().strip()
    variable = source.removeprefix("env:")
    if variable == source:
        raise Invalid(
            f"Secrets do not belong on a command line, where everybody on the machine can read "
            f"them. Write {name}=@FILE, {name}=env:VARIABLE, or {name} alone to be asked for it."
        )
    if variable not in os.environ:
        raise Invalid(f"The environment has no variable {variable} to read {name} from.")
    return name, os.environ[variable]


def _parse_option(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Invalid(f"{text!r} is no KEY=VALUE.")
    return key, value
