"""Images and dataset versions on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.progress import follow_job
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(help="Ingest images, freeze and check dataset versions.", no_args_is_help=True)

_SHOWN = 20


@app.command("ingest")
def ingest_folder(
    source: str = typer.Argument(..., help="A folder on the server, or a registered datastore."),
    *,
    path: str = typer.Option("", help="Only files below this path of the source."),
    format: str = typer.Option(
        "auto", help="auto, images for no labels, or a format such as coco."
    ),
    group_by: str = typer.Option(
        "none",
        help="What a split must never part. exif-session: pictures of one camera taken in one go "
        "(with labels, a subject ends where a class comes again after a pause). near-duplicate: "
        "pictures that look the same. path:REGEX: what the expression finds in the path. "
        "exif-session:SECONDS: a longer pause ends a session. column:metadata.KEY or "
        "column:exif.KEY: the same value. none.",
    ),
    managed: bool = typer.Option(False, help="Copy the files instead of pointing at them."),
    add_classes: bool = typer.Option(False, help="Add unknown classes to the label schema."),
    origin: str = typer.Option("ingest", help="ingest or production."),
    metadata: list[str] = typer.Option([], "--set", "-s", help="KEY=VALUE for every image."),
    processes: int = typer.Option(0, help="Read beside each other; 0 takes every core for many."),
    detach: bool = typer.Option(False, help="Do not wait for the end."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Read a folder of images with their annotations."""
    chosen = default_project(project)
    folder = Path(source).expanduser()
    is_folder = folder.is_dir() or "/" in source
    place = {"folder": str(folder.resolve())} if is_folder else {"datastore": source}
    body = {
        **place,
        "path": path,
        "format": format,
        "group_by": group_by,
        "managed": managed,
        "add_classes": add_classes,
        "origin": origin,
        "processes": processes,
        "metadata": dict(_parse_pair(text) for text in metadata),
    }
    job_id = client().post(f"/projects/{chosen}/ingests", json=body)["job_id"]
    if detach:
        print_facts({"job_id": job_id}, as_json=as_json)
        return
    _print_report(follow_job(job_id, "Ingesting", quiet=as_json), as_json=as_json)


