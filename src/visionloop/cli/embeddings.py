"""Embeddings, similarity search and maps on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

app = typer.Typer(help="Embed images, find similar ones, map them.", no_args_is_help=True)

NameArgument = typer.Argument(..., help="Name of the embeddings.")
DetachOption = typer.Option(False, help="Do not wait for the end.")


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/embeddings"


@app.command("list")
def list_spaces(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the embeddings of a project."""
    rows = client().get(_root(project))["items"]
    columns = ["name", "model", "dimension", "num_images", "is_exact", "created_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("create")
def create_space(
    name: str = NameArgument,
    *,
    model: str = typer.Option(None, help="A registered model, NAME or NAME/VERSION."),
    checkpoint: str = typer.Option(None, help="A hub id or folder of a vision checkpoint."),
    detach: bool = DetachOption,
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Embed the images that have no vector yet; run it again to add new images."""
    body: dict[str, Any] = {"name": name, "checkpoint": checkpoint}
    if model:
        body["model"], _, version = model.partition("/")
        body["version"] = version or "latest"
    started = client().post(_root(project), json=body)
    _finish(started, detach=detach, as_json=as_json)


@app.command("similar")
def find_similar(
    name: str = NameArgument,
    image: str = typer.Argument(..., help="Id of an image, or an image file on this machine."),
    *,
    filter: str = typer.Option("", "--filter", "-f", help="Only images that it chooses."),
    limit: int = typer.Option(20, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the images most like one."""
    path, params = f"{_root(project)}/{name}/similar", {"where": filter, "limit": limit}
    file = Path(image).expanduser()
    if file.is_file():
        found = client().post(path, params=params, files={"file": (file.name, file.read_bytes())})
    else:
        found = client().get(path, params=params | {"image_id": image})
    if as_json:
        print_json(found)
        return
    rows = [
        {"similarity": item["similarity"], "short_id": item["image"]["id"][:12]}
        | {key: item["image"][key] for key in ("name", "labels")}
        for item in found["items"]
    ]
    print_table(rows, ["similarity", "short_id", "name", "labels"])


@app.command("map")
def make_map(
    name: str = NameArgument,
    *,
    method: str = typer.Option("tsne", help="tsne or pca."),
    max_points: int = typer.Option(3000, help="A random sample of so many images."),
    detach: bool = DetachOption,
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Lay the images out on a plane, alike ones near each other."""
    body = {"method": method, "max_points": max_points}
    started = client().post(f"{_root(project)}/{name}/map", json=body)
    _finish(started, detach=detach, as_json=as_json)


@app.command("show-map")
def show_map(
    name: str = NameArgument,
    *,
    color_by: str = typer.Option("label", help="A field whose value every point carries."),
    filter: str = typer.Option("", "--filter", "-f", help="Marks the images that it chooses."),
    project: str = ProjectOption,
) -> None:
    """Print a map as JSON: points with image id, x, y, value and whether they are chosen."""
    params = {"color_by": color_by, "where": filter}
    print_json(client().get(f"{_root(project)}/{name}/map", params=params))


@app.command("delete")
def delete_space(name: str = NameArgument, project: str = ProjectOption) -> None:
    """Delete embeddings; the images stay."""
    client().delete(f"{_root(project)}/{name}")


def _finish(started: dict[str, Any], *, detach: bool, as_json: bool) -> None:
    if detach:
        print_facts(started, as_json=as_json)
        return
    job = client().wait_for_job(started["job_id"])
    if job["state"] != "succeeded":
        raise Invalid(f"The job {job['state']}: {job['message']}", job=started["job_id"])
    print_facts(job["outputs"], as_json=as_json)
