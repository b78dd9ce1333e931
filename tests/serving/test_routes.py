"""The REST API of endpoints, with and without their processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.serving.models import build_package, make_image
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from visionloop.serving.health import wait_ready
from visionloop.serving.supervisor import EndpointSupervisor

BASE = "/projects/parts/endpoints"


@pytest.fixture
def supervisor(application: Application) -> Iterator[EndpointSupervisor]:
    running = EndpointSupervisor(application.database, application.home, interval_s=0.05)
    running.start()
    yield running
    running.stop_endpoints()


def test_endpoints_from_creation_to_deletion(application: Application, api_client: Client) -> None:
    created = api_client.post(BASE, json={"name": "parts-prod", "workspace": "prod"})
    assert created["url"] == f"http://127.0.0.1:{created['port']}"
    assert api_client.get(BASE)["total"] == 1
    assert api_client.get(BASE, params={"workspace": "dev"})["items"] == []
    digest = build_package(application.home.packages_dir)
    where = f"{BASE}/parts-prod"
    deployed = api_client.put(f"{where}/deployments/blue", json={"model_digest": digest})
    assert (deployed["weight"], deployed["model_name"]) == (100, "colors")
    other = build_package(application.home.packages_dir, labels=("a", "b", "c"))
    body = {"model_digest": other, "model_version": "2", "weight": 10}
    api_client.put(f"{where}/deployments/green", json=body)
    split = api_client.put(f"{where}/traffic", json={"weights": {"blue": 50, "green": 50}})
    assert {d["name"]: d["weight"] for d in split["deployments"]} == {"blue": 50, "green": 50}
    with pytest.raises(Conflict):
        api_client.delete(f"{where}/deployments/green")
    with pytest.raises(Invalid):
        api_client.put(f"{where}/traffic", json={"weights": {"blue": 50}})
    api_client.put(f"{where}/traffic", json={"weights": {"blue": 100}})
    api_client.delete(f"{where}/deployments/green")
    with pytest.raises(NotFound):
        api_client.delete(f"{where}/deployments/green")
    changed = api_client.patch(where, json={"log_sample_rate": 0.5})
    assert changed["log_sample_rate"] == 0.5
    assert api_client.get(f"{where}/health")["state"] == "starting"
    assert api_client.get(f"{where}/log")["lines"] == []
    with pytest.raises(Unavailable):
        api_client.post(f"{where}/score", content=make_image())
    api_client.delete(where)
    with pytest.raises(NotFound):
        api_client.get(where)


def test_keys_are_shown_once(api_client: Client) -> None:
    api_client.post(BASE, json={"name": "parts-prod"})
    issued = api_client.post(f"{BASE}/parts-prod/keys", json={"name": "line 4"})
    assert issued["secret"].startswith(issued["key"]["prefix"])
    listed = api_client.get(f"{BASE}/parts-prod/keys")["items"]
    assert listed == [issued["key"]]
    assert "sha256" not in listed[0]
    api_client.delete(f"{BASE}/parts-prod/keys/{issued['key']['id']}")
    assert api_client.get(f"{BASE}/parts-prod/keys")["items"][0]["revoked_at"] is not None


def test_roles_are_checked(api_client: Client, api_as: Callable[..., Client]) -> None:
    api_client.post(BASE, json={"name": "parts-prod", "workspace": "prod"})
    viewer = api_as("viewer")
    assert viewer.get(f"{BASE}/parts-prod")["name"] == "parts-prod"
    for refused in (
        lambda: viewer.post(BASE, json={"name": "mine"}),
        lambda: viewer.delete(f"{BASE}/parts-prod"),
        lambda: viewer.post(f"{BASE}/parts-prod/restart"),
        lambda: viewer.get(f"{BASE}/parts-prod/keys"),
        lambda: api_as(name="stranger").get(BASE),
    ):
        with pytest.raises(Forbidden):
            refused()


@pytest.mark.parametrize(
    "body", [{"name": "A"}, {"name": "ok", "port": 80}, {"name": "ok", "workspace": "moon"}, {}]
)
def test_bad_endpoints_are_refused(api_client: Client, body: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        api_client.post(BASE, json=body)


def test_an_image_is_scored_through_the_console(
    application: Application, api_client: Client, supervisor: EndpointSupervisor
) -> None:
    api_client.post(
        BASE, json={"name": "parts-prod", "workspace": "prod", "max_body_bytes": 50_000}
    )
    api_client.post(f"{BASE}/parts-prod/keys", json={"name": "a key closes it to others"})
    digest = build_package(application.home.packages_dir)
    where = f"{BASE}/parts-prod"
    api_client.put(f"{where}/deployments/blue", json={"model_digest": digest})
    scope = {"project": "parts", "endpoint": "parts-prod"}
    wait_ready(application.database, application.home, SYSTEM, **scope, digest=digest, timeout_s=30)
    answer = api_client.post(
        f"{where}/score", content=make_image("green"), params={"deployment": "blue"}
    )
    assert (answer["label"], answer["deployment"]) == ("green", "blue")
    assert answer["model"]["digest"] == digest
    for bad in (b"no image", b"x" * 60_000):
        with pytest.raises(Invalid):
            api_client.post(f"{where}/score", content=bad)
    health = api_client.get(f"{where}/health")
    assert (health["state"], health["num_requests"]) == ("healthy", 2)
    assert health["latency_p50_ms"] > 0
    api_client.post(f"{where}/restart")
    wait_ready(application.database, application.home, SYSTEM, **scope, timeout_s=30)
    assert api_client.get(f"{where}/health")["num_requests"] == 0
