"""The evaluation job: judge a model on a split of a dataset version."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.data.entities import Split
from visionloop.data.versions import get_version
from visionloop.evaluation.evaluations import EvaluationSubject, record_evaluation
from visionloop.evaluation.examples import read_examples
from visionloop.evaluation.report import headline
from visionloop.evaluation.scoring import evaluate_package
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database

ENTRY_POINT = "visionloop.evaluation.jobs:evaluate"


@dataclass(frozen=True)
class EvaluationRequest:
    """What to judge on what.

    Attributes:
        package_dir: folder with model.onnx, labels and preprocessing.
        subject: what the model is, e.g. "run/run_01..." or "model/parts/3".
        dataset_version: id, NAME:NUMBER, or NAME for the newest.
    """

    package_dir: str
    subject: str
    dataset_version: str
    split: Split = "test"
    run_id: str | None = None


def start_evaluation(
    database: Database, actor: Actor, project: str, *, request: EvaluationRequest
) -> tuple[str, str]:
    """Queue an evaluation; return (job id, id that the evaluation will have).

    Raises:
        VersionNotFound: No such dataset version.
    """
    require(actor, Permission.TRAIN, project)
    version = get_version(database, actor, project, request.dataset_version)
    evaluation_id = new_id("eval")
    inputs = asdict(request) | {
        "dataset_version": version.id,
        "evaluation_id": evaluation_id,
    }
    job = jobs.submit(
        database, actor, project=project, kind="evaluate", entry_point=ENTRY_POINT, inputs=inputs
    )
    return job.id, evaluation_id


def evaluate(context: JobContext) -> dict[str, Any]:
    """Carry out an evaluation job."""
    inputs = context.inputs
    examples = read_examples(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        dataset_version=str(inputs["dataset_version"]),
        split=inputs["split"],
    )
    context.log(f"Judging {inputs['subject']} on {len(examples)} images.")

    def on_progress(fraction: float) -> None:
        context.check_cancelled()
        context.progress(fraction, "Scoring images.")

    judged = evaluate_package(Path(str(inputs["package_dir"])), examples, on_progress=on_progress)
    evaluation = record_evaluation(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        about=EvaluationSubject(
            subject=str(inputs["subject"]),
            split=str(inputs["split"]),
            run_id=inputs.get("run_id"),
            dataset_version_id=str(inputs["dataset_version"]),
            evaluation_id=str(inputs["evaluation_id"]),
        ),
        judged=judged,
    )
    measure, estimate = headline(judged.report)
    context.log(f"{measure}: {estimate.value:.4f}.")
    return {"evaluation_id": evaluation.id, "metrics": dict(evaluation.metrics)}
