"""Endpoints, deployments and traffic in the database and in the endpoint file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ActorFactory
from tests.serving.models import build_package
from visionloop.admin.entities import Actor, Project
from visionloop.admin.events import list_events
from visionloop.admin.spec import ResourceSpec
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.errors import Forbidden
from visionloop.serving.configuration import parse_endpoint_file
from visionloop.serving.deployments import (
    TrafficSplit,
    deploy_model,
    list_deployed_digests,
    remove_deployment,
    set_traffic,
)
from visionloop.serving.endpoints import (
    create_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    update_endpoint,
)
from visionloop.serving.entities import DeploymentSpec, Endpoint, EndpointSpec
from visionloop.serving.errors import (
    DeploymentInUse,
    DeploymentNotFound,
    EndpointExists,
    EndpointInvalid,
    EndpointNotFound,
    KeyNotFound,
    PackageNotFound,
    PackageUnusable,
    PromotionRequired,
    TrafficInvalid,
)
from visionloop.serving.files import endpoint_folder
from visionloop.serving.keys import create_key, list_keys, revoke_key
from visionloop.serving.setup import EndpointApplier
from visionloop.storage.database import Database
from visionloop.storage.home import Home


@pytest.fixture
def endpoint(database: Database, home: Home, admin_actor: Actor, project: Project) -> Endpoint:
    spec = EndpointSpec(name="parts-prod", workspace="prod")
    return create_endpoint(database, home, admin_actor, project=project.name, spec=spec)


@pytest.fixture
def scope(
    database: Database, home: Home, admin_actor: Actor, endpoint: Endpoint
) -> tuple[tuple[Database, Home, Actor], dict[str, str]]:
    """What every use case of a deployment takes first."""
    return (database, home, admin_actor), {"project": "parts", "endpoint": endpoint.name}


def read_file(home: Home, name: str = "parts-prod") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        (endpoint_folder(home, name) / "endpoint.json").read_text()
    )
    return content


def weights(home: Home) -> dict[str, int]:
    return {entry["name"]: entry["weight"] for entry in read_file(home)["deployments"]}


def events(database: Database, actor: Actor) -> list[str]:
    return [
        event.type.removeprefix("visionloop.") for event in list_events(database, actor, "parts")
    ]


def test_creating_twice_is_creating_once(
    database: Database, home: Home, admin_actor: Actor, endpoint: Endpoint
) -> None:
    spec = EndpointSpec(name="parts-prod", workspace="prod")
    again = create_endpoint(database, home, admin_actor, project="parts", spec=spec)
    assert again == endpoint
    assert events(database, admin_actor).count("endpoint.created") == 1
    assert read_file(home)["port"] == endpoint.port
    for other in (replace(spec, workspace="dev"), replace(spec, port=endpoint.port + 1)):
        with pytest.raises(EndpointExists):
            create_endpoint(database, home, admin_actor, project="parts", spec=other)


def test_bad_endpoints_are_refused(
    database: Database, home: Home, admin_actor: Actor, endpoint: Endpoint
) -> None:
    good = EndpointSpec(name="other")
    for bad in (
        replace(good, name="Bad Name"),
        replace(good, workspace="moon"),
        replace(good, log_sample_rate=2.0),
        replace(good, max_in_flight=0),
    ):
        with pytest.raises(EndpointInvalid):
            create_endpoint(database, home, admin_actor, project="parts", spec=bad)
    taken = replace(good, port=endpoint.port)
    with pytest.raises(EndpointExists, match="in use"):
        create_endpoint(database, home, admin_actor, project="parts", spec=taken)
    assert len(list_endpoints(database, admin_actor, "parts")) == 1
    assert list_endpoints(database, admin_actor, "parts", workspace="staging") == []


def test_only_those_who_may_deploy_do(
    database: Database, home: Home, endpoint: Endpoint, make_actor: ActorFactory
) -> None:
    digest = build_package(home.packages_dir)
    viewer = make_actor("viewer")
    assert get_endpoint(database, viewer, "parts", name=endpoint.name) == endpoint
    with pytest.raises(Forbidden):
        deploy_model(
            database, home, viewer, project="parts", endpoint=endpoint.name,
            spec=DeploymentSpec("blue", digest),
        )  # fmt: skip
    with pytest.raises(Forbidden):
        get_endpoint(database, make_actor(), "parts", name=endpoint.name)
    with pytest.raises(EndpointNotFound):
        get_endpoint(database, viewer, "parts", name="nowhere")


@pytest.mark.parametrize("role", ["infra", "ml_engineer", "data_scientist"])
def test_nobody_deploys_past_the_gates_of_production(
    database: Database, home: Home, endpoint: Endpoint, make_actor: ActorFactory, role: str
) -> None:
    spec = DeploymentSpec(name="main", model_digest=build_package(home.packages_dir))
    with pytest.raises(Forbidden) as refused:
        deploy_model(
            database, home, make_actor(role), project="parts", endpoint="parts-prod", spec=spec
        )
    if role != "data_scientist":  # who may not deploy at all is told that first
        assert isinstance(refused.value, PromotionRequired)


def test_deploying_splitting_and_removing(scope: Any, home: Home) -> None:
    use, where = scope
    database, _, actor = use
    first = build_package(home.packages_dir)
    second = build_package(home.packages_dir, labels=("rouge", "vert", "bleu"))
    deployed = deploy_model(*use, **where, spec=DeploymentSpec("blue", first, "1"))
    assert (deployed.weight, deployed.model_name) == (100, "colors")
    spec = DeploymentSpec("green", second, "2")
    assert deploy_model(*use, **where, spec=spec) == deploy_model(*use, **where, spec=spec)
    assert weights(home) == {"blue": 100, "green": 0}
    deploy_model(*use, **where, spec=replace(spec, weight=10, mirror=50))
    assert weights(home) == {"blue": 90, "green": 10}
    deploy_model(*use, **where, spec=spec)
    assert read_file(home)["deployments"][1]["mirror"] == 50
    with pytest.raises(DeploymentInUse):
        remove_deployment(*use, **where, name="blue")
    for _ in range(2):
        set_traffic(*use, **where, split=TrafficSplit({"green": 100}, {"blue": 5}))
    assert weights(home) == {"blue": 0, "green": 100}
    assert list_deployed_digests(database) == {first, second}
    assert remove_deployment(*use, **where, name="blue") is True
    assert remove_deployment(*use, **where, name="blue") is False
    assert weights(home) == {"green": 100}
    assert remove_deployment(*use, **where, name="green") is True
    assert [kind for kind in events(database, actor) if kind.startswith(("dep", "tra"))] == [
        "deployment.created",
        "deployment.created",
        "deployment.updated",
        "traffic.changed",
        "deployment.removed",
        "deployment.removed",
    ]


def test_bad_deployments_and_splits_are_refused(scope: Any, home: Home) -> None:
    use, where = scope
    digest = build_package(home.packages_dir)
    with pytest.raises(PackageNotFound):
        deploy_model(*use, **where, spec=DeploymentSpec("blue", "0" * 64))
    broken = home.packages_dir / ("1" * 64)
    broken.mkdir()
    (broken / "package.json").write_text("{}")
    with pytest.raises(PackageUnusable):
        deploy_model(*use, **where, spec=DeploymentSpec("blue", "1" * 64))
    for bad in (DeploymentSpec("blue", digest, weight=50), DeploymentSpec("b", digest, mirror=101)):
        with pytest.raises((TrafficInvalid, EndpointInvalid)):
            deploy_model(*use, **where, spec=bad)
    deploy_model(*use, **where, spec=DeploymentSpec("blue", digest))
    for split in ({"blue": 99}, {"blue": 101}, {}):
        with pytest.raises(TrafficInvalid):
            set_traffic(*use, **where, split=TrafficSplit(split))
    with pytest.raises(DeploymentNotFound):
        set_traffic(*use, **where, split=TrafficSplit({"red": 100}))
    assert weights(home) == {"blue": 100}


def test_keys_reach_the_endpoint_file_as_hashes(scope: Any, home: Home) -> None:
    use, where = scope
    database, _, actor = use
    issued = create_key(*use, **where, name="line 4")
    content = read_file(home)
    assert content["keys"] == [sha256_bytes(issued.secret.encode())]
    assert issued.secret not in json.dumps(content)
    assert content["control_key"] not in content["keys"]
    for _ in range(2):
        revoke_key(*use, **where, key_id=issued.key.id)
    assert read_file(home)["keys"] == []
    assert [key.revoked_at is None for key in list_keys(database, actor, **where)] == [False]
    assert events(database, actor).count("endpoint_key.revoked") == 1
    with pytest.raises(KeyNotFound):
        revoke_key(*use, **where, key_id="key_0")


def test_changing_and_deleting(
    database: Database, home: Home, admin_actor: Actor, endpoint: Endpoint
) -> None:
    scope = {"project": "parts", "name": endpoint.name}
    for bad in ({"port": 1}, {"desired_state": "asleep"}, {"max_pixels": 1}):
        with pytest.raises(EndpointInvalid):
            update_endpoint(database, home, admin_actor, **scope, changes=bad)
    changes = {"log_sample_rate": 0.25, "desired_state": "stopped"}
    changed = update_endpoint(database, home, admin_actor, **scope, changes=changes)
    assert changed.desired_state == "stopped"
    assert read_file(home)["log"]["sample_rate"] == 0.25
    (home.predictions_dir / endpoint.name).mkdir()
    delete_endpoint(database, home, admin_actor, **scope)
    assert not endpoint_folder(home, endpoint.name).exists()
    assert (home.predictions_dir / endpoint.name).is_dir()
    with pytest.raises(EndpointNotFound):
        delete_endpoint(database, home, admin_actor, **scope)


def test_the_file_reads_back_as_it_was_written(scope: Any, home: Home) -> None:
    use, where = scope
    deploy_model(*use, **where, spec=DeploymentSpec("blue", build_package(home.packages_dir), "1"))
    path = endpoint_folder(home, "parts-prod") / "endpoint.json"
    assert parse_endpoint_file(path.read_bytes()).to_bytes() == path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert Path(read_file(home)["deployments"][0]["package_dir"]).is_dir()


def test_a_project_file_sets_endpoints_up(
    database: Database, home: Home, admin_actor: Actor, project: Project
) -> None:
    applier = EndpointApplier(database, home)
    resource = ResourceSpec("endpoint", "parts-dev", {"workspace": "dev", "log_sample_rate": 0.5})
    for _ in range(2):
        applier.apply(admin_actor, project.name, resource)
    assert applier.current(project.name)["parts-dev"]["log_sample_rate"] == 0.5
    changed = replace(resource, values={"max_in_flight": 8, "desired_state": "stopped"})
    applier.apply(admin_actor, project.name, changed)
    assert applier.current(project.name)["parts-dev"]["max_in_flight"] == 8
    with pytest.raises(EndpointInvalid):
        applier.apply(admin_actor, project.name, replace(resource, values={"replicas": 3}))
    with pytest.raises(EndpointInvalid):
        applier.apply(admin_actor, project.name, replace(resource, values={"workspace": "prod"}))
