"""Choosing images on the command line: facets, tags, bulk actions and saved views."""

from __future__ import annotations

from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project
from visionloop.kernel.errors import Invalid

NAME = "images"
app = typer.Typer(
    help="Choose images by filter: count, tag, exclude, save views.", no_args_is_help=True
)

FilterArgument = typer.Argument(..., help="Such as 'label:bolt and luminance_mean < 40'.")
FilterOption = typer.Option("", "--filter", "-f", help="Only images that it chooses.")


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}"


@app.command("fields")
def list_fields(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List what filters can ask about."""
    fields = client().get(f"{_root(project)}/image-fields")
    if as_json:
        print_json(fields)
        return
    print_table(fields["items"], ["name", "kind", "meaning", "example", "sortable"])
    print_table(fields["label_fields"], ["name", "kind", "meaning", "example"])


@app.command("list")
def list_images(
    filter: str = typer.Argument("", help="Such as 'label:bolt and luminance_mean < 40'."),
    *,
    sort: str = typer.Option("created", help="A field; '-' before it turns the order round."),
    view: str = typer.Option(None, help="A saved view that gives filter and order."),
    limit: int = typer.Option(50, help="At most this many."),
    exact: bool = typer.Option(False, help="Count exactly, however long it takes."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the images that a filter chooses."""
    where = [filter]
    if view is not None:
        saved = client().get(f"{_root(project)}/image-views/{view}")
        where.append(saved["filter"])
        sort = saved["sort"]
    items: list[dict[str, Any]] = []
    params: dict[str, Any] = {"where": where, "sort": sort, "exact": exact}
    page: dict[str, Any] = {"next": None}
    while len(items) < limit:
        size = min(500, limit - len(items))
        cursor = {"cursor": page["next"]} if page["next"] else {}
        page = client().get(f"{_root(project)}/images", params=params | {"limit": size} | cursor)
        items += page["items"]
        if page["next"] is None:
            break
    if as_json:
        print_json(page | {"items": items})
        return
    rows = [row | {"short_id": row["id"][:12]} for row in items]
    print_table(rows, ["short_id", "name", "camera", "annotation_status", "labels", "tags"])
    about = "" if page["total_is_exact"] else "about "
    typer.echo(f"{len(rows)} of {about}{page['total']} images")


@app.command("facets")
def show_facets(
    filter: str = FilterOption,
    field: list[str] = typer.Option([], help="label, tag, camera, split, ...; repeatable."),
    exact: bool = typer.Option(False, help="Count exactly, however long it takes."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Count images by class, tag, camera and more."""
    params = {"where": filter, "field": field, "exact": exact}
    found = client().get(f"{_root(project)}/image-facets", params=params)
    if as_json:
        print_json(found)
        return
    rows = [
        {"field": facet["field"], "value": value["value"], "images": value["count"]}
        for facet in found["items"]
        for value in facet["values"]
    ]
    print_table(rows, ["field", "value", "images"])


@app.command("histogram")
def show_histogram(
    field: str = typer.Argument(..., help="A number, such as luminance_mean."),
    filter: str = FilterOption,
    bins: int = typer.Option(20, help="So many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Show how a statistic is spread over images."""
    params = {"where": filter, "field": field, "bins": bins}
    found = client().get(f"{_root(project)}/image-histogram", params=params)
    if as_json:
        print_json(found)
        return
    most = max(found["counts"], default=0)
    for low, high, count in zip(found["edges"], found["edges"][1:], found["counts"], strict=False):
        bar = "#" * round(40 * count / most)
        typer.echo(f"{low:12.4g} to {high:<12.4g} {count:8d} {bar}")


@app.command("tags")
def list_tags(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the tags of images."""
    print_table(
        client().get(f"{_root(project)}/tags")["items"], ["value", "count"], as_json=as_json
    )


@app.command("tag")
def tag_images(
    filter: str = FilterArgument,
    *,
    add: list[str] = typer.Option([], help="Tag to put on; repeatable."),
    remove: list[str] = typer.Option([], help="Tag to take off; repeatable."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Put tags on all images that a filter chooses, and take others off."""
    if not add and not remove:
        raise Invalid("Name a tag with --add or --remove.")
    body = {"selection": {"filter": filter}, "add": add, "remove": remove}
    print_facts(client().post(f"{_root(project)}/tags", json=body), as_json=as_json)


@app.command("exclude")
def exclude_images(
    filter: str = FilterArgument,
    *,
    reason: str = typer.Option("", help="Why; it stands in the audit trail."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Take all images that a filter chooses out of future versions."""
    body = {"selection": {"filter": filter}, "reason": reason}
    print_facts(client().post(f"{_root(project)}/images/exclude", json=body), as_json=as_json)


@app.command("restore")
def restore_images(
    filter: str = FilterArgument, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Bring all excluded images that a filter chooses back."""
    body = {"selection": {"filter": filter}}
    print_facts(client().post(f"{_root(project)}/images/restore", json=body), as_json=as_json)


@app.command("views")
def list_views(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List saved views."""
    rows = client().get(f"{_root(project)}/image-views")["items"]
    print_table(rows, ["name", "filter", "sort", "shared", "created_by"], as_json=as_json)


@app.command("save-view")
def save_view(
    name: str = typer.Argument(..., help="Name of the view."),
    filter: str = FilterArgument,
    *,
    sort: str = typer.Option("created", help="A field; '-' before it turns the order round."),
    column: list[str] = typer.Option([], help="Field that tables show; repeatable."),
    shared: bool = typer.Option(False, help="Let everybody in the project see it."),
    project: str = ProjectOption,
) -> None:
    """Save a filter, an order and columns under a name."""
    body = {"filter": filter, "sort": sort, "columns": column, "shared": shared}
    client().put(f"{_root(project)}/image-views/{name}", json=body)


@app.command("delete-view")
def delete_view(
    name: str = typer.Argument(..., help="Name of the view."), project: str = ProjectOption
) -> None:
    """Delete a saved view."""
    client().delete(f"{_root(project)}/image-views/{name}")
