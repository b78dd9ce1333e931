"""Registered models on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

NAME = "models"
app = typer.Typer(help="Register, list, compare, verify and download models.", no_args_is_help=True)

_VERSION_HELP = "A number, an alias such as 'champion', or 'latest'."


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/models"


@app.command("list")
def list_models(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List models with their aliases."""
    rows = client().get(_root(project))["items"]
    print_table(
        rows, ["name", "latest_version", "num_versions", "aliases", "created_at"], as_json=as_json
    )


@app.command("versions")
def list_versions(model: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the versions of a model, newest first."""
    rows = client().get(f"{_root(project)}/{model}/versions")["items"]
    columns = ["reference", "metrics.accuracy", "aliases", "run_id", "created_by", "created_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("register")
def register_model(
    model: str = typer.Argument(..., help="Name; a new one starts with version 1."),
    run_id: str = typer.Argument(..., help="A finished run."),
    notes: str = typer.Option("", help="Anything worth knowing about this version."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Register the model of a run: checked against its checkpoint, packed and signed."""
    body = {"run_id": run_id, "notes": notes}
    _print_version(client().post(f"{_root(project)}/{model}/versions", json=body), as_json)


@app.command("show")
def show_version(
    model: str,
    version: str = typer.Argument("latest", help=_VERSION_HELP),
    card: bool = typer.Option(False, "--card", help="Print the model card instead."),
    *,
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show a version with its metrics, or its model card."""
    found = client().get(f"{_root(project)}/{model}/versions/{version}")
    if as_json:
        print_json(found)
    elif card:
        typer.echo(found["model_card"])
    else:
        _print_version(found["version"], as_json=False)


@app.command("compare")
def compare_versions(
    model: str,
    versions: list[str] = typer.Argument(..., help="Two or more: numbers or aliases."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Put versions side by side: metrics, and the facts in which they differ."""
    found = client().get(f"{_root(project)}/{model}/compare", params={"version": versions})
    if as_json:
        print_json(found)
        return
    names = [str(version["reference"]) for version in found["versions"]]
    rows = [
        {"": key, **dict(zip(names, values, strict=True))}
        for part in (found["metrics"], found["changed"])
        for key, values in part.items()
    ]
    print_table(rows, ["", *names])


@app.command("alias")
def set_alias(
    model: str,
    alias: str,
    version: str = typer.Argument("latest", help=_VERSION_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Point an alias to a version; 'champion' takes the right to deploy to production."""
    path = f"{_root(project)}/{model}/aliases/{alias}"
    _print_version(client().put(path, json={"version": version}), as_json)


@app.command("unalias")
def delete_alias(model: str, alias: str, project: str = ProjectOption) -> None:
    """Take an alias away; the version stays."""
    client().delete(f"{_root(project)}/{model}/aliases/{alias}")
    typer.echo(f"{model} has no alias {alias} any more.")


@app.command("lineage")
def show_lineage(
    model: str,
    version: str = typer.Argument("latest", help=_VERSION_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Trace a version from its data to where it serves."""
    found = client().get(f"{_root(project)}/{model}/versions/{version}/lineage")
    if as_json:
        print_json(found)
        return
    print_table(found["nodes"], ["kind", "name", "facts", "created_by", "created_at"])


@app.command("verify")
def verify_version(
    model: str,
    version: str = typer.Argument("latest", help=_VERSION_HELP),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Read every byte of a package again and check its signature."""
    found = client().post(f"{_root(project)}/{model}/versions/{version}/verify")
    print_facts(found, as_json=as_json)
    if not found["intact"]:
        raise typer.Exit(1)


@app.command("download")
def download_package(
    model: str,
    version: str = typer.Argument("latest", help=_VERSION_HELP),
    to: Path = typer.Option(None, help="File to write; MODEL-VERSION.zip when left out."),
    project: str = ProjectOption,
) -> None:
    """Download a package as a zip file: model, checkpoint, evidence, card and signature."""
    from visionloop.kernel.digests import write_atomically

    data = client().get(f"{_root(project)}/{model}/versions/{version}/package")
    path = to or Path(f"{model}-{version}.zip")
    write_atomically(path, data)
    typer.echo(f"Wrote {path} ({len(data):,} bytes).")


@app.command("public-key")
def show_public_key(as_json: bool = JsonOption) -> None:
    """Print the key that checks this installation's signatures."""
    found = client().get("/registry/public-key")
    if as_json:
        print_json(found)
        return
    typer.echo(found["pem"], nl=False)


def _print_version(version: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(version)
        return
    shown = ("reference", "digest", "task", "run_id", "aliases", "created_by", "created_at")
    facts: dict[str, Any] = {key: version[key] for key in shown}
    facts["parity"] = version["parity"]["max_abs_difference"]
    print_facts(facts | version["metrics"])
