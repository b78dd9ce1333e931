"""Promotions on the command line."""

from __future__ import annotations

import time
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

NAME = "promotions"

app = typer.Typer(
    help="Take versions to production, decide on them, take them back.", no_args_is_help=True
)

_OVER = ("succeeded", "failed", "rejected", "cancelled")
_ReasonOption = typer.Option("", "--reason", "-m", help="For the record.")


@app.command("list")
def list_promotions(
    project: str = ProjectOption,
    state: str | None = typer.Option(None, help="Only those in this state."),
    model: str | None = typer.Option(None, help="Only those of this model."),
    as_json: bool = JsonOption,
) -> None:
    """List promotions, newest first."""
    chosen = {"state": state, "model": model}
    params = {key: value for key, value in chosen.items() if value is not None}
    rows = client().get(_path(project), params=params)["items"]
    columns = ["id", "model", "version", "state", "step", "requested_by", "created_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_promotion(
    promotion_id: str,
    project: str = ProjectOption,
    wait: bool = typer.Option(False, "--wait", help="Until it waits for approval or is over."),
    as_json: bool = JsonOption,
) -> None:
    """Show a promotion with its steps, gates and decision."""
    connection, path = client(), f"{_path(project)}/{promotion_id}"
    found = connection.get(path)
    while wait and found["state"] not in (*_OVER, "waiting_for_approval"):
        time.sleep(0.5)
        found = connection.get(path)
    _print_promotion(found, as_json=as_json)


@app.command("start")
def start_promotion(
    model: str, version: int, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Start the promotion of a registered version."""
    started = client().post(_path(project), json={"model": model, "version": version})
    _print_promotion(started, as_json=as_json)


@app.command("approve")
def approve_promotion(
    promotion_id: str,
    project: str = ProjectOption,
    digest: str | None = typer.Option(None, help="Package that you looked at; else the present."),
    reason: str = _ReasonOption,
    as_json: bool = JsonOption,
) -> None:
    """Let a package go to production; never your own request."""
    _decide("approve", promotion_id, project, digest=digest, reason=reason, as_json=as_json)


@app.command("reject")
def reject_promotion(
    promotion_id: str,
    project: str = ProjectOption,
    digest: str | None = typer.Option(None, help="Package that you looked at; else the present."),
    reason: str = _ReasonOption,
    as_json: bool = JsonOption,
) -> None:
    """Refuse a package."""
    _decide("reject", promotion_id, project, digest=digest, reason=reason, as_json=as_json)


@app.command("cancel")
def cancel_promotion(
    promotion_id: str,
    project: str = ProjectOption,
    reason: str = _ReasonOption,
    as_json: bool = JsonOption,
) -> None:
    """Call a promotion off before production begins to change."""
    path = f"{_path(project)}/{promotion_id}/cancel"
    _print_promotion(client().post(path, json={"reason": reason}), as_json=as_json)


@app.command("rollback")
def rollback_production(
    project: str = ProjectOption,
    endpoint: str | None = typer.Option(None, help="Else the project's production endpoint."),
    reason: str = _ReasonOption,
    as_json: bool = JsonOption,
) -> None:
    """Return production to the champion before."""
    body = {"endpoint": endpoint, "reason": reason}
    path = f"/projects/{default_project(project)}/rollbacks"
    print_facts(client().post(path, json=body), as_json=as_json)


def _path(project: str | None) -> str:
    return f"/projects/{default_project(project)}/promotions"


def _decide(
    verb: str,
    promotion_id: str,
    project: str | None,
    *,
    digest: str | None,
    reason: str,
    as_json: bool,
) -> None:
    connection, path = client(), f"{_path(project)}/{promotion_id}"
    body = {"digest": digest or connection.get(path)["digest"], "reason": reason}
    _print_promotion(connection.post(f"{path}/{verb}", json=body), as_json=as_json)


def _print_promotion(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    shown = ("id", "model", "version", "digest", "state", "requested_by", "reasons")
    print_facts({key: found[key] for key in shown})
    print_table(found["steps"], ["name", "state", "started_at", "ended_at"])
    if found["gates"]:
        print_table(found["gates"], ["gate", "passed", "summary"])
