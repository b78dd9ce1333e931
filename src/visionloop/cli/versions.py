"""Upkeep of dataset versions on the command line: changes, tags, lineage, restore, prune."""

from __future__ import annotations

from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.progress import follow_job
from visionloop.cli.session import client, default_project

app = typer.Typer(help="Look after frozen dataset versions.", no_args_is_help=True)

_COLUMNS = ["reference", "num_images", "splits", "digest", "created_by", "created_at"]


@app.command("changes")
def list_changes(
    base: str = typer.Argument(..., help="The earlier version, NAME:NUMBER."),
    other: str = typer.Argument(..., help="The later version."),
    *,
    kind: str = typer.Option(None, help="added, removed, relabeled, moved or edited."),
    limit: int = typer.Option(50, help="At most this many."),
    offset: int = typer.Option(0, help="Skip this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List every image that two versions hold differently, before and after."""
    params: dict[str, Any] = {"against": base, "limit": limit, "offset": offset}
    if kind is not None:
        params["kind"] = kind
    page = client().get(f"{_root(project)}/{other}/changes", params=params)
    if as_json:
        print_json(page)
        return
    for change in page["items"]:
        typer.echo(f"{', '.join(change['kinds'])}  {change['name']}{_describe(change)}")
    typer.echo(f"{len(page['items'])} of {page['total']} images")


@app.command("tag")
def set_tag(
    version: str = typer.Argument(..., help="NAME, NAME:NUMBER, NAME@TAG or id."),
    tag: str = typer.Argument(..., help="A word such as golden; it moves here."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Let a tag stand for a version; NAME@TAG then means it everywhere."""
    print_facts(client().put(f"{_root(project)}/{version}/tags/{tag}"), as_json=as_json)


@app.command("untag")
def remove_tag(
    name: str = typer.Argument(..., help="Name of the dataset."),
    tag: str = typer.Argument(..., help="The tag to take away."),
    project: str = ProjectOption,
) -> None:
    """Take a tag away; the version stays."""
    client().delete(f"/projects/{default_project(project)}/dataset-tags/{name}/{tag}")


@app.command("tags")
def list_tags(
    name: str = typer.Argument(None, help="Only those of this dataset."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the tags of dataset versions."""
    params = {"name": name} if name else {}
    path = f"/projects/{default_project(project)}/dataset-tags"
    rows = client().get(path, params=params)["items"]
    print_table(rows, ["name", "tag", "version_id", "set_by", "set_at"], as_json=as_json)


@app.command("lineage")
def show_lineage(
    version: str = typer.Argument(..., help="NAME, NAME:NUMBER, NAME@TAG or id."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show where a version comes from, and which runs and models were made of it."""
    found = client().get(f"{_root(project)}/{version}/lineage")
    if as_json:
        print_json(found)
        return
    family = [("parent", item) for item in found["parents"][::-1]]
    family += [("this", found["version"]), *(("child", item) for item in found["children"])]
    rows = [{"relation": relation} | item for relation, item in family]
    print_table(rows, ["relation", *_COLUMNS])
    print_table(found["uses"], ["version", "kind", "id"], empty="Nothing depends on it.")


@app.command("restore")
def restore_version(
    version: str = typer.Argument(..., help="NAME, NAME:NUMBER, NAME@TAG or id."),
    *,
    yes: bool = typer.Option(False, "--yes", help="Do it; without, only show what would change."),
    limit: int = typer.Option(20, help="Show at most this many images."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Set live labels back to those of a version; restoring the undo version undoes it."""
    root = f"{_root(project)}/{version}"
    if yes:
        job_id = client().post(f"{root}/restorations")["job_id"]
        print_facts(follow_job(job_id, "Restoring", quiet=as_json), as_json=as_json)
        return
    preview = client().get(f"{root}/restoration", params={"limit": limit})
    if as_json:
        print_json(preview)
        return
    for change in preview["items"]:
        typer.echo(f"{change['name']}{_describe(change)}")
    print_facts({name: preview[name] for name in ("version", "num_changed", "num_missing")})
    typer.echo("Nothing was changed. Add --yes to restore.")


@app.command("prune")
def prune_versions(
    *,
    keep_newest: int = typer.Option(5, help="Keep so many versions of every dataset."),
    older_than_days: float = typer.Option(0.0, help="Keep younger versions."),
    name: str = typer.Option(None, help="Look at this dataset only."),
    yes: bool = typer.Option(False, "--yes", help="Delete; without, only show what would go."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Delete old versions that no run, model, tag or kept version depends on."""
    body = {"keep_newest": keep_newest, "older_than_days": older_than_days, "name": name}
    path = f"/projects/{default_project(project)}/dataset-retention"
    report = client().post(path, json=body | {"dry_run": not yes})
    if as_json:
        print_json(report)
        return
    verb = "deleted" if report["applied"] else "would go"
    rows = [{"decision": verb, "why": ""} | item for item in report["deleted"]]
    rows += [
        {"decision": "kept", "why": "; ".join(item["reasons"])} | item["version"]
        for item in report["kept"]
    ]
    print_table(rows, ["decision", "reference", "num_images", "created_at", "why"])
    typer.echo(f"{report['freed_bytes']:,} bytes of manifests {verb}.")


@app.command("leakage")
def report_leakage(
    version: str = typer.Argument(..., help="NAME, NAME:NUMBER, NAME@TAG or id."),
    *,
    against: str = typer.Option(None, help="Hold the training images of this version against it."),
    kind: str = typer.Option(None, help="exact, group or near-duplicate."),
    limit: int = typer.Option(20, help="Show at most this many pairs."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Name images that lie on two sides of a split; exit code 1 when there are any."""
    params: dict[str, Any] = {"limit": limit}
    params |= {key: value for key, value in (("against", against), ("kind", kind)) if value}
    report = client().get(f"{_root(project)}/{version}/leakage", params=params)
    if as_json:
        print_json(report)
    else:
        for pair in report["items"]:
            first, second = pair["first"], pair["second"]
            why = pair["group_key"] or (
                f"{pair['distance']} bits apart" if pair["distance"] is not None else "same file"
            )
            typer.echo(
                f"{pair['kind']}  {first['name']} ({first['split']})  "
                f"{second['name']} ({second['split']})  {why}"
            )
        print_facts(report["num_pairs"])
    if any(report["num_pairs"].values()):
        raise typer.Exit(1)


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/dataset-versions"


def _describe(change: dict[str, Any]) -> str:
    parts = []
    if "relabeled" in change["kinds"]:
        parts.append(f"{change['label_before']} -> {change['label_after']}")
    if "moved" in change["kinds"]:
        parts.append(f"{change['split_before']} -> {change['split_after']}")
    if "edited" in change["kinds"]:
        fields = change["fields"].items()
        parts += [f"{name}: {value['before']} -> {value['after']}" for name, value in fields]
    return f": {'; '.join(parts)}" if parts else ""
