"""Training over REST with a real worker process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.training.conftest import FAST, write_parts
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound

RUNS = "/projects/parts/runs"
EVALUATIONS = "/projects/parts/evaluations"
_ENDED = ("finished", "failed", "cancelled")


@pytest.fixture
def version(application: Application, tmp_path: Path) -> str:
    where = (application.database, application.blobs, SYSTEM, "parts")
    folder = write_parts(tmp_path / "parts", 20)
    ingest_folder(*where, IngestRequest(folder=str(folder), format="class_folders"))
    return freeze_version(*where, FreezeRequest(name="parts")).reference


@pytest.fixture
def workers(application: Application, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pytest.importorskip("torch", reason="left out: the training extra is not installed")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    application.local_target.start()
    yield
    application.local_target.stop()


def _wait(client: Client, run_id: str, condition: Callable[[dict[str, Any]], bool]) -> Any:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        detail = client.get(f"{RUNS}/{run_id}")
        if condition(detail):
            return detail
        time.sleep(0.1)
    raise AssertionError(detail)


def _has_ended(detail: dict[str, Any]) -> bool:
    return detail["run"]["status"] in _ENDED


@pytest.mark.torch
@pytest.mark.slow
def test_a_run_trains_evaluates_and_is_compared(
    api_as: Callable[..., Client], version: str, workers: None
):
    client = api_as("data_scientist")
    body = {"dataset_version": version, "parameters": FAST | {"epochs": 2}, "name": "first"}
    run = client.post(RUNS, json=body)
    assert run["status"] == "scheduled"
    detail = _wait(client, run["id"], _has_ended)
    assert detail["run"]["status"] == "finished", detail["run"]["error"]
    assert detail["run"]["has_model"]
    assert [point["step"] for point in detail["history"]["val_accuracy"]] == [1, 2]
    assert "Epoch 2/2" in client.get(f"{RUNS}/{run['id']}/log")["text"]

    lock = client.get(f"{RUNS}/{run['id']}/artifacts/environment.txt")
    assert b"numpy==" in lock
    with pytest.raises(NotFound):
        client.get(f"{RUNS}/{run['id']}/artifacts/model.onnx")

    evaluation_id = detail["run"]["evaluation_id"]
    shown = client.get(f"{EVALUATIONS}/{evaluation_id}")
    assert shown["report"]["num_images"] == shown["evaluation"]["num_images"] > 0
    worst = client.get(f"{EVALUATIONS}/{evaluation_id}/images", params={"limit": 3})["items"]
    assert len(worst) == 3

    again = {"run_id": run["id"], "dataset_version": version, "split": "test"}
    started = client.post(EVALUATIONS, json=again)
    client.wait_for_job(started["job_id"])
    same = client.get(
        f"{EVALUATIONS}/compare",
        params={"baseline": evaluation_id, "candidate": started["evaluation_id"]},
    )
    assert same["difference"]["value"] == 0
    assert client.get(EVALUATIONS, params={"run_id": run["id"]})["total"] == 2
    with pytest.raises(Conflict):
        client.post(f"{RUNS}/{run['id']}/cancel")


@pytest.mark.torch
@pytest.mark.slow
def test_a_running_training_is_cancelled(
    api_as: Callable[..., Client], version: str, workers: None
):
    client = api_as("data_scientist")
    body = {"dataset_version": version, "parameters": FAST | {"epochs": 1000}}
    run = client.post(RUNS, json=body)
    _wait(client, run["id"], lambda detail: "val_loss" in detail["history"])
    asked = time.monotonic()
    client.post(f"{RUNS}/{run['id']}/cancel")
    detail = _wait(client, run["id"], _has_ended)
    assert detail["run"]["status"] == "cancelled"
    assert time.monotonic() - asked < 20
    assert not detail["run"]["has_model"]


def test_wrong_requests_are_refused(api_as: Callable[..., Client], version: str):
    client = api_as("data_scientist")
    with pytest.raises(Invalid, match="epochs"):
        client.post(RUNS, json={"dataset_version": version, "parameters": {"epochs": 0}})
    with pytest.raises(NotFound):
        client.post(RUNS, json={"dataset_version": "nothing:7"})
    with pytest.raises(NotFound):
        client.post(RUNS, json={"dataset_version": version, "warm_start_run_id": "run_other"})
    assert client.get(RUNS)["total"] == 0
    with pytest.raises(Forbidden):
        api_as("labeler").post(RUNS, json={"dataset_version": version})


def test_a_scheduled_run_is_cancelled_and_its_model_cannot_be_judged(
    api_as: Callable[..., Client], version: str
):
    client = api_as("data_scientist")
    run = client.post(RUNS, json={"dataset_version": version, "experiment": "sizes"})
    assert client.post(f"{RUNS}/{run['id']}/cancel")["status"] == "cancelled"
    with pytest.raises(Conflict):
        client.post(EVALUATIONS, json={"run_id": run["id"], "dataset_version": version})
    assert [item["name"] for item in client.get("/projects/parts/experiments")["items"]] == [
        "sizes"
    ]


def test_code_of_ones_own_logs_metrics_and_runs_are_compared(
    api_as: Callable[..., Client], version: str
):
    client = api_as("data_scientist")
    ids = []
    for epochs in (3, 5):
        body = {"dataset_version": version, "parameters": {"epochs": epochs}}
        run = client.post(RUNS, json=body)
        client.post(f"{RUNS}/{run['id']}/metrics", json={"metrics": {"score": epochs / 10}})
        ids.append(run["id"])
    found = client.get(f"{RUNS}/compare", params={"run_id": ids})
    assert found["changed_parameters"] == {"epochs": [3, 5]}
    assert found["metrics"] == {"score": [0.3, 0.5]}
    recipes = client.get("/projects/parts/recipes")["items"]
    assert recipes[0]["parameters"][0]["name"] == "weights"
