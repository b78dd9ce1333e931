from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from visionloop.api.errors import install_error_handlers
from visionloop.client.http import Client
from visionloop.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated


def test_everything_but_signing_in_needs_credentials(test_client: TestClient) -> None:
    open_paths = {("POST", "/api/v1/session"), ("DELETE", "/api/v1/session")}
    document = test_client.get("/api/openapi.json").json()
    checked = 0
    for path, methods in document["paths"].items():
        for method in methods:
            if (method.upper(), path) in open_paths:
                continue
            answer = test_client.request(method.upper(), path.replace("{", "").replace("}", ""))
            assert answer.status_code == 401, (method, path, answer.text)
            # Object stores cannot sign in; a watch has a token of its own for them.
            assert answer.json()["code"] in ("not_signed_in", "watch_token_refused")
            checked += 1
    assert checked > 60


def test_every_operation_is_named_and_answers_with_a_shape(test_client: TestClient) -> None:
    document = test_client.get("/api/openapi.json").json()
    names = []
    for path, methods in document["paths"].items():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation.get("summary"), path
            assert "404" in operation["responses"], path
    assert len(names) == len(set(names))
    assert all(name == name.lower() and "__" not in name for name in names)


def test_name_and_password_give_a_cookie_that_scripts_cannot_read(test_client: TestClient) -> None:
    answer = test_client.post(
        "/api/v1/session", json={"name": "admin", "password": "correct-horse"}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert test_client.get("/api/v1/me").json()["is_admin"] is True
    test_client.delete("/api/v1/session")
    test_client.cookies.clear()
    assert test_client.get("/api/v1/me").status_code == 401


def test_errors_are_problem_json_and_rise_again_in_the_client(
    api_as: Callable[..., Client], api_client: Client, test_client: TestClient
) -> None:
    with pytest.raises(NotFound, match="no project named 'nowhere'"):
        api_client.get("/projects/nowhere")
    with pytest.raises(Forbidden, match="has no role that may read"):
        api_as(name="stranger").get("/projects/parts")
    with pytest.raises(Invalid, match="roles"):
        api_client.put("/projects/parts/users/admin/roles", json={})
    with pytest.raises(Unauthenticated):
        Client("http://testserver", token="vl_wrong", http=test_client).get("/me")


def test_unknown_api_paths_are_no_console_pages(test_client: TestClient) -> None:
    assert test_client.get("/api/v1/unknown").status_code == 404


def test_events_are_read_in_order_from_a_cursor(api_client: Client) -> None:
    first = api_client.get("/projects/parts/events", params={"limit": 1})
    rest = api_client.get("/projects/parts/events", params={"after": first["cursor"]})
    ids = [event["id"] for event in first["items"] + rest["items"]]
    assert ids == sorted(set(ids))


def test_metrics_name_routes_not_ids_and_are_for_operators(
    api_as: Callable[..., Client], api_client: Client
) -> None:
    api_client.get("/projects/parts/events")
    text = api_client.get("/metrics").decode()
    route = 'route="/api/v1/projects/{project}/events"'
    assert f'visionloop_http_requests_total{{code="200",method="GET",{route}}} 1.0' in text
    assert "visionloop_http_request_seconds_bucket" in text
    assert b"visionloop_jobs" in api_as("infra").get("/metrics")
    with pytest.raises(Forbidden):
        api_as("labeler").get("/metrics")


def test_a_full_disk_is_told_as_such() -> None:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/write")
    def _write() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    answer = TestClient(app, raise_server_exceptions=False).get("/write")
    assert answer.status_code == 507
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Make room and try again" in answer.json()["detail"]
