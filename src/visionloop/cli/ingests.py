"""Ingests and what they refused, on the command line."""

from __future__ import annotations

from pathlib import Path

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_table
from visionloop.cli.session import client, default_project

app = typer.Typer(help="List ingests and the files that they refused.", no_args_is_help=True)


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/ingests"


@app.command("list")
def list_ingests(
    limit: int = typer.Option(20, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List ingests, newest first."""
    rows = client().get(_root(project), params={"limit": limit})["items"]
    columns = ["id", "datastore", "state", "report.added", "report.num_refused", "created_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_ingest(ingest: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show how far an ingest is, and its report."""
    print_facts(client().get(f"{_root(project)}/{ingest}"), as_json=as_json)


@app.command("refused")
def list_refused(
    ingest: str,
    *,
    csv: Path | None = typer.Option(None, help="Write all of them into this file."),
    limit: int = typer.Option(100, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the files that an ingest refused, and why."""
    root = f"{_root(project)}/{ingest}"
    if csv is not None:
        csv.write_bytes(client().get(f"{root}/refused.csv") or b"")
        typer.echo(f"Written to {csv}")
        return
    found = client().get(f"{root}/refused", params={"limit": limit})
    empty = "No file was refused."
    print_table(found["items"], ["path", "reason"], as_json=as_json, empty=empty)