@app.command("images")
def list_images(
    *,
    where: list[str] = typer.Option([], help="Filter such as 'exif.Model=iPhone 7'; repeatable."),
    label: str = typer.Option(None, help="Only images that show this class."),
    status: str = typer.Option(None, help="unlabeled, labeled, accepted or rejected."),
    text: str = typer.Option(None, help="Part of the name."),
    limit: int = typer.Option(50, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List images."""
    wanted = {"label": label, "annotation_status": status, "text": text, "limit": limit}
    params: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
    page = client().get(
        f"/projects/{default_project(project)}/images", params=params | {"where": where}
    )
    if as_json:
        print_json(page)
        return
    rows = [row | {"short_id": row["id"][:12]} for row in page["items"]]
    print_table(rows, ["short_id", "name", "camera", "annotation_status", "labels", "group_key"])
    typer.echo(f"{len(rows)} of {page['total']} images")


@app.command("lineage")
def show_lineage(
    image_id: str = typer.Argument(..., help="Id of the image, its sha256."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Trace what became of an image: versions, runs, models, predictions, tasks, events."""
    found = client().get(f"/projects/{default_project(project)}/images/{image_id}/lineage")
    if as_json:
        print_json(found)
        return
    tables = {
        "versions": ["reference", "split", "label", "created_at"],
        "runs": ["name", "recipe", "status", "split", "created_at"],
        "models": ["model", "version", "aliases", "created_at"],
        "predictions": ["endpoint", "deployment", "label", "score", "time"],
        "tasks": ["queue", "state", "labeler", "reviewer", "created_at"],
        "events": ["time", "type", "actor"],
    }
    for name, columns in tables.items():
        typer.secho(f"\n{name.capitalize()}", bold=True)
        print_table(found[name], columns, empty="None.")


@app.command("summary")
def show_summary(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Count images by class, camera and state."""
    summary = client().get(f"/projects/{default_project(project)}/data/summary")
    print_facts(summary, as_json=as_json)


@app.command("freeze")
def freeze_version(
    name: str = typer.Argument(..., help="Name of the dataset; versions count up within it."),
    *,
    where: list[str] = typer.Option([], help="Filter such as 'exif.Model=iPhone 7'; repeatable."),
    fractions: str = typer.Option("0.7,0.15,0.15", help="Shares of train, val and test."),
    seed: int = typer.Option(0, help="Another seed gives another split."),
    parent: str = typer.Option(None, help="Version whose splits are kept; default: the newest."),
    notes: str = typer.Option("", help="What this version is for."),
    accepted_only: bool = typer.Option(False, help="Leave out labels nobody accepted."),
    source_splits: bool = typer.Option(False, help="Take the splits the set came with."),
    allow_empty_classes: bool = typer.Option(False, help="Freeze without some classes."),
    group_by: list[str] = typer.Option(
        [], help="What a split never parts, as for ingest; repeatable, rules work together."
    ),
    keep_test: bool = typer.Option(False, help="Put nothing new into the parent's test split."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Freeze the labeled images into an immutable, split version."""
    body = {
        "name": name,
        "filters": where,
        "fractions": _parse_fractions(fractions),
        "seed": seed,
        "parent": parent,
        "notes": notes,
        "accepted_only": accepted_only,
        "use_source_splits": source_splits,
        "allow_empty_classes": allow_empty_classes,
        "group_by": group_by,
        "keep_test": keep_test,
    }
    root = f"/projects/{default_project(project)}/dataset-versions"
    _print_version(client().post(root, json=body), as_json=as_json)


@app.command("versions")
def list_versions(
    name: str = typer.Argument(None, help="Only versions of this name."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List dataset versions, newest first."""
    params = {"name": name} if name else {}
    root = f"/projects/{default_project(project)}/dataset-versions"
    rows = client().get(root, params=params)["items"]
    columns = ["reference", "num_images", "splits", "digest", "created_by", "created_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("diff")
def diff_versions(
    base: str = typer.Argument(..., help="The earlier version, NAME:NUMBER."),
    other: str = typer.Argument(..., help="The later version."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Tell what changed between two dataset versions."""
    root = f"/projects/{default_project(project)}/dataset-versions"
    found = client().get(f"{root}/{other}/diff", params={"against": base})
    if as_json:
        print_json(found)
        return
    names = ("added", "removed", "relabeled", "moved", "edited", "unchanged")
    print_facts({name: found[f"num_{name}"] for name in names})
    for kind in ("relabeled", "moved", "edited"):
        for change in found[kind][:_SHOWN]:
            typer.echo(f"{kind}  {change['name']}: {change['before']} -> {change['after']}")


@app.command("verify")
def verify_version(
    version: str = typer.Argument(..., help="NAME, NAME:NUMBER or id."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Read every image of a version again; exit code 1 when one has changed."""
    root = f"/projects/{default_project(project)}/dataset-versions"
    job_id = client().post(f"{root}/{version}/verifications")["job_id"]
    report = follow_job(job_id, "Verifying", quiet=as_json)
    if as_json:
        print_json(report)
    else:
        facts = {name: report[name] for name in ("version", "num_checked", "manifest_intact")}
        print_facts(facts | {"broken": report["num_broken"]})
        if report["manifest_problem"]:
            typer.echo(f"manifest: {report['manifest_problem']}")
        for item in report["broken"]:
            typer.echo(f"{item['name']}: {item['problem']}")
    if not report["intact"]:
        raise typer.Exit(1)


@app.command("delete")
def delete_version(
    version: str = typer.Argument(..., help="NAME:NUMBER or id."), project: str = ProjectOption
) -> None:
    """Delete a dataset version that nothing uses; its images stay."""
    client().delete(f"/projects/{default_project(project)}/dataset-versions/{version}")


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    names = ("datastore", "format", "num_files", "added", "already_present", "num_duplicates")
    print_facts({name: report[name] for name in (*names, "num_refused", "annotations", "seconds")})
    grouping = report["grouping"]
    if grouping:
        typer.echo(
            f"{grouping['num_groups']} groups by {grouping['rule']}, certain for "
            f"{grouping['certainty']:.0%} of the images. {grouping['explanation']}"
        )
    for line in report["warnings"]:
        typer.secho(f"Warning: {line}", fg=typer.colors.YELLOW)
    for item in report["refused"][:_SHOWN]:
        typer.echo(f"Refused {item['path']}: {item['reason']}")
    for item in report["duplicates"][:_SHOWN]:
        typer.echo(f"Duplicate {item['path']}: same bytes as {item['first_path']}")


def _print_version(version: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(version)
        return
    names = ("reference", "digest", "num_images", "num_annotations", "splits")
    print_facts({name: version[name] for name in names})
    for line in version["warnings"]:
        typer.secho(f"Warning: {line}", fg=typer.colors.YELLOW)


def _parse_fractions(text: str) -> dict[str, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid(f"{text!r} are no shares; write for example 0.7,0.15,0.15.") from error
    return {"train": train, "val": val, "test": test}


def _parse_pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise Invalid(f"{text!r} is no KEY=VALUE.")
    return key, value
