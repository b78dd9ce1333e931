"""Labeling on the command line: fill queues, see progress, label and review from a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(
    help="Queue images for labelers, follow and review the work.", no_args_is_help=True
)

_TASK_COLUMNS = ["id", "queue", "state", "priority", "assignee", "labeler", "image_id"]
_QUEUE_HELP = "Only this queue."


def root(project: str | None) -> str:
    """Return the path of labeling in a project."""
    return f"/projects/{default_project(project)}/labeling"


@app.command("queues")
def list_queues(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List queues with the number of tasks in each state."""
    rows = client().get(f"{root(project)}/queues")["items"]
    columns = ["name", "open", "in_progress", "submitted", "rejected", "accepted", "skipped"]
    print_table(rows, columns, as_json=as_json)


@app.command("tasks")
def list_tasks(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    state: str = typer.Option(None, help="open, in_progress, submitted, rejected, accepted, ..."),
    assignee: str = typer.Option(None, help="Only tasks assigned to this user."),
    limit: int = typer.Option(50, help="At most this many."),
    *,
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List tasks in the order of work."""
    wanted = {"queue": queue, "state": state, "assignee": assignee, "limit": limit}
    params = {key: value for key, value in wanted.items() if value is not None}
    rows = client().get(f"{root(project)}/tasks", params=params)["items"]
    print_table(rows, _TASK_COLUMNS, as_json=as_json)


@app.command("create")
def create_tasks(
    image_ids: list[str] = typer.Argument(None, help="Images; or use --status or --filter."),
    *,
    status: str = typer.Option(None, help="All images in this state: unlabeled, labeled, ..."),
    filter: str = typer.Option(None, help="All active images that this filter chooses."),
    limit: int = typer.Option(1000, help="At most so many of them."),
    queue: str = typer.Option("labeling", help="Name of the queue."),
    assignee: str = typer.Option(None, help="Who gets the tasks; everybody when left out."),
    priority: int = typer.Option(0, help="Higher comes first."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Queue images for labeling; an image that is already queued keeps its task."""
    body = {
        "image_ids": image_ids or [],
        "annotation_status": status,
        "filter": filter,
        "limit": limit,
        "queue": queue,
        "assignee": assignee,
        "priority": priority,
    }
    made = client().post(f"{root(project)}/tasks", json=body)
    print_facts(made if as_json else _counts(made), as_json=as_json)


@app.command("next")
def next_task(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Open the next task for you; nobody else gets its image meanwhile."""
    _print_next(client().post(f"{root(project)}/tasks/next", json={"queue": queue}), as_json)


@app.command("show")
def show_task(task_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show a task with its labels and comments."""
    _print_detail(client().get(f"{root(project)}/tasks/{task_id}"), as_json)


@app.command("label")
def label_task(
    task_id: str,
    category: str = typer.Argument(None, help="The class; or use --file for shapes."),
    *,
    file: Path = typer.Option(None, help="JSON list of annotations (category, kind, bbox, ...)."),
    submit: bool = typer.Option(True, help="Hand the task in at once."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Label a task with one class, or with the shapes in a file, and hand it in."""
    drafts = _read_drafts(category, file)
    connection, path = client(), f"{root(project)}/tasks/{task_id}"
    revision = connection.get(path)["annotations"]["revision"]
    body = {"annotations": drafts, "expected_revision": revision}
    task = connection.put(f"{path}/labels", json=body)["task"]
    if submit:
        task = connection.post(f"{path}/submit")
    print_task(task, as_json)


@app.command("submit")
def submit_task(task_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Hand a labeled task in."""
    print_task(client().post(f"{root(project)}/tasks/{task_id}/submit"), as_json)


@app.command("skip")
def skip_task(
    task_id: str,
    reason: str = typer.Argument(..., help="Why it cannot be labeled."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Take a task out of the queue, saying why."""
    body = {"reason": reason}
    print_task(client().post(f"{root(project)}/tasks/{task_id}/skip", json=body), as_json)


@app.command("release")
def release_task(task_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Give an opened task back."""
    print_task(client().post(f"{root(project)}/tasks/{task_id}/release"), as_json)


@app.command("reopen")
def reopen_task(task_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Put an accepted or skipped task back into its queue."""
    print_task(client().post(f"{root(project)}/tasks/{task_id}/reopen"), as_json)


@app.command("assign")
def assign_task(
    task_id: str,
    assignee: str = typer.Argument(None, help="User name; everybody when left out."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Give a task to one person, or to everybody."""
    body = {"assignee": assignee}
    print_task(client().post(f"{root(project)}/tasks/{task_id}/assign", json=body), as_json)


@app.command("suggest")
def suggest_labels(task_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Let the champion suggest labels for a task."""
    found = client().post(f"{root(project)}/tasks/{task_id}/suggest")
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['model']} suggests:")
    print_table(found["annotations"], ["category", "kind", "score", "bbox"])


@app.command("review")
def next_review(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Open the next submitted task for review, never one of your own."""
    _print_next(client().post(f"{root(project)}/reviews/next", json={"queue": queue}), as_json)


@app.command("accept")
def accept_task(
    task_id: str,
    comment: str = typer.Option("", help="Anything to tell the labeler."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Accept submitted labels: they count as true from now on."""
    body = {"comment": comment}
    print_task(client().post(f"{root(project)}/tasks/{task_id}/accept", json=body), as_json)


@app.command("reject")
def reject_task(
    task_id: str,
    comment: str = typer.Argument(..., help="What is wrong."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Give submitted labels back to their labeler."""
    body = {"comment": comment}
    print_task(client().post(f"{root(project)}/tasks/{task_id}/reject", json=body), as_json)


@app.command("progress")
def show_progress(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show counts, pace by labeler and when the work will be done."""
    params = {"queue": queue} if queue else {}
    found = client().get(f"{root(project)}/progress", params=params)
    if as_json:
        print_json(found)
        return
    shown = ("total", "median_s", "num_last_hour", "remaining_s", "forecast_at")
    print_facts(found["by_state"] | {key: found[key] for key in shown})
    columns = ["name", "num_submitted", "num_accepted", "num_rejections", "median_s"]
    print_table(found["labelers"], [*columns, "acceptance_rate"])


def _read_drafts(category: str | None, file: Path | None) -> list[dict[str, Any]]:
    if file is not None:
        drafts = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(drafts, list):
            return drafts
        raise Invalid(f"{file} must hold a JSON list of annotations.", file=str(file))
    if category is None:
        raise Invalid("Name the class, or give shapes with --file.")
    return [{"category": category, "kind": "class"}]


def _counts(made: dict[str, Any]) -> dict[str, Any]:
    return {"created": made["num_created"], "already_queued": made["num_existing"]}


def _print_next(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif found["detail"] is None:
        typer.echo("The queue is empty.")
    else:
        _print_detail(found["detail"], as_json=False)
        typer.echo(f"{found['remaining']} more after this one.")


def _print_detail(detail: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(detail)
        return
    facts = {key: detail["task"][key] for key in _TASK_COLUMNS}
    labels = [item["category"] for item in detail["annotations"]["annotations"]]
    print_facts(facts | {"image": detail["image"]["name"], "labels": ", ".join(labels) or None})
    for comment in detail["comments"]:
        typer.echo(f"{comment['kind']} by {comment['author']}: {comment['text']}")


def print_task(task: dict[str, Any], as_json: bool) -> None:
    """Print the facts of a task."""
    print_facts(task if as_json else {key: task[key] for key in _TASK_COLUMNS}, as_json=as_json)
