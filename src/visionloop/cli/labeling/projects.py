"""Labeling projects and batches on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

app = typer.Typer(
    help="Queues with a filter, instructions, members and rules.", no_args_is_help=True
)
batch_app = typer.Typer(help="Images that are queued together.", no_args_is_help=True)


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/labeling"


@app.command("list")
def list_projects(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the labeling projects."""
    rows = client().get(f"{_root(project)}/projects")["items"]
    columns = ["name", "title", "num_annotators", "gold_share", "members"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_project(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show a labeling project with its instructions."""
    print_facts(client().get(f"{_root(project)}/projects/{name}"), as_json=as_json)


@app.command("save")
def save_project(
    name: str,
    *,
    title: str = typer.Option(None, help="What people call it."),
    instructions: Path = typer.Option(None, help="Markdown file that stands beside the canvas."),
    where: list[str] = typer.Option(None, help="Filter of its images, e.g. 'exif.Model=iPhone 7'."),
    status: str = typer.Option(None, help="Only images in this state: unlabeled, labeled, ..."),
    member: list[str] = typer.Option(None, help="Who may take its tasks; everybody by default."),
    annotators: int = typer.Option(None, help="People that label each image on their own."),
    min_agreement: float = typer.Option(None, help="Below it a reviewer decides, 0 to 1."),
    gold_share: float = typer.Option(None, help="Share of hidden tests among tasks, 0 to 0.5."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Create a labeling project, or change what is named."""
    connection, path = client(), f"{_root(project)}/projects"
    known = {item["name"]: item for item in connection.get(path)["items"]}
    given: dict[str, Any] = {
        "title": title,
        "instructions": None if instructions is None else instructions.read_text("utf-8"),
        "where": where or None,
        "annotation_status": status,
        "members": member or None,
        "num_annotators": annotators,
        "min_agreement": min_agreement,
        "gold_share": gold_share,
    }
    body = known.get(name, {}) | {key: value for key, value in given.items() if value is not None}
    print_facts(connection.put(f"{path}/{name}", json=body), as_json=as_json)


@batch_app.command("list")
def list_batches(
    queue: str = typer.Option(None, help="Only of this labeling project."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List batches, newest first."""
    params = {"queue": queue} if queue else {}
    rows = client().get(f"{_root(project)}/batches", params=params)["items"]
    columns = ["id", "queue", "strategy", "num_tasks", "by_state.open", "by_state.accepted"]
    print_table(rows, columns, as_json=as_json)


@batch_app.command("create")
def create_batch(
    name: str = typer.Argument(..., help="Labeling project."),
    size: int = typer.Option(100, help="Images at most."),
    strategy: str = typer.Option("oldest", help="oldest or random."),
    *,
    assignee: str = typer.Option(None, help="Who gets them; all members by default."),
    seed: int = typer.Option(0, help="Of the draw."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Queue images that fulfil the filter and were never queued there."""
    body = {"size": size, "strategy": strategy, "assignee": assignee, "seed": seed}
    made = client().post(f"{_root(project)}/projects/{name}/batches", json=body)
    if as_json:
        print_json(made)
    else:
        print_facts({key: made[key] for key in ("id", "queue", "strategy", "num_tasks")})


@batch_app.command("assign")
def assign_batch(
    batch_id: str,
    assignee: str = typer.Argument(None, help="User name; everybody when left out."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Give the tasks of a batch that nobody has started to one person."""
    path = f"{_root(project)}/batches/{batch_id}/assign"
    print_facts(client().post(path, json={"assignee": assignee}), as_json=as_json)
