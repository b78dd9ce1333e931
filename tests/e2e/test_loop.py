"""The journey: one walk through all ten elements on images that the project renders itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from visionloop.cli.local_server import local_server
from visionloop.client.http import Client
from visionloop.promotion.drill.entities import DrillReport, RenderedSizes
from visionloop.promotion.drill.loop import Drill
from visionloop.promotion.drill.report import to_record
from visionloop.promotion.drill.scenario import rendered_scenario

pytest.importorskip("torch", reason="left out: the train extra is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.torch, pytest.mark.timeout(600)]

_RECIPE = {"image_size": 48, "epochs": 10, "horizontal_flip": True, "num_threads": 1}
# Every gate is asked, but none decides on what a small network learns within seconds on this CPU;
# that gates refuse is proved where the answers are known, in tests/promotion and tests/workflows.
_GATES = {
    "parity": {},
    "signature": {},
    "latency": {"max_p95_ms": 20_000.0, "duration_s": 2.0},
    "accuracy": {"margin": 0.9, "min_accuracy": 0.1},
    "worst_slice": {"min_accuracy": 0.05},
}
_SIZES = RenderedSizes(training=400, clean=100, shifted=120, unseen=80)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loop") / "home"


@pytest.fixture(scope="module")
def admin(home: Path) -> Iterator[Client]:
    with local_server(home, _free_port()) as client:
        yield client


@pytest.fixture(scope="module")
def report(admin: Client, home: Path) -> DrillReport:
    scenario = rendered_scenario(
        work_dir=home / "photos", seed=3, recipe=_RECIPE, retraining=_RECIPE, sizes=_SIZES
    )
    scenario = replace(scenario, gates=_GATES)
    steps: list[str] = []
    drill = Drill(
        admin, scenario, work_dir=home / "photos", tell=lambda title, _now: steps.append(title)
    )
    finished = drill.run()
    assert len(set(steps)) == 9
    return finished


def test_the_loop_goes_round_and_every_figure_is_measured(report: DrillReport) -> None:
    assert report.finished
    figures = {figure.name: figure for figure in report.figures}
    assert figures["Accuracy on clean traffic"].count == _SIZES.clean
    assert figures["Accuracy on unseen shifted photos, after"].count == _SIZES.unseen
    assert figures["Images relabeled"].value <= 100
    for figure in report.figures:
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value + 1e-9
            assert figure.value <= figure.high + 1e-9


def test_two_signed_versions_went_through_gates_and_an_approver(
    report: DrillReport, admin: Client
) -> None:
    promotions = admin.get("/projects/parts/promotions")["items"]
    assert [promotion["state"] for promotion in promotions] == ["succeeded", "succeeded"]
    detail = admin.get(f"/projects/parts/promotions/{promotions[0]['id']}")
    assert detail["approval"]["decided_by"] == "aki"
    assert detail["requested_by"] == "dario"
    assert {gate["gate"] for gate in detail["gates"]} >= {"parity", "latency", "accuracy"}
    model = admin.get("/projects/parts/models/parts")
    assert model["aliases"]["champion"] == 2


def test_production_images_came_back_with_labels_of_a_person(
    report: DrillReport, admin: Client
) -> None:
    tasks = admin.get(
        "/projects/parts/labeling/tasks", params={"queue": "review_queue", "limit": 200}
    )["items"]
    assert {task["state"] for task in tasks} == {"accepted"}
    assert {task["labeler"] for task in tasks} == {"lena"}
    assert {task["reviewer"] for task in tasks} == {"dario"}
    assert all("p_error" in task["reason"] for task in tasks)
    versions = admin.get("/projects/parts/dataset-versions")["items"]
    newest, first = versions[0], versions[1]
    assert newest["num_images"] == first["num_images"] + len(tasks)
    diff = admin.get(
        f"/projects/parts/dataset-versions/{first['id']}/diff", params={"against": newest["id"]}
    )
    assert diff["num_moved"] == 0
    intact = admin.post(f"/projects/parts/dataset-versions/{newest['id']}/verify")
    assert intact["intact"] is True


def test_the_home_page_and_the_evidence_tell_of_it(report: DrillReport, admin: Client) -> None:
    overview = admin.get("/projects/parts/overview")
    states = {element["key"]: element["state"] for element in overview["elements"]}
    assert states["production"] == "ok"
    assert states["registry"] == "ok"
    admin.post("/projects/parts/drills", json=to_record(report))
    kept = admin.get("/projects/parts/drills")["items"][0]
    assert len(kept["figures"]) == len(report.figures)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
