"""Evaluations over REST: reports, worst images, paired comparisons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.evaluation import (
    EvaluationCreate,
    EvaluationDetailOut,
    EvaluationJobOut,
    EvaluationList,
    EvaluationOut,
    FoundObjectOut,
    ImageResultList,
    ImageResultOut,
    ModelComparisonOut,
    ReportOut,
)
from visionloop.api.schemas.task_reports import (
    MultilabelReportOut,
    ObjectReportOut,
    RegionReportOut,
)
from visionloop.evaluation import evaluations
from visionloop.evaluation.entities import ImageResult
from visionloop.evaluation.multilabel import MultilabelReport, MultilabelResult
from visionloop.evaluation.objects.entities import ObjectReport
from visionloop.evaluation.regions.entities import RegionReport, RegionResult
from visionloop.evaluation.report import AnyResult
from visionloop.training import jobs

router = APIRouter(prefix="/api/v1/projects/{project}/evaluations", tags=["evaluation"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


@router.get(
    "", response_model=EvaluationList, operation_id="list_evaluations", summary="List evaluations"
)
def get_evaluations(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    run_id: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> EvaluationList:
    """List evaluations, newest first."""
    found, total = evaluations.list_evaluations(
        application.database, actor, project, run_id=run_id, limit=limit, offset=offset
    )
    return EvaluationList(items=[EvaluationOut.model_validate(item) for item in found], total=total)


@router.post(
    "",
    response_model=EvaluationJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_evaluation",
    summary="Evaluate a run's model",
)
def post_evaluation(
    project: str, body: EvaluationCreate, application: ApplicationDep, actor: ActorDep
) -> EvaluationJobOut:
    """Judge the model of a finished run on a split of a dataset version, as a job."""
    job_id, evaluation_id = jobs.start_run_evaluation(
        application.database,
        actor,
        project,
        run_id=body.run_id,
        dataset_version=body.dataset_version,
        split=body.split,
    )
    return EvaluationJobOut(job_id=job_id, evaluation_id=evaluation_id)


@router.get(
    "/compare",
    response_model=ModelComparisonOut,
    operation_id="compare_evaluations",
    summary="Compare two evaluations",
)
def get_comparison(
    project: str, baseline: str, candidate: str, application: ApplicationDep, actor: ActorDep
) -> ModelComparisonOut:
    """Compare two models on the same images, image by image."""
    return ModelComparisonOut.model_validate(
        evaluations.compare_evaluations(
            application.database,
            application.blobs,
            actor,
            project,
            baseline_id=baseline,
            candidate_id=candidate,
        )
    )


@router.get(
    "/{evaluation_id}",
    response_model=EvaluationDetailOut,
    operation_id="get_evaluation",
    summary="Show an evaluation",
)
def get_evaluation(
    project: str, evaluation_id: str, application: ApplicationDep, actor: ActorDep
) -> EvaluationDetailOut:
    """Show the whole report: classes, confusion matrix, slices."""
    evaluation, report = evaluations.get_evaluation(
        application.database, application.blobs, actor, project, evaluation_id
    )
    shown = EvaluationOut.model_validate(evaluation)
    if isinstance(report, ObjectReport):
        objects = ObjectReportOut.model_validate(report)
        return EvaluationDetailOut(evaluation=shown, objects=objects)
    if isinstance(report, RegionReport):
        regions = RegionReportOut.model_validate(report)
        return EvaluationDetailOut(evaluation=shown, regions=regions)
    if isinstance(report, MultilabelReport):
        multilabel = MultilabelReportOut.model_validate(report)
        return EvaluationDetailOut(evaluation=shown, multilabel=multilabel)
    return EvaluationDetailOut(evaluation=shown, report=ReportOut.model_validate(report))


@router.get(
    "/{evaluation_id}/images",
    response_model=ImageResultList,
    operation_id="list_evaluated_images",
    summary="List evaluated images, worst first",
)
def get_images(
    project: str,
    evaluation_id: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    label: str | None = None,
    predicted: str | None = None,
    only_errors: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ImageResultList:
    """List images by falling loss; ``label`` and ``predicted`` pick one confusion cell."""
    chosen = evaluations.ImageFilter(label=label, predicted=predicted, only_errors=only_errors)
    items, total = evaluations.list_images(
        application.database,
        application.blobs,
        actor,
        project,
        evaluation_id=evaluation_id,
        chosen=chosen,
        limit=limit,
        offset=offset,
    )
    return ImageResultList(items=[_image_result(item) for item in items], total=total)


def _image_result(item: AnyResult) -> ImageResultOut:
    if isinstance(item, ImageResult):
        return ImageResultOut.model_validate(item)
    common = ImageResultOut(
        image_id=item.image_id,
        label="",
        predicted="",
        confidence=1.0 - item.loss,
        loss=item.loss,
        is_correct=item.is_correct,
        probabilities=[],
    )
    if isinstance(item, RegionResult):
        return common.model_copy(update={"scores": dict(item.iou)})
    if isinstance(item, MultilabelResult):
        update = {"labels": list(item.labels), "predicted": ", ".join(item.predicted)}
        return common.model_copy(update=update | {"scores": dict(item.probabilities)})
    found = [FoundObjectOut.model_validate(dict(entry)) for entry in item.objects]
    counts = {name: getattr(item, name) for name in ("num_true", "num_found", "num_hits")}
    return common.model_copy(update={**counts, "objects": found})
