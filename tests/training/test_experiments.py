"""Experiments and runs on both databases."""

from __future__ import annotations

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import Actor, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.compute import jobs as compute_jobs
from visionloop.storage.database import Database
from visionloop.training import experiments
from visionloop.training.entities import Run, RunArtifact, RunStatus
from visionloop.training.errors import (
    ExperimentExists,
    ExperimentNotFound,
    MetricInvalid,
    RunEnded,
    RunNotFound,
)


@pytest.fixture
def run(database: Database, admin_actor: Actor, project: Project) -> Run:
    draft = experiments.RunDraft(experiment="colors", recipe="external", parameters={"k": 3})
    return experiments.create_run(database, admin_actor, project.name, draft=draft)


def test_a_run_makes_its_experiment_and_gets_a_name(
    database: Database, admin_actor: Actor, run: Run
):
    assert run.name == "external-1"
    (experiment,) = experiments.list_experiments(database, admin_actor, "parts")
    assert (experiment.name, experiment.num_runs) == ("colors", 1)
    with pytest.raises(ExperimentExists):
        experiments.create_experiment(database, admin_actor, "parts", name="colors")


def test_metrics_keep_their_history_and_last_value(
    database: Database, admin_actor: Actor, run: Run
):
    where = (database, admin_actor, "parts")
    for step, value in enumerate((0.5, 0.7, 0.6)):
        experiments.log_metric(*where, run_id=run.id, key="accuracy", value=value, step=step)
    experiments.log_metrics(*where, run_id=run.id, metrics={"accuracy": 0.65, "f1": 0.2}, step=2)
    detail = experiments.get_run_detail(*where, run.id)
    assert [(p.step, p.value) for p in detail.history["accuracy"]] == [
        (0, 0.5),
        (1, 0.7),
        (2, 0.65),
    ]
    assert detail.run.metrics == {"accuracy": 0.65, "f1": 0.2}
    with pytest.raises(MetricInvalid):
        experiments.log_metric(*where, run_id=run.id, key="loss", value=float("nan"))


def test_an_ended_run_takes_no_more_metrics(database: Database, admin_actor: Actor, run: Run):
    where = (database, admin_actor, "parts")
    ended = experiments.end_run(*where, run.id, status=RunStatus.FINISHED)
    assert ended.ended_at is not None
    assert ended.progress == 1.0
    with pytest.raises(RunEnded):
        experiments.log_metric(*where, run_id=run.id, key="loss", value=1.0)
    with pytest.raises(RunEnded):
        experiments.end_run(*where, run.id, status=RunStatus.FAILED)


def test_runs_are_listed_newest_first_and_filtered(
    database: Database, admin_actor: Actor, run: Run
):
    where = (database, admin_actor, "parts")
    draft = experiments.RunDraft(experiment="shapes", recipe="external")
    second = experiments.create_run(*where, draft=draft)
    runs, total = experiments.list_runs(*where)
    assert ([item.id for item in runs], total) == ([second.id, run.id], 2)
    runs, total = experiments.list_runs(*where, experiment="colors")
    assert ([item.id for item in runs], total) == ([run.id], 1)
    assert experiments.list_runs(*where, status=RunStatus.FAILED) == ([], 0)
    with pytest.raises(ExperimentNotFound):
        experiments.list_runs(*where, experiment="sizes")
    with pytest.raises(RunNotFound):
        experiments.get_run(*where, "run_other")


def test_a_new_attempt_forgets_what_the_died_one_logged(
    database: Database, admin_actor: Actor, run: Run
):
    where = (database, admin_actor, "parts")
    experiments.begin_run(*where, run.id, job_id="job_1")
    experiments.log_metric(*where, run_id=run.id, key="loss", value=1.0, step=7)
    again = experiments.begin_run(*where, run.id, job_id="job_1")
    assert again.metrics == {}
    assert experiments.get_run_detail(*where, run.id).history == {}


def test_a_run_whose_job_was_cancelled_before_it_began_is_closed(
    database: Database, admin_actor: Actor, run: Run
):
    job = compute_jobs.submit(
        database, admin_actor, project="parts", kind="train", entry_point="a:b", inputs={}
    )
    experiments.set_job(database, run, job.id)
    compute_jobs.cancel(database, admin_actor, job.id)
    closed = experiments.get_run(database, admin_actor, "parts", run.id)
    assert closed.status is RunStatus.CANCELLED
    types = [event.type for event in list_events(database, admin_actor, "parts")]
    assert "visionloop.run.cancelled" in types


def test_artifacts_are_listed_by_path(database: Database, admin_actor: Actor, run: Run):
    where = (database, admin_actor, "parts")
    files = [RunArtifact("b.json", "0" * 64, 2), RunArtifact("a.json", "1" * 64, 1)]
    experiments.log_artifacts(*where, run_id=run.id, artifacts=files)
    experiments.log_artifacts(*where, run_id=run.id, artifacts=files[:1])
    assert [f.path for f in experiments.get_run_detail(*where, run.id).artifacts] == [
        "a.json",
        "b.json",
    ]


def test_a_labeler_may_read_runs_and_not_start_them(
    database: Database, run: Run, make_actor: ActorFactory
):
    labeler = make_actor("labeler")
    assert experiments.get_run(database, labeler, "parts", run.id).id == run.id
    with pytest.raises(PermissionDenied):
        experiments.log_metric(database, labeler, "parts", run_id=run.id, key="loss", value=1.0)
    with pytest.raises(PermissionDenied):
        experiments.get_run(database, make_actor("viewer", project="other"), "parts", run.id)
