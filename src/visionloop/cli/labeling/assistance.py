"""Model assistance and active learning on the command line."""

from __future__ import annotations

import typer

from visionloop.cli.labeling.tasks import app, root
from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_table
from visionloop.cli.session import client
from visionloop.kernel.errors import Invalid

active_app = typer.Typer(help="Label next what the model learns most from.", no_args_is_help=True)

_MODEL_HELP = "NAME:VERSION; the deployed one, else the champion, by default."


@app.command("suggest-queue")
def suggest_queue(
    queue: str = typer.Argument(..., help="Queue whose open tasks get proposals."),
    *,
    model: str = typer.Option(None, help=_MODEL_HELP),
    limit: int = typer.Option(50, help="Tasks at most."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Let a model propose labels for the next open tasks of a queue."""
    body = {"model": model, "limit": limit}
    made = client().post(f"{root(project)}/queues/{queue}/suggest", json=body)
    print_facts(made, as_json=as_json)


@app.command("assist")
def show_assist(
    queue: str = typer.Option(None, help="Only this queue."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show what became of the labels that models proposed."""
    params = {"queue": queue} if queue else {}
    rows = client().get(f"{root(project)}/assist", params=params)["items"]
    columns = ["model", "num_tasks", "num_proposed", "unchanged", "low", "high", "num_edited"]
    print_table(rows, [*columns, "num_rejected", "num_own"], as_json=as_json)


@app.command("segment")
def segment_image(
    image_id: str,
    box: str = typer.Option(None, help="X1,Y1,X2,Y2 around the object, in pixels."),
    inside: list[str] = typer.Option(None, help="X,Y on the object; may be given again."),
    outside: list[str] = typer.Option(None, help="X,Y beside it; may be given again."),
    *,
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Outline an object from a box or a few places; nothing is saved."""
    body = {
        "box": None if box is None else _read(box, 4),
        "inside": [_read(text, 2) for text in inside or ()],
        "outside": [_read(text, 2) for text in outside or ()],
    }
    found = client().post(f"{root(project)}/images/{image_id}/segment", json=body)
    print_facts(found, as_json=as_json)


@active_app.command("batch")
def create_batch(
    name: str = typer.Argument(..., help="Labeling project."),
    size: int = typer.Option(100, help="Images at most."),
    *,
    model: str = typer.Option(None, help=_MODEL_HELP),
    assignee: str = typer.Option(None, help="Who gets them; all members by default."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Queue what the model is probably wrong about, diverse, and some by chance."""
    body = {"size": size, "model": model, "assignee": assignee}
    made = client().post(f"{root(project)}/projects/{name}/active-batches", json=body)
    shown = {key: made[key] for key in ("id", "queue", "num_tasks", "facts")}
    print_facts(made if as_json else shown, as_json=as_json)


@active_app.command("rerank")
def rerank_queue(
    name: str = typer.Argument(..., help="Labeling project."),
    model: str = typer.Option(None, help=_MODEL_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Order the open tasks by what a new model is probably wrong about."""
    done = client().post(f"{root(project)}/projects/{name}/rerank", json={"model": model})
    print_facts(done, as_json=as_json)


@active_app.command("curve")
def show_curve(
    name: str = typer.Argument(..., help="Labeling project."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show accuracy against labels spent."""
    found = client().get(f"{root(project)}/projects/{name}/curve")
    columns = ["model", "num_labels", "num_audited", "accuracy", "low", "high"]
    print_table(found["points"], columns, as_json=as_json)


def _read(text: str, count: int) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise Invalid(f"expected {count} numbers with commas between, received {text!r}.")
    return values
