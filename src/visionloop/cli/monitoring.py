"""Monitoring on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

app = typer.Typer(
    help="Watch production: monitors, alerts, the review queue and the prediction log.",
    no_args_is_help=True,
)


@app.command("list")
def list_monitors(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List monitors."""
    rows = client().get(_path(project, "monitors"))["items"]
    print_table(rows, ["name", "endpoint", "deployment", "is_enabled"], as_json=as_json)


@app.command("create")
def create_monitor(
    name: str,
    *,
    endpoint: str = typer.Option(..., help="Endpoint to watch."),
    window_size: int = typer.Option(200, help="Newest distinct images to look at."),
    every_requests: int = typer.Option(25, help="Evaluate after so many new requests."),
    assignee: str = typer.Option(None, help="User that review tasks are assigned to."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Watch the predictions of an endpoint."""
    settings = {
        "window_size": window_size,
        "every_requests": every_requests,
        "assignee": assignee,
    }
    body = {"name": name, "endpoint": endpoint, "settings": settings}
    print_facts(client().post(_path(project, "monitors"), json=body), as_json=as_json)


@app.command("run")
def run_monitor(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Evaluate a monitor now."""
    window = client().post(_path(project, f"monitors/{name}/run"))
    print_facts(window if as_json else _shorten(window), as_json=as_json)


@app.command("windows")
def list_windows(
    name: str,
    limit: int = typer.Option(20, help="How many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List what a monitor found, newest first."""
    path = _path(project, f"monitors/{name}/windows")
    rows = client().get(path, params={"limit": limit})["items"]
    columns = [
        "created_at", "state", "num_requests", "num_images", "drift.p_value", "drift.auc",
        "performance.value", "performance.low", "performance.high",
    ]  # fmt: skip
    print_table(rows, columns, as_json=as_json)


@app.command("alerts")
def list_alerts(
    state: str = typer.Option(None, help="open, acknowledged or resolved."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List alerts, newest first."""
    params = {"state": state} if state else {}
    rows = client().get(_path(project, "alerts"), params=params)["items"]
    print_table(rows, ["id", "kind", "severity", "state", "summary"], as_json=as_json)


@app.command("acknowledge")
def acknowledge_alert(
    alert_id: str, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Say that you are on an alert."""
    print_facts(client().post(_path(project, f"alerts/{alert_id}/acknowledge")), as_json=as_json)


@app.command("resolve")
def resolve_alert(alert_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Close an alert."""
    print_facts(client().post(_path(project, f"alerts/{alert_id}/resolve")), as_json=as_json)


@app.command("review")
def send_to_review(
    name: str,
    budget: int = typer.Option(None, help="Images to send; else the monitor's setting."),
    alert: str = typer.Option(None, help="Alert that asks for it."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Send the images most likely wrong to the review queue."""
    body = {"budget": budget, "alert_id": alert}
    batch = client().post(_path(project, f"monitors/{name}/review"), json=body)
    if as_json:
        print_json(batch)
        return
    print_table(batch["selections"], ["rank", "predicted", "p_error", "is_audit", "task_id"])


@app.command("outcomes")
def get_outcomes(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show how well the review queue finds errors, and the audited accuracy."""
    path = _path(project, f"monitors/{name}/review-outcomes")
    print_facts(client().get(path), as_json=as_json)


@app.command("performance")
def get_performance(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show estimated and audited accuracy over time."""
    rows = client().get(_path(project, f"monitors/{name}/performance"))["items"]
    columns = [
        "time", "num_requests", "estimate.value", "estimate.low", "estimate.high",
        "audit.value", "audit.low", "audit.high",
    ]  # fmt: skip
    print_table(rows, columns, as_json=as_json)


@app.command("log")
def list_predictions(
    endpoint: str,
    limit: int = typer.Option(20, help="How many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the newest requests of an endpoint."""
    path = _path(project, f"prediction-log/{endpoint}")
    rows = client().get(path, params={"limit": limit})["items"]
    columns = ["time", "request_id", "deployment", "label", "score", "total_ms", "true_label"]
    print_table(rows, columns, as_json=as_json)


@app.command("truth")
def record_truths(
    endpoint: str,
    file: Path = typer.Argument(..., help="CSV with the columns request_id and label."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Record ground truth that arrived later."""
    import csv

    with file.open(newline="") as lines:
        items = [
            {"request_id": row["request_id"], "label": row["label"]}
            for row in csv.DictReader(lines)
        ]
    path = _path(project, f"prediction-log/{endpoint}/truths")
    print_facts(client().post(path, json={"items": items}), as_json=as_json)


@app.command("health")
def get_health(endpoint: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show the checks of an endpoint."""
    health = client().get(_path(project, f"infrastructure/{endpoint}"))
    if as_json:
        print_json(health)
        return
    columns = ["created_at", "is_alive", "latency_p95_ms", "num_requests", "problem", "action"]
    print_table(health["checks"], columns)


def _path(project: str | None, rest: str) -> str:
    return f"/projects/{default_project(project)}/{rest}"


def _shorten(window: dict[str, Any]) -> dict[str, Any]:
    """Leave the long lists of a window out."""
    drift = window["drift"] or {}
    hidden = ("families", "features", "images")
    return window | {"drift": {key: drift[key] for key in drift if key not in hidden} or None}
