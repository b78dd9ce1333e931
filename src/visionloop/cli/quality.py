"""Quality of images and labels on the command line."""

from __future__ import annotations

from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.progress import follow_job
from visionloop.cli.session import client, default_project

app = typer.Typer(help="Find odd images and labels, and mend them.", no_args_is_help=True)

_PAGE = 500


@app.command("scan")
def scan(
    *,
    with_files: bool = typer.Option(False, help="Read every image again: slow."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Look at every image and label; what people decided before stays decided."""
    job_id = client().post(f"{_root(project)}/scans", json={"with_files": with_files})["job_id"]
    report = follow_job(job_id, "Looking", quiet=as_json)
    if as_json:
        print_json(report)
        return
    kinds = report.pop("findings")
    print_facts(report)
    print_table(
        [{"kind": kind, "findings": count} for kind, count in sorted(kinds.items())],
        ["kind", "findings"],
        empty="Nothing odd was found.",
    )


@app.command("labels")
def check_labels(
    run: str = typer.Argument(..., help="Id of a finished run."),
    *,
    dataset_version: str = typer.Option(None, help="Default: what the run learned from."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Rank labels by how much a trained model doubts them."""
    body = {"run_id": run, "dataset_version": dataset_version}
    job_id = client().post(f"{_root(project)}/label-checks", json=body)["job_id"]
    report = follow_job(job_id, "Checking labels", quiet=as_json)
    print_facts(report, as_json=as_json)


@app.command("findings")
def list_findings(
    *,
    kind: str = typer.Option(None, help="Only this kind, e.g. box-outside."),
    severity: str = typer.Option(None, help="error, warning or info."),
    status: str = typer.Option("open", help="open, fixed, excluded, sent, dismissed or gone."),
    image: str = typer.Option(None, help="Only those of this image."),
    limit: int = typer.Option(50, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List findings, the worst of each kind first."""
    wanted = {"kind": kind, "severity": severity, "status": status, "image_id": image}
    params: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
    page = client().get(f"{_root(project)}/findings", params=params | {"limit": limit})
    if as_json:
        print_json(page)
        return
    rows = [row | {"image": (row["image_id"] or "-")[:12]} for row in page["items"]]
    print_table(rows, ["id", "severity", "kind", "image", "message"])
    typer.echo(f"{len(rows)} of {page['total']} findings")


@app.command("act")
def act(
    action: str = typer.Argument(..., help="fix, exclude, label or dismiss."),
    findings: list[str] = typer.Argument(None, help="Ids of findings."),
    *,
    kind: str = typer.Option(None, help="All open findings of this kind instead."),
    queue: str = typer.Option("quality", help="Where 'label' sends images."),
    assignee: str = typer.Option(None, help="Who labels them."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Do one thing about many findings; 'undo' takes it back."""
    ids = list(findings or [])
    if kind is not None:
        ids += _open_ids(project, kind)
    body = {"name": action, "finding_ids": ids, "queue": queue, "assignee": assignee}
    done = client().post(f"{_root(project)}/actions", json=body)
    _print_action(done, as_json=as_json)


@app.command("actions")
def list_actions(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List what was done about findings, newest first."""
    rows = client().get(f"{_root(project)}/actions")["items"]
    columns = ["id", "name", "num_findings", "actor", "created_at", "undone_at"]
    print_table(rows, columns, as_json=as_json)


@app.command("undo")
def undo(
    action: str = typer.Argument(..., help="Id of the action."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Take an action back where nobody changed anything since."""
    _print_action(client().post(f"{_root(project)}/actions/{action}/undo"), as_json=as_json)


def _root(project: str | None) -> str:
    return f"/projects/{default_project(project)}/quality"


def _open_ids(project: str | None, kind: str) -> list[str]:
    ids: list[str] = []
    while True:
        params = {"kind": kind, "limit": _PAGE, "offset": len(ids)}
        page = client().get(f"{_root(project)}/findings", params=params)["items"]
        ids += [item["id"] for item in page]
        if len(page) < _PAGE:
            return ids


def _print_action(done: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    print_facts({name: done[name] for name in ("id", "name", "num_findings", "undone_at")})
    for item in done["skipped"]:
        typer.echo(f"left alone  {item['finding_id']}: {item['reason']}")
