"""A Responsible AI report of a trained model, through the API."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.training.conftest import FAST, write_parts
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.compute import jobs as compute_jobs
from visionloop.compute.context import JobContext
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.evaluation.responsible.jobs import report
from visionloop.evaluation.store import evaluations
from visionloop.kernel.errors import Conflict, Forbidden, NotFound
from visionloop.training import jobs

pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytestmark = pytest.mark.torch

ROOT = "/projects/parts/evaluations"
Carry = Callable[[str, Callable[[JobContext], dict[str, Any]]], dict[str, Any]]


@pytest.fixture
def carry(application: Application) -> Carry:
    """Carry out a queued job in this process."""

    def carry_out(job_id: str, work: Callable[[JobContext], dict[str, Any]]) -> dict[str, Any]:
        job = compute_jobs.get_job(application.database, SYSTEM, job_id)
        context = JobContext(
            job,
            actor=SYSTEM,
            database=application.database,
            blobs=application.blobs,
            home=application.home,
            cancelled=threading.Event(),
        )
        return work(context)

    return carry_out


@pytest.fixture
def evaluation_id(application: Application, carry: Carry, tmp_path: Path) -> str:
    """The evaluation of a small trained network."""
    from visionloop.training.learning import train

    where = (application.database, application.blobs, SYSTEM, "parts")
    folder = write_parts(tmp_path / "parts", 30)
    ingest_folder(*where, IngestRequest(folder=str(folder), format="class_folders"))
    version = freeze_version(*where, FreezeRequest(name="parts"))
    request = jobs.TrainingRequest(version.id, parameters=FAST)
    run = jobs.start_training(application.database, SYSTEM, "parts", request=request)
    return str(carry(str(run.job_id), train)["evaluation_id"])


def test_a_report_is_made_read_and_filed_and_refused_without_a_run(
    application: Application, api_as: Callable[..., Client], carry: Carry, evaluation_id: str
):
    scientist, viewer = api_as("data_scientist"), api_as("viewer")
    path = f"{ROOT}/{evaluation_id}/responsible"
    with pytest.raises(NotFound, match="evaluations explain"):
        viewer.get(path)
    with pytest.raises(Forbidden):
        viewer.post(path)
    job = scientist.post(path)
    carry(job["job_id"], report)
    content = viewer.get(path)["content"]
    assert content["num_images"] == viewer.get(f"{ROOT}/{evaluation_id}")["report"]["num_images"]
    assert {item["method"] for item in content["methods"]} == {"grad_cam", "eigen_cam", "masking"}
    assert all(item["sanity"] is not None for item in content["methods"][:2])
    assert len(content["robustness"]) == 37
    assert sum(content["bias"]["balances"][0]["shares"].values()) == pytest.approx(1.0)
    card = viewer.get(f"{path}/card").decode()
    assert "Model card of run/" in card
    assert card.count("data:image/jpeg") >= 3 * len(content["explanations"]) // 3

    with application.database.begin() as tx:
        tx.execute(sa.update(evaluations).values(run_id=None))
    with pytest.raises(Conflict, match="of no run"):
        scientist.post(path)
