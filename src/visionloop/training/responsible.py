"""Start the Responsible AI report of a run's model."""

from __future__ import annotations

from visionloop.admin.entities import Actor
from visionloop.evaluation.errors import ModelGone
from visionloop.evaluation.evaluations import get_evaluation
from visionloop.evaluation.responsible.jobs import ReportRequest, start_report
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.training.jobs import finished_run


def start_responsible_report(
    database: Database, blobs: BlobStore, actor: Actor, project: str, *, evaluation_id: str
) -> str:
    """Queue a report of an evaluation; return the id of its job.

    Raises:
        EvaluationNotFound: No such evaluation in the project.
        ModelGone: It is of no run, or of no data set version.
        RunNotFound, RunUnfinished: The run left no model.
    """
    evaluation, _ = get_evaluation(database, blobs, actor, project, evaluation_id)
    if evaluation.run_id is None or evaluation.dataset_version_id is None:
        raise ModelGone(evaluation_id)
    run = finished_run(database, actor, project, evaluation.run_id)
    request = ReportRequest(
        evaluation_id=evaluation.id,
        package_dir=str(run.package_dir),
        subject=evaluation.subject,
        dataset_version=evaluation.dataset_version_id,
        split=evaluation.split,
    )
    return start_report(database, actor, project, request=request)
