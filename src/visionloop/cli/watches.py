"""Watches on the command line."""

from __future__ import annotations

from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(help="Take in new images of a place by themselves.", no_args_is_help=True)

_SHOWN = (
    "name", "datastore", "path", "every_s", "ascending", "queue", "ingest", "is_paused",
    "checked_at", "due_at", "found", "problem", "job_id", "created_by",
)  # fmt: skip


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/watches"


@app.command("add")
def add_watch(
    name: str = typer.Argument(..., help="Name within the project."),
    datastore: str = typer.Argument(..., help="A registered datastore."),
    *,
    path: str = typer.Option("", help="Only files below this path."),
    every: int = typer.Option(60, help="Seconds from one look to the next."),
    ascending: bool = typer.Option(
        False, help="New names sort behind older ones: list those alone, all of them hourly."
    ),
    format: str = typer.Option("images", help="As for 'visionloop data ingest'."),
    managed: bool = typer.Option(False, help="Copy the files instead of pointing at them."),
    queue: str = typer.Option(None, help="Labeling queue for images without labels."),
    metadata: list[str] = typer.Option([], "--set", "-s", help="KEY=VALUE for every image."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Look at a place again and again, and take in what is new."""
    ingest: dict[str, Any] = {"format": format, "managed": managed}
    body = {
        "name": name,
        "datastore": datastore,
        "path": path,
        "every_s": every,
        "ascending": ascending,
        "queue": queue,
        "ingest": ingest | {"metadata": dict(_parse_pair(text) for text in metadata)},
    }
    connection = client()
    made = connection.post(_root(project), json=body)
    address = f"{connection.url}/api/v1{_root(project)}/{name}/events?token={made['token']}"
    if as_json:
        print_json(made | {"address": address})
        return
    print_facts({"name": name, "datastore": datastore, "path": path, "every": f"{every} s"})
    typer.echo(f"A store that tells of new files may send that to (shown this once):\n{address}")


@app.command("list")
def list_watches(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List watched places with what their last looks found."""
    rows = client().get(_root(project))["items"]
    columns = ["name", "datastore", "path", "is_paused", "checked_at", "found", "problem"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_watch(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show a watch with what its last look found."""
    found = client().get(f"{_root(project)}/{name}")
    print_facts({key: found[key] for key in _SHOWN}, as_json=as_json)


@app.command("check")
def check_watch(name: str, project: str = ProjectOption) -> None:
    """Look within seconds instead of when it is due."""
    client().post(f"{_root(project)}/{name}/check")


@app.command("pause")
def pause_watch(name: str, project: str = ProjectOption) -> None:
    """Stop looking until it is resumed."""
    client().patch(f"{_root(project)}/{name}", json={"is_paused": True})


@app.command("resume")
def resume_watch(name: str, project: str = ProjectOption) -> None:
    """Look again from now on."""
    client().patch(f"{_root(project)}/{name}", json={"is_paused": False})


@app.command("rotate")
def rotate_token(name: str, project: str = ProjectOption) -> None:
    """Issue a new token for notifications; the one before no longer holds."""
    typer.echo(client().post(f"{_root(project)}/{name}/token")["token"])


@app.command("remove")
def remove_watch(name: str, project: str = ProjectOption) -> None:
    """Stop watching; images that were taken in stay."""
    client().delete(f"{_root(project)}/{name}")


def _parse_pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Invalid(f"{text!r} is no KEY=VALUE.")
    return key, value
