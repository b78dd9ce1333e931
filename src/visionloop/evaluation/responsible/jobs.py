"""The job that makes a Responsible AI report of an evaluation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.compute import jobs
from visionloop.compute.context import JobContext
from visionloop.data.versions import get_version
from visionloop.evaluation.entities import Example
from visionloop.evaluation.examples import read_examples
from visionloop.evaluation.responsible.building import build_responsible_report
from visionloop.evaluation.responsible.card import CardFacts, render_card
from visionloop.evaluation.responsible.entities import ResponsibleReport
from visionloop.evaluation.responsible.pictures import draw_thumbnails
from visionloop.evaluation.responsible.reports import record_report
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database

ENTRY_POINT = "visionloop.evaluation.responsible.jobs:report"

_MAX_DOUBTS_SHOWN = 16


@dataclass(frozen=True)
class ReportRequest:
    """Which evaluation to look into, and where its model lies."""

    evaluation_id: str
    package_dir: str
    subject: str
    dataset_version: str
    split: str


def start_report(database: Database, actor: Actor, project: str, *, request: ReportRequest) -> str:
    """Queue a report; return the id of its job."""
    require(actor, Permission.TRAIN, project)
    job = jobs.submit(
        database,
        actor,
        project=project,
        kind="responsible_report",
        entry_point=ENTRY_POINT,
        inputs=asdict(request),
    )
    return job.id


def report(context: JobContext) -> dict[str, Any]:
    """Carry out a report job."""
    request = ReportRequest(**{name: str(value) for name, value in context.inputs.items()})
    examples = _read(context, request, request.split)
    context.log(f"Looking into {request.subject} on {len(examples)} {request.split} images.")

    def on_progress(share: float, what: str) -> None:
        context.check_cancelled()
        context.progress(share, what)

    made = build_responsible_report(
        Path(request.package_dir),
        examples,
        training=_read(context, request, "train"),
        on_progress=on_progress,
    )
    stored = record_report(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        evaluation_id=request.evaluation_id,
        report=made,
        card=_draw_card(context, request, made, examples),
    )
    weak = sum(item.gap.is_weak for item in made.cohorts)
    context.log(f"{weak} weak cohorts of {len(made.cohorts)}; {len(made.doubts)} labels in doubt.")
    return {"report_id": stored.id, "evaluation_id": request.evaluation_id}


def _read(context: JobContext, request: ReportRequest, split: str) -> list[Example]:
    return read_examples(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        dataset_version=request.dataset_version,
        split=split,  # type: ignore[arg-type]
    )


def _draw_card(
    context: JobContext, request: ReportRequest, made: ResponsibleReport, judged: list[Example]
) -> str:
    version = get_version(context.database, context.actor, context.project, request.dataset_version)
    weak = [item.examples for item in made.cohorts if item.gap.is_weak]
    weak += [item.examples for item in made.slices if item.confirmed.is_weak]
    wanted = [
        *(image_id for shown in weak for image_id in shown),
        *(item.image_id for item in made.explanations),
        *(item.image_id for item in made.doubts[:_MAX_DOUBTS_SHOWN]),
    ]
    about = CardFacts(
        title=f"Model card of {request.subject}",
        facts={
            "Project": context.project,
            "Judged on": f"{version.reference}, split {request.split}",
            "Digest of the data": version.digest,
            "Made": utc_now().strftime("%Y-%m-%d %H:%M UTC"),
        },
        thumbnails=draw_thumbnails({item.image_id: item for item in judged}, wanted),
    )
    return render_card(made, about)
