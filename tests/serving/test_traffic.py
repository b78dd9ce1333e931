"""Shares, sticky sessions, shadows and reloads of a living process."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.serving.conftest import ServerFactory, entry
from tests.serving.models import build_package, make_image

IMAGE = make_image("red")
FRENCH = ("rouge", "vert", "bleu")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def two_deployments(
    packages: Path, first: int, second: int, **mirror: int
) -> list[dict[str, object]]:
    return [
        entry(packages, build_package(packages), "blue", weight=first),
        entry(packages, build_package(packages, labels=FRENCH), "green", weight=second, **mirror),
    ]


def test_a_canary_gets_its_share(start_server: ServerFactory, packages: Path) -> None:
    server = start_server(deployments=two_deployments(packages, 80, 20))
    answers = Counter(server.post(IMAGE).json()["label"] for _ in range(400))
    # 400 draws at 20 %: four standard deviations are 32.
    assert 48 <= answers["rouge"] <= 112
    assert answers["red"] + answers["rouge"] == 400


def test_a_session_stays_where_it_is(start_server: ServerFactory, packages: Path) -> None:
    deployments = two_deployments(packages, 50, 50)
    server = start_server(deployments=deployments)

    def ask(session: int) -> str:
        answer = server.post(IMAGE, visionloop_session=f"user-{session}")
        return answer.headers["visionloop-deployment"]

    before = [ask(session) for session in range(40)]
    assert set(before) == {"blue", "green"}
    assert [ask(session) for session in range(40)] == before
    deployments[0]["weight"], deployments[1]["weight"] = 20, 80
    server.rewrite(deployments=deployments)
    after = [ask(session) for session in range(40)]
    # A growing share only gains sessions.
    assert all(new == "green" for old, new in zip(before, after, strict=True) if old == "green")


def test_a_header_forces_a_deployment_without_traffic(
    start_server: ServerFactory, packages: Path
) -> None:
    server = start_server(deployments=two_deployments(packages, 100, 0))
    assert server.post(IMAGE, visionloop_deployment="green").json()["label"] == "rouge"
    assert {server.post(IMAGE).json()["label"] for _ in range(10)} == {"red"}


def test_a_shadow_is_compared_and_never_answers(
    start_server: ServerFactory, packages: Path
) -> None:
    same = build_package(packages)
    other = build_package(packages, labels=FRENCH)
    server = start_server(
        deployments=[
            entry(packages, same, "live", weight=100),
            entry(packages, same, "twin", mirror=100),
            entry(packages, other, "stranger", mirror=50),
        ]
    )
    for _ in range(40):
        assert server.post(IMAGE).json()["deployment"] == "live"

    def described() -> dict[str, dict[str, object]]:
        return {str(d["name"]): d for d in server.status()["deployments"]}

    server.wait(lambda: described()["twin"]["num_mirrored"] == 40)
    assert described()["twin"]["agreement"] == 1.0
    assert described()["stranger"]["agreement"] == 0.0
    assert 8 <= int(str(described()["stranger"]["num_mirrored"])) <= 32
    assert 'visionloop_shadow_comparisons_total{agreed="true",deployment="twin"' in (
        server.client.get("/metrics").text
    )


def test_reloads_lose_no_request(start_server: ServerFactory, packages: Path) -> None:
    digests = [build_package(packages), build_package(packages, labels=FRENCH)]
    server = start_server(deployments=[entry(packages, digests[0], "v0", weight=100)])
    outcomes: list[tuple[int, str]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answer = server.post(IMAGE)
            outcomes.append((answer.status_code, answer.json().get("label", "")))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for round_number in range(1, 7):
        digest = digests[round_number % 2]
        server.rewrite(deployments=[entry(packages, digest, f"v{round_number}", weight=100)])
    stop.set()
    for client in clients:
        client.join()
    assert {status for status, _ in outcomes} == {200}
    assert {label for _, label in outcomes} == {"red", "rouge"}
    assert len(outcomes) > 50


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"endpoint": "colors-prod"}', b'{"surprise": 1}'])
def test_a_bad_file_keeps_the_old_state(start_server: ServerFactory, text: bytes) -> None:
    server = start_server()
    (server.folder / "endpoint.json").write_bytes(text)
    server.wait(lambda: server.status()["last_error"] is not None)
    assert "endpoint file is not valid" in server.status()["last_error"]
    assert server.post(IMAGE).status_code == 200
    server.rewrite(max_in_flight=7)
    assert server.status()["last_error"] is None


def test_a_bad_package_keeps_the_old_state(start_server: ServerFactory, packages: Path) -> None:
    server = start_server()
    digest = build_package(packages, name="broken", broken_graph=b"not a graph")
    server.write(deployments=[entry(packages, digest, "broken", weight=100)])
    server.wait(lambda: server.status()["last_error"] is not None)
    assert "does not load" in server.status()["last_error"]
    assert server.post(IMAGE).json()["deployment"] == "main"


def test_a_changed_graph_is_not_loaded(start_server: ServerFactory, packages: Path) -> None:
    server = start_server()
    digest = build_package(packages, name="forged")
    graph = packages / digest / "model.onnx"
    graph.write_bytes(graph.read_bytes() + b"\0")
    server.write(deployments=[entry(packages, digest, "forged", weight=100)])
    server.wait(lambda: server.status()["last_error"] is not None)
    assert "has changed" in server.status()["last_error"]
    assert server.post(IMAGE).json()["deployment"] == "main"


def test_a_package_must_be_the_one_asked_for(start_server: ServerFactory, packages: Path) -> None:
    server = start_server()
    digest = build_package(packages, name="other")
    wrong = entry(packages, digest, "other", weight=100) | {"digest": "0" * 64}
    server.write(deployments=[wrong])
    server.wait(lambda: server.status()["last_error"] is not None)
    assert f"its digest is {digest}" in server.status()["last_error"]
