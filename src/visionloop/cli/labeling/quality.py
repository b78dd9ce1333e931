"""Consensus, hidden tests and quality on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from visionloop.cli.labeling.tasks import app, root
from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client

gold_app = typer.Typer(help="Images with known labels that test labelers.", no_args_is_help=True)

_QUEUE_HELP = "Only this queue."


@app.command("disputes")
def list_disputes(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    state: str = typer.Option("disputed", help="disputed, agreed or resolved."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List images whose answers disagree, the worst first."""
    params = {"state": state} | ({"queue": queue} if queue else {})
    rows = client().get(f"{root(project)}/consensus", params=params)["items"]
    columns = ["id", "queue", "agreement", "annotators", "image_id", "choice"]
    print_table(rows, columns, as_json=as_json, empty="No dispute waits.")


@app.command("dispute")
def show_dispute(case_id: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show what everybody said about an image."""
    found = client().get(f"{root(project)}/consensus/{case_id}")
    if as_json:
        print_json(found)
        return
    print_facts({key: found["case"][key] for key in ("id", "image_id", "state", "agreement")})
    columns = ["category", "seen_by", "categories", "similarity", "is_kept"]
    print_table(found["case"]["objects"], columns)


@app.command("settle")
def settle_dispute(
    case_id: str,
    choice: str = typer.Argument("merged", help="merged, an annotator's name, or own."),
    file: Path = typer.Option(None, help="JSON list of annotations, for own."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Decide a dispute."""
    drafts = [] if file is None else json.loads(file.read_text(encoding="utf-8"))
    body = {"choice": choice, "annotations": drafts}
    decided = client().post(f"{root(project)}/consensus/{case_id}/resolve", json=body)
    shown = {key: decided[key] for key in ("id", "state", "choice", "resolved_by")}
    print_facts(decided if as_json else shown, as_json=as_json)


@app.command("quality")
def show_quality(
    queue: str = typer.Option(None, help=_QUEUE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show hidden tests, agreement and pace, person by person."""
    params = {"queue": queue} if queue else {}
    found = client().get(f"{root(project)}/quality", params=params)
    if as_json:
        print_json(found)
        return
    print_facts({key: found[key] for key in ("mean_agreement", "fleiss", "krippendorff")})
    columns = ["name", "num_submitted", "num_gold", "gold.value", "gold.low", "gold.high"]
    print_table(found["annotators"], [*columns, "consensus", "estimate", "median_s", "per_hour"])


@gold_app.command("list")
def list_gold(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the images that test labelers."""
    rows = client().get(f"{root(project)}/gold")["items"]
    print_table(rows, ["image_id", "created_by", "created_at"], as_json=as_json)


@gold_app.command("add")
def add_gold(
    image_ids: list[str] = typer.Argument(..., help="Images with accepted labels."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Test labelers with images from now on."""
    added = client().post(f"{root(project)}/gold", json={"image_ids": image_ids})
    print_facts(added if as_json else {"added": added["total"]}, as_json=as_json)


@gold_app.command("remove")
def remove_gold(
    image_ids: list[str] = typer.Argument(..., help="Images."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Stop testing with images; scores stay."""
    removed = client().post(f"{root(project)}/gold/remove", json={"image_ids": image_ids})
    print_facts(removed, as_json=as_json)
