"""The label schema on the command line: show it, look ahead at a change, make it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
import yaml

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(
    help="Classes, hierarchies, attributes and skeletons, in versions.", no_args_is_help=True
)

_FILE_HELP = "YAML or JSON: what 'show --json' prints, changed; with class_moves for what goes."
_COUNTS = ("num_annotations", "num_images", "num_emptied", "num_open_tasks", "num_accepted")


def _path(project: str | None) -> str:
    return f"/projects/{default_project(project)}/labeling/schema"


@app.command("show")
def show_schema(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show the classes and attributes as they are now."""
    found = client().get(_path(project))
    if as_json:
        print_json(found)
        return
    typer.echo(f"version {found['version']}")
    print_table(found["classes"], ["name", "color", "hotkey", "parent", "skeleton.points"])
    if found["attributes"]:
        print_table(found["attributes"], ["name", "type", "scope", "values", "is_required"])


@app.command("versions")
def list_versions(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the versions that changes made, newest first."""
    rows = client().get(f"{_path(project)}/versions")["items"]
    columns = ["version", "created_by", "created_at", "note"]
    print_table(rows, columns, as_json=as_json, empty="The schema was never changed here.")


@app.command("preview")
def preview_schema(
    file: Path = typer.Argument(..., help=_FILE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Count what a change would rename, merge and drop, without doing it."""
    found = client().post(f"{_path(project)}/preview", json=_read_change(file))
    _print_preview(found, as_json)


@app.command("apply")
def apply_schema(
    file: Path = typer.Argument(..., help=_FILE_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Make a new version and move every live label to it, all at once or not at all."""
    found = client().put(_path(project), json=_read_change(file))
    if as_json:
        print_json(found)
        return
    typer.echo(f"version {found['label_schema']['version']}")
    _print_preview(found["done"], as_json=False)


def _read_change(file: Path) -> dict[str, Any]:
    try:
        change = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"{file} cannot be read as YAML or JSON: {error}", file=str(file)) from error
    if not isinstance(change, dict):
        raise Invalid(f"{file} must hold a mapping with 'classes'.", file=str(file))
    change.setdefault("expected_version", change.pop("version", None))
    return change


def _print_preview(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_facts({"added": ", ".join(found["added"]) or None} | {k: found[k] for k in _COUNTS})
    moves = [*found["class_moves"], *found["attribute_moves"]]
    if moves:
        print_table(moves, ["kind", "source", "target", "num_annotations", "num_images"])
    for warning in found["warnings"]:
        typer.secho(warning, fg=typer.colors.YELLOW)
