"""Projects, users, events and change proposals on the command line."""

from __future__ import annotations

from pathlib import Path

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project, save_credentials

_STARTER = """\
# A Visionloop project. Apply it with: visionloop apply
project: {name}
task: classification   # or detection, multilabel_classification, ...
description: What the cameras see, in one sentence.

labels: [good, scratched]

# Where images are: a folder on the server, or s3://, az://, gs://, abfs://
# datastores:
#   - name: photos
#     url: /data/photos

# Roles per workspace: data_engineer, labeler, reviewer, data_scientist, ml_engineer,
# approver, infra, viewer, admin.
users:
  - name: lena
    roles: {{dev: [labeler]}}
  - name: dario
    roles: {{dev: [data_scientist], staging: [data_scientist], prod: [viewer]}}
  - name: aki
    roles: {{staging: [approver], prod: [approver]}}
  - name: ines
    roles: {{dev: [infra], staging: [infra], prod: [infra]}}

# A model passes its gates on the staging endpoint before a person lets it go to production.
endpoints:
  - name: {name}-staging
    workspace: staging
  - name: {name}
    workspace: prod

monitors:
  - name: {name}
    endpoint: {name}
    review_on_alert: true   # the images most likely wrong become tasks of the assignee
    assignee: lena
"""

_NO_CHANGE = "Nothing to change: everything is as the file says."


def init(name: str = typer.Argument(..., help="Name of the project.")) -> None:
    """Write a visionloop.yaml to start from."""
    from visionloop.kernel.errors import Conflict

    path = Path("visionloop.yaml")
    if path.exists():
        raise Conflict(f"{path} is already there; edit it, or work in another folder.")
    path.write_text(_STARTER.format(name=name))
    typer.echo(f"Wrote {path}. Edit it, then run: visionloop apply")


def plan(file: Path = typer.Argument(Path("visionloop.yaml")), as_json: bool = JsonOption) -> None:
    """Show what applying a project file would change."""
    answer = client().post("/spec/plan", json={"content": _read(file)})
    columns = ["action", "kind", "name", "summary"]
    print_table(answer["changes"], columns, as_json=as_json, empty=_NO_CHANGE)


def apply(file: Path = typer.Argument(Path("visionloop.yaml")), as_json: bool = JsonOption) -> None:
    """Make the installation what a project file says."""
    answer = client().post("/spec/apply", json={"content": _read(file)})
    if as_json:
        print_json(answer)
        return
    print_table(answer["changes"], ["action", "kind", "name", "summary"], empty=_NO_CHANGE)
    for name, password in answer["passwords"].items():
        typer.echo(f"First password of {name}: {password}")


def login(
    url: str = typer.Option("http://127.0.0.1:8080", help="Address of the server."),
    name: str = typer.Option(..., prompt=True),
    password: str = typer.Option(..., prompt=True, hide_input=True),
) -> None:
    """Sign in and remember it for later commands."""
    from visionloop.client.http import Client

    token = Client(url).post("/session", json={"name": name, "password": password})["token"]
    typer.echo(f"Signed in as {name}; kept in {save_credentials(url, token)}")


def events(
    project: str = ProjectOption,
    after: int = typer.Option(0, help="Number of the last event already seen."),
    limit: int = typer.Option(50),
    as_json: bool = JsonOption,
) -> None:
    """List state changes in order: the audit trail."""
    path = f"/projects/{default_project(project)}/events"
    params = {"after": after, "limit": limit, "newest_first": after == 0}
    items = client().get(path, params=params)["items"]
    rows = sorted(items, key=lambda item: item["id"])
    print_table(rows, ["id", "time", "actor", "type", "subject"], as_json=as_json)


def _read(file: Path) -> str:
    from visionloop.kernel.errors import Invalid, NotFound

    if not file.is_file():
        raise NotFound(f"There is no {file}. Write one with: visionloop init NAME", file=str(file))
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{file} is no text in UTF-8; save it as such.", file=str(file)) from None


COMMANDS = (init, plan, apply, login, events)

NAME = "admin"
app = typer.Typer(help="Projects, users, tokens and change proposals.", no_args_is_help=True)


@app.command("projects")
def list_projects(as_json: bool = JsonOption) -> None:
    """List the projects that you may read."""
    print_table(
        client().get("/projects")["items"], ["name", "task", "description"], as_json=as_json
    )


@app.command("users")
def list_users(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the members of a project with their roles."""
    params = {"project": default_project(project)}
    rows = client().get("/users", params=params)["items"]
    for row in rows:
        row["roles"] = ", ".join(
            f"{grant['workspace']}:{grant['role']}"
            for grant in row["grants"]
            if grant["project"] == params["project"]
        )
    print_table(rows, ["name", "is_admin", "roles"], as_json=as_json)


@app.command("create-token")
def create_token(
    name: str = typer.Argument(..., help="What the token is for."),
    days: float = typer.Option(90, help="Days until it expires."),
    user: str = typer.Option(None, help="Another user, as an administrator."),
    as_json: bool = JsonOption,
) -> None:
    """Create an API token; its secret is shown once."""
    answer = client().post("/tokens", json={"name": name, "days": days, "user": user})
    print_facts(answer, as_json=as_json)


@app.command("proposals")
def list_proposals(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List change proposals, newest first."""
    rows = client().get(f"/projects/{default_project(project)}/proposals")["items"]
    print_table(rows, ["id", "state", "kind", "summary", "decided_by"], as_json=as_json)


@app.command("approve-proposal")
def approve_proposal(
    proposal_id: str, reason: str = typer.Option("", help="Why."), as_json: bool = JsonOption
) -> None:
    """Approve a change proposal and apply it."""
    answer = client().post(f"/proposals/{proposal_id}/approve", json={"reason": reason})
    print_facts(answer, as_json=as_json)


@app.command("reject-proposal")
def reject_proposal(
    proposal_id: str, reason: str = typer.Option("", help="Why."), as_json: bool = JsonOption
) -> None:
    """Reject a change proposal."""
    answer = client().post(f"/proposals/{proposal_id}/reject", json={"reason": reason})
    print_facts(answer, as_json=as_json)
