"""Plain images over HTTP: answers, and clear refusals."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading

import pytest

from tests.serving.conftest import RunningServer, ServerFactory, entry
from tests.serving.models import build_package, make_image


@pytest.mark.parametrize("path", ["/", "/score"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_answers_an_image(server: RunningServer, path: str, kind: str) -> None:
    answer = server.post(make_image("green", kind=kind), path)
    content = answer.json()
    assert answer.status_code == 200, content
    assert content["label"] == "green"
    assert content["score"] == content["probabilities"]["green"] > 0.9
    assert sum(content["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    assert content["deployment"] == answer.headers["visionloop-deployment"] == "main"
    assert content["model"]["name"] == "colors"
    assert len(content["model"]["digest"]) == 64
    assert content["request_id"] == answer.headers["x-request-id"]
    assert set(content["timings"]) == {"queue_ms", "decode_ms", "inference_ms", "total_ms"}


def test_echoes_a_request_id_and_refuses_a_strange_one(server: RunningServer) -> None:
    assert server.post(make_image(), x_request_id="order-4711").json()["request_id"] == "order-4711"
    refused = server.post(make_image(), x_request_id="a b")
    assert refused.status_code == 400
    assert refused.json()["code"] == "bad_request_id"


def test_takes_the_content_type_of_curl_but_no_form(server: RunningServer) -> None:
    plain = server.post(make_image(), content_type="application/x-www-form-urlencoded")
    assert plain.status_code == 200
    form = server.client.post("/score", files={"image": ("a.jpg", make_image())})
    assert form.status_code == 415
    assert "bytes of one JPEG" in form.json()["error"]
    zipped = server.post(make_image(), content_encoding="gzip")
    assert zipped.status_code == 415


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "empty_body"),
        (b"GIF, or so it says", 422, "not_an_image"),
        (make_image()[:200], 422, "not_an_image"),
        (b"\xff\xd8\xff" + b"\0" * 500, 422, "not_an_image"),
    ],
    ids=["empty", "text", "truncated", "only a header"],
)
def test_refuses_what_is_no_image(
    server: RunningServer, body: bytes, status: int, code: str
) -> None:
    answer = server.post(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert server.post(make_image()).status_code == 200


def test_refuses_too_many_pixels_before_decoding(start_server: ServerFactory) -> None:
    server = start_server(max_pixels=10_000)
    answer = server.post(make_image(size=(200, 100), kind="PNG"))
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")
    assert server.post(make_image(size=(100, 100), kind="PNG")).status_code == 200


def test_refuses_a_large_body_unread(start_server: ServerFactory) -> None:
    server = start_server(max_body_bytes=10_000)
    answer = server.post(b"x" * 50_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert server.post(make_image()).status_code == 200
    # Announced, never sent: the answer comes all the same.
    with socket.create_connection(("127.0.0.1", server.content["port"]), timeout=5) as line:
        line.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b"413" in line.recv(100)


def test_refuses_a_large_chunked_body(start_server: ServerFactory) -> None:
    server = start_server(max_body_bytes=10_000)
    connection = http.client.HTTPConnection("127.0.0.1", server.content["port"], timeout=5)
    connection.request("POST", "/score", body=iter([b"x" * 6_000] * 2), encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_unknown_paths_and_methods(server: RunningServer) -> None:
    assert server.client.get("/nowhere").status_code == 404
    assert server.client.post("/nowhere").status_code == 404
    assert server.client.get("/score").status_code == 405
    assert server.client.post("/metrics").status_code == 405
    assert server.post(make_image(), visionloop_deployment="blue").status_code == 404


def test_keys_open_an_endpoint(start_server: ServerFactory) -> None:
    secret, control = "vle_secret", "control"
    server = start_server(
        keys=[hashlib.sha256(secret.encode()).hexdigest()],
        control_key=hashlib.sha256(control.encode()).hexdigest(),
    )
    assert server.post(make_image()).status_code == 401
    assert server.post(make_image(), authorization="Bearer wrong").status_code == 401
    assert server.post(make_image(), authorization=f"Basic {secret}").status_code == 401
    assert server.post(make_image(), authorization=f"Bearer {secret}").status_code == 200
    assert server.post(make_image(), authorization=f"Bearer {control}").status_code == 200
    assert server.client.get("/v2/models/colors").status_code == 401
    assert server.client.get("/v2/health/ready").status_code == 200
    assert server.client.get("/metrics").status_code == 200
    assert server.client.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 401


def test_saturation_is_refused_with_a_hint(start_server: ServerFactory) -> None:
    server = start_server(max_in_flight=1, num_workers=1)
    held = http.client.HTTPConnection("127.0.0.1", server.content["port"], timeout=10)
    held.putrequest("POST", "/score")
    held.putheader("Content-Length", "100")
    held.endheaders(b"\xff\xd8")
    server.wait(lambda: server.status()["in_flight"] == 1)
    refused = server.post(make_image())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    held.close()
    server.wait(lambda: server.status()["in_flight"] == 0)
    assert server.post(make_image()).status_code == 200


def test_serves_many_clients_at_once(server: RunningServer) -> None:
    answers: list[str] = []

    def ask(color: str) -> None:
        for _ in range(20):
            answers.append(server.post(make_image(color)).json()["label"] + color)

    threads = [threading.Thread(target=ask, args=(color,)) for color in ("red", "green", "blue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(answers)) == ["blueblue", "greengreen", "redred"]
    assert len(answers) == 60


def test_metrics_and_status_tell_the_same(server: RunningServer) -> None:
    for _ in range(3):
        server.post(make_image())
    server.post(b"no image")
    metrics = server.client.get("/metrics").text
    assert 'visionloop_requests_total{code="200",deployment="main",endpoint="colors-prod"} 3.0' in (
        metrics
    )
    assert 'code="422"' in metrics
    assert 'visionloop_inference_seconds_count{deployment="main",endpoint="colors-prod"} 3.0' in (
        metrics
    )
    assert "visionloop_dropped_log_records" in metrics
    status = server.status()
    assert status["num_requests"] == 4
    assert status["recent"]["requests_per_minute"] == 4
    assert status["recent"]["latency_p50_ms"] > 0
    assert status["recent"]["error_rate"] == 0.0
    assert status["deployments"][0]["num_requests"] == 4


def test_metadata_must_be_a_small_object(server: RunningServer) -> None:
    good = json.dumps({"camera": "belt 2"})
    assert server.post(make_image(), visionloop_metadata=good).status_code == 200
    for bad in ("[1]", "{", json.dumps({"a": "b" * 5000})):
        assert server.post(make_image(), visionloop_metadata=bad).status_code == 400


def test_an_endpoint_without_models_says_so(start_server: ServerFactory) -> None:
    server = start_server(deployments=[])
    assert server.client.get("/v2/health/live").status_code == 200
    assert server.client.get("/v2/health/ready").status_code == 503
    answer = server.post(make_image())
    assert (answer.status_code, answer.json()["code"]) == (503, "no_deployment")
    digest = build_package(server.packages_dir)
    server.rewrite(deployments=[entry(server.packages_dir, digest, "main", weight=100)])
    assert server.post(make_image()).status_code == 200
