"""Endpoints on the command line."""

from __future__ import annotations

from pathlib import Path

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_table
from visionloop.cli.session import client, default_project

NAME = "endpoints"

app = typer.Typer(
    help="Online endpoints: deploy models, split traffic, issue keys, look at health.",
    no_args_is_help=True,
)


@app.command("list")
def list_endpoints(project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List endpoints and where they answer."""
    rows = client().get(_path(project))["items"]
    for row in rows:
        row["traffic"] = {d["name"]: d["weight"] for d in row["deployments"]}
    columns = ["name", "workspace", "url", "desired_state", "traffic"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_endpoint(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Show an endpoint with its deployments."""
    found = client().get(_path(project, name))
    if as_json:
        print_facts(found, as_json=True)
        return
    deployments = found.pop("deployments")
    print_facts(found)
    columns = ["name", "model_name", "model_version", "weight", "mirror", "model_digest"]
    print_table(deployments, columns)


@app.command("create")
def create_endpoint(
    name: str,
    workspace: str = typer.Option("dev", help="dev, staging or prod."),
    port: int = typer.Option(None, help="Port to listen on; chosen when left out."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Create an endpoint; its process starts within seconds."""
    body = {"name": name, "workspace": workspace, "port": port}
    print_facts(client().post(_path(project), json=body), as_json=as_json)


@app.command("delete")
def delete_endpoint(name: str, project: str = ProjectOption) -> None:
    """Stop and forget an endpoint; its prediction log is kept."""
    client().delete(_path(project, name))


@app.command("start")
def start_endpoint(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Start an endpoint that was stopped."""
    body = {"desired_state": "running"}
    print_facts(client().patch(_path(project, name), json=body), as_json=as_json)


@app.command("stop")
def stop_endpoint(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Stop an endpoint's process."""
    body = {"desired_state": "stopped"}
    print_facts(client().patch(_path(project, name), json=body), as_json=as_json)


@app.command("restart")
def restart_endpoint(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Stop an endpoint's process, draining its requests, and start it again."""
    print_facts(client().post(_path(project, name, "restart")), as_json=as_json)


@app.command("deploy")
def deploy_model(
    name: str,
    deployment: str,
    *,
    model: str = typer.Option(None, help="Registered model; with --version."),
    version: str = typer.Option("latest", help="Version number, alias or latest."),
    digest: str = typer.Option(None, help="Digest of a model package, instead of --model."),
    weight: int = typer.Option(None, help="Percent of live requests."),
    mirror: int = typer.Option(None, help="Percent of live requests scored in the shadow."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Put a model behind an endpoint, or change a deployment."""
    if (model is None) == (digest is None):
        raise typer.BadParameter("name the model with --model and --version, or with --digest")
    connection = client()
    body = {"model_digest": digest, "weight": weight, "mirror": mirror}
    if model is not None:
        path = f"/projects/{default_project(project)}/models/{model}/versions/{version}"
        found = connection.get(path)["version"]
        body |= {"model_digest": found["digest"], "model_version": str(found["version"])}
    path = _path(project, name, "deployments", deployment)
    print_facts(connection.put(path, json=body), as_json=as_json)


@app.command("remove")
def remove_deployment(name: str, deployment: str, project: str = ProjectOption) -> None:
    """Take away a deployment that receives no live traffic."""
    client().delete(_path(project, name, "deployments", deployment))


@app.command("traffic")
def set_traffic(
    name: str,
    shares: list[str] = typer.Argument(..., help="DEPLOYMENT=PERCENT, adding up to 100."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Split the live traffic of an endpoint."""
    weights: dict[str, int] = {}
    for share in shares:
        deployment, _, percent = share.partition("=")
        if not percent.isdigit():
            raise typer.BadParameter(f"'{share}' is not DEPLOYMENT=PERCENT, such as blue=90")
        weights[deployment] = int(percent)
    changed = client().put(_path(project, name, "traffic"), json={"weights": weights})
    print_table(changed["deployments"], ["name", "weight", "mirror"], as_json=as_json)


@app.command("health")
def show_health(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """Measure an endpoint: state, requests, latencies, errors, queue."""
    print_facts(client().get(_path(project, name, "health")), as_json=as_json)


@app.command("log")
def show_log(
    name: str,
    num_lines: int = typer.Option(100, "--lines", "-n", help="How many."),
    project: str = ProjectOption,
) -> None:
    """Print the end of what the endpoint's process wrote."""
    answer = client().get(_path(project, name, "log"), params={"num_lines": num_lines})
    for line in answer["lines"]:
        typer.echo(line)


@app.command("keys")
def list_keys(name: str, project: str = ProjectOption, as_json: bool = JsonOption) -> None:
    """List the keys of an endpoint."""
    rows = client().get(_path(project, name, "keys"))["items"]
    print_table(rows, ["id", "name", "prefix", "created_by", "revoked_at"], as_json=as_json)


@app.command("create-key")
def create_key(
    name: str,
    key_name: str = typer.Argument(..., help="Who will use it."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Issue a key; its secret is shown this once."""
    issued = client().post(_path(project, name, "keys"), json={"name": key_name})
    if as_json:
        print_facts(issued, as_json=True)
        return
    typer.echo(issued["secret"])
    typer.echo("Keep it now: it is not shown again.", err=True)


@app.command("revoke-key")
def revoke_key(name: str, key_id: str, project: str = ProjectOption) -> None:
    """Refuse a key from now on."""
    client().delete(_path(project, name, "keys", key_id))


def score(
    endpoint: str = typer.Argument(..., help="Name of the endpoint."),
    images: list[Path] = typer.Argument(..., help="Image files.", exists=True, dir_okay=False),
    deployment: str = typer.Option(None, help="Force one deployment."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Score image files on an endpoint."""
    connection = client()
    path = _path(project, endpoint, "score")
    params = {"deployment": deployment} if deployment else {}
    rows = []
    for image in images:
        answer = connection.post(path, content=image.read_bytes(), params=params)
        rows.append({"file": str(image), **answer, "total_ms": answer["timings"]["total_ms"]})
    columns = ["file", "label", "score", "deployment", "total_ms"]
    print_table(rows, columns, as_json=as_json)


COMMANDS = (score,)


def _path(project: str | None, *parts: str) -> str:
    return "/".join([f"/projects/{default_project(project)}/endpoints", *parts])
