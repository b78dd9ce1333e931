"""Annotation formats on the command line: import, import-labels, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.progress import follow_job
from visionloop.cli.session import client, default_project
from visionloop.client import formats as remote

app = typer.Typer(help="Import and export annotation formats.", no_args_is_help=True)

_SHOWN = 20
FormatOption = typer.Option("auto", help="auto, or a format of 'visionloop formats list'.")


@app.command("list")
def list_formats(as_json: bool = JsonOption) -> None:
    """List the annotation formats and the geometry that each holds."""
    page = client().get("/formats")
    if as_json:
        print_json(page)
        return
    rows = [
        {
            "name": item["name"],
            "title": item["title"],
            "geometry": ", ".join(item["holds"]["kinds"]),
            "written": "yes" if item["writable"] else "no",
        }
        for item in page["items"]
    ]
    print_table(rows, ["name", "title", "geometry", "written"])


@app.command("import")
def import_dataset(
    source: Path = typer.Argument(..., help="Folder or zip file on this machine."),
    *,
    format: str = FormatOption,
    group_by: str = typer.Option("none", help="As for 'visionloop data ingest'."),
    add_classes: bool = typer.Option(False, help="Add unknown classes to the label schema."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Send images with their labels to the server; for folders there use 'data ingest'."""
    report = remote.import_dataset(
        client(),
        default_project(project),
        source,
        wait=_wait("Importing", quiet=as_json),
        format=format,
        group_by=group_by,
        add_classes=add_classes,
    )
    shown = ("datastore", "format", "num_files", "added", "already_present", "num_duplicates")
    _print_report(report, (*shown, "num_refused", "annotations", "seconds"), as_json=as_json)


@app.command("import-labels")
def import_labels(
    source: Path = typer.Argument(..., help="Folder, zip file or annotation file."),
    *,
    format: str = FormatOption,
    match: str = typer.Option("auto", help="Recognise images by digest, uri, name, or auto."),
    replace: bool = typer.Option(False, help="Replace labels that are there already."),
    add_classes: bool = typer.Option(False, help="Add unknown classes to the label schema."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Give images that are already there the labels of a file."""
    report = remote.import_labels(
        client(),
        default_project(project),
        source,
        wait=_wait("Importing labels", quiet=as_json),
        format=format,
        match=match,
        replace=replace,
        add_classes=add_classes,
    )
    shown = ("format", "num_seen", "num_labeled", "annotations", "replaced", "num_kept")
    _print_report(report, (*shown, "num_unmatched", "seconds"), as_json=as_json)
    if not as_json:
        for name, reason in report["unmatched"][:_SHOWN]:
            typer.echo(f"Unmatched {name}: {reason}")


@app.command("losses")
def show_losses(
    format: str = typer.Argument(..., help="A format of 'visionloop formats list'."),
    *,
    version: str = typer.Option(None, help="NAME:NUMBER; default: the present labels."),
    where: list[str] = typer.Option([], help="Filter such as 'exif.Model=iPhone 7'; repeatable."),
    split: list[str] = typer.Option([], help="train, val or test; repeatable."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Say what an export would lose; exit code 1 when it would lose anything."""
    body = {"format": format, "version": version, "filters": where, "splits": split}
    page = client().post(f"/projects/{default_project(project)}/exports/losses", json=body)
    if as_json:
        print_json(page)
    for loss in () if as_json else page["items"]:
        typer.echo(loss["sentence"])
    if page["total"]:
        raise typer.Exit(1)


@app.command("export")
def export_dataset(
    to: Path = typer.Argument(..., help="A new folder, or a file ending in .zip."),
    *,
    format: str = typer.Option(..., help="A format of 'visionloop formats list'."),
    version: str = typer.Option(None, help="NAME:NUMBER; default: the present labels."),
    where: list[str] = typer.Option([], help="Filter such as 'exif.Model=iPhone 7'; repeatable."),
    split: list[str] = typer.Option([], help="train, val or test; repeatable."),
    images: bool = typer.Option(True, help="Write the image files, too."),
    accept_loss: bool = typer.Option(False, help="Write although something is lost."),
    image_root: str = typer.Option("", help="Address of the folder of the images."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Write a dataset version, or the present labels, to this machine."""
    report = remote.export_dataset(
        client(),
        default_project(project),
        to,
        wait=_wait("Exporting", quiet=as_json),
        format=format,
        version=version,
        filters=where,
        splits=split,
        with_images=images,
        accept_loss=accept_loss,
        image_root=image_root,
    )
    shown = ("format", "version", "num_images", "num_annotations", "num_files", "num_missing")
    _print_report(report, (*shown, "seconds"), as_json=as_json)
    for line in () if as_json else report["losses"]:
        typer.secho(f"Lost: {line}", fg=typer.colors.YELLOW)


def _wait(title: str, *, quiet: bool) -> Callable[[str], Any]:
    return lambda job_id: follow_job(job_id, title, quiet=quiet)


def _print_report(report: dict[str, Any], names: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    print_facts({name: report[name] for name in names})
    for line in report["warnings"]:
        typer.secho(f"Warning: {line}", fg=typer.colors.YELLOW)
