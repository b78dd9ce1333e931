"""Exchange of labels with other tools on the command line."""

from __future__ import annotations

import typer

from visionloop.cli.labeling.tasks import app, root
from visionloop.cli.output import JsonOption, ProjectOption, print_facts
from visionloop.cli.session import client


@app.command("sync")
def sync_labels(
    exchange: str = typer.Argument(..., help="label-studio, cvat, or a plugin."),
    url: str = typer.Option(..., help="Address of the other tool."),
    remote: str = typer.Option(..., help="Number of the project (Label Studio) or task (CVAT)."),
    *,
    queue: str = typer.Option("labeling", help="Queue whose images travel."),
    token: str = typer.Option(..., envvar="VISIONLOOP_EXCHANGE_TOKEN", help="Token there."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Send images and labels that are new here, take labels that are new there."""
    body = {
        "exchange": exchange,
        "url": url,
        "token": token,
        "remote_project": remote,
        "queue": queue,
    }
    print_facts(client().post(f"{root(project)}/exchanges/sync", json=body), as_json=as_json)
