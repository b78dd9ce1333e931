"""Jobs on the command line."""

from __future__ import annotations

import time

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_table
from visionloop.cli.session import client, default_project

app = typer.Typer(help="Watch and cancel jobs.", no_args_is_help=True)


@app.command("list")
def list_jobs(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List jobs, newest first."""
    rows = client().get(f"/projects/{default_project(project)}/jobs")["items"]
    print_table(rows, ["id", "kind", "state", "progress", "message"], as_json=as_json)


@app.command("show")
def show_job(job_id: str, as_json: bool = JsonOption) -> None:
    """Show a job with inputs and outputs."""
    print_facts(client().get(f"/jobs/{job_id}"), as_json=as_json)


@app.command("log")
def show_log(
    job_id: str, follow: bool = typer.Option(False, "--follow", "-f", help="Go on until it ends.")
) -> None:
    """Print a job's log."""
    connection = client()
    offset = 0
    while True:
        ended = connection.get(f"/jobs/{job_id}")["state"] in ("succeeded", "failed", "cancelled")
        piece = connection.get(f"/jobs/{job_id}/log", params={"offset": offset})
        typer.echo(piece["text"], nl=False)
        if piece["next_offset"] == offset and (ended or not follow):
            return
        offset = piece["next_offset"]
        time.sleep(0.5)


@app.command("cancel")
def cancel_job(job_id: str, as_json: bool = JsonOption) -> None:
    """Ask a job to stop."""
    print_facts(client().post(f"/jobs/{job_id}/cancel"), as_json=as_json)
