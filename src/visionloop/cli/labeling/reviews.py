"""Comments, mended labels and refused saves on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from visionloop.cli.labeling.tasks import app, print_task, root
from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_table
from visionloop.cli.session import client
from visionloop.kernel.errors import Invalid


@app.command("fix")
def fix_task(
    task_id: str,
    file: Path = typer.Argument(..., help="JSON list of annotations as they should be."),
    comment: str = typer.Option("", help="Anything to tell the labeler."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Replace submitted labels by better ones and accept these."""
    connection, path = client(), f"{root(project)}/tasks/{task_id}"
    body = {
        "annotations": json.loads(file.read_text(encoding="utf-8")),
        "expected_revision": connection.get(path)["annotations"]["revision"],
        "comment": comment,
    }
    print_task(connection.post(f"{path}/fix", json=body), as_json)


@app.command("comment")
def comment_task(
    task_id: str,
    text: str,
    *,
    at: str = typer.Option(None, help="Place it is pinned to, in pixels: X,Y."),
    reply_to: str = typer.Option(None, help="Comment whose thread it continues."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Leave a note for whoever works on the task next."""
    x, y = _read_place(at)
    body = {"text": text, "x": x, "y": y, "reply_to": reply_to}
    said = client().post(f"{root(project)}/tasks/{task_id}/comments", json=body)
    print_facts(said if as_json else {"id": said["id"], "text": said["text"]}, as_json=as_json)


@app.command("resolve")
def resolve_comment(
    task_id: str, comment_id: str, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Close the thread that a comment belongs to."""
    path = f"{root(project)}/tasks/{task_id}/comments/{comment_id}/resolve"
    print_facts(client().post(path), as_json=as_json)


@app.command("conflicts")
def list_conflicts(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List saves that came too late; both versions are kept until somebody decides."""
    rows = client().get(f"{root(project)}/conflicts")["items"]
    columns = ["id", "task_id", "author", "expected_revision", "current_revision", "created_at"]
    print_table(rows, columns, as_json=as_json, empty="No save was refused.")


@app.command("decide")
def decide_conflict(
    conflict_id: str,
    resolution: str = typer.Argument(..., help="adopted or discarded."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Put a refused version in place of the present one, or discard it."""
    path = f"{root(project)}/conflicts/{conflict_id}/resolve"
    labels = client().post(path, json={"resolution": resolution})
    shown = {"image_id": labels["image_id"], "revision": labels["revision"]}
    print_facts(labels if as_json else shown, as_json=as_json)


def _read_place(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid(f"--at must be X,Y in pixels, for example 12.5,40; got {text!r}.") from error
    return x, y
