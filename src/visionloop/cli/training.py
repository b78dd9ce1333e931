"""Training and runs on the command line."""

from __future__ import annotations

import time
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

NAME = "runs"
app = typer.Typer(help="Show, follow, compare and cancel training runs.", no_args_is_help=True)

_ENDED = ("finished", "failed", "cancelled")
_POLL_S = 0.5


def train(
    dataset_version: str = typer.Argument(..., help="NAME, NAME:NUMBER or id."),
    *,
    weights: str = typer.Option(None, help="Folder or hub id; a small network when left out."),
    experiment: str = typer.Option("default", help="Experiment that the run belongs to."),
    name: str = typer.Option(None, help="Name of the run."),
    warm_start: str = typer.Option(None, help="Finished run whose checkpoint to begin from."),
    setting: list[str] = typer.Option([], "--set", "-s", help="KEY=VALUE of the recipe."),
    detach: bool = typer.Option(False, help="Do not wait for the end."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Train a classifier on a frozen dataset version."""
    parameters: dict[str, Any] = dict(_parse_setting(text) for text in setting)
    if weights:
        parameters["weights"] = weights
    body = {
        "dataset_version": dataset_version,
        "experiment": experiment,
        "name": name,
        "parameters": parameters,
        "warm_start_run_id": warm_start,
    }
    root = f"/projects/{default_project(project)}/runs"
    run = client().post(root, json=body)
    if not detach:
        _follow(root, run["id"], quiet=as_json)
        run = client().get(f"{root}/{run['id']}")["run"]
    _print_run(run, as_json=as_json)
    if run["status"] in ("failed", "cancelled"):
        raise typer.Exit(1)


COMMANDS = (train,)


@app.command("list")
def list_runs(
    experiment: str = typer.Option(None, help="Only runs of this experiment."),
    status: str = typer.Option(None, help="Only runs in this status."),
    limit: int = typer.Option(50, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List runs, newest first."""
    wanted = {"experiment": experiment, "status": status, "limit": limit}
    params = {key: value for key, value in wanted.items() if value is not None}
    rows = client().get(f"/projects/{default_project(project)}/runs", params=params)["items"]
    columns = ["id", "name", "experiment", "status", "dataset_version", "metrics.test_accuracy"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_run(run_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show a run with its last metrics; --json adds their whole history."""
    detail = client().get(f"/projects/{default_project(project)}/runs/{run_id}")
    if as_json:
        print_json(detail)
        return
    _print_run(detail["run"], as_json=False)


@app.command("log")
def show_log(
    run_id: str,
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on until the run ends."),
    project: str = ProjectOption,
) -> None:
    """Print the log of a run."""
    root = f"/projects/{default_project(project)}/runs"
    if follow:
        _follow(root, run_id, quiet=False)
    else:
        typer.echo(client().get(f"{root}/{run_id}/log")["text"], nl=False)


@app.command("compare")
def compare_runs(
    run_ids: list[str] = typer.Argument(..., help="Two or more run ids."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Put runs side by side: the settings that differ, and all metrics."""
    path = f"/projects/{default_project(project)}/runs/compare"
    found = client().get(path, params={"run_id": run_ids})
    if as_json:
        print_json(found)
        return
    names = [run["name"] for run in found["runs"]]
    rows = [
        {"": key, **{f"{i + 1} {name}": values[i] for i, name in enumerate(names)}}
        for part in (found["changed_parameters"], found["metrics"])
        for key, values in part.items()
    ]
    print_table(rows, list(rows[0]) if rows else [""])


@app.command("cancel")
def cancel_run(run_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Stop a run; what it has logged is kept."""
    run = client().post(f"/projects/{default_project(project)}/runs/{run_id}/cancel")
    _print_run(run, as_json=as_json)


def _follow(root: str, run_id: str, *, quiet: bool) -> None:
    connection, offset = client(), 0
    while True:
        ended = connection.get(f"{root}/{run_id}")["run"]["status"] in _ENDED
        piece = connection.get(f"{root}/{run_id}/log", params={"offset": offset})
        if not quiet:
            typer.echo(piece["text"], nl=False)
        if ended and piece["next_offset"] == offset:
            return
        offset = piece["next_offset"]
        time.sleep(_POLL_S)


def _print_run(run: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(run)
        return
    shown = ("id", "name", "experiment", "status", "error", "dataset_version", "evaluation_id")
    print_facts({key: run[key] for key in shown} | run["metrics"])


def _parse_setting(text: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found:
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()
