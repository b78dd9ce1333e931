"""Model assistance and active learning over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.label_assist import (
    ActiveBatchCreate,
    AssistQualityList,
    AssistQualityOut,
    LearningCurveOut,
    OutlineOut,
    RerankedOut,
    RerankRequest,
    SegmentRequest,
    SuggestedQueue,
    SuggestQueue,
)
from visionloop.api.schemas.labeling_projects import LabelBatchOut
from visionloop.labeling import assist, outcomes
from visionloop.labeling.active import learning
from visionloop.labeling.segmentation.entities import SegmentPrompt
from visionloop.labeling.segmentation.segmenting import segment_image

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.post(
    "/images/{image_id}/segment",
    response_model=OutlineOut,
    operation_id="segment_image",
    summary="Outline an object from a box or clicks",
)
def post_segment(
    project: str, image_id: str, body: SegmentRequest, application: ApplicationDep, actor: ActorDep
) -> OutlineOut:
    """Return polygons around what was pointed at; nothing is saved."""
    prompt = SegmentPrompt(body.box, tuple(body.inside), tuple(body.outside))
    found = segment_image(
        application.database,
        application.blobs,
        actor,
        project,
        image_id,
        prompt=prompt,
        segmenters=application.segmenters,
    )
    return OutlineOut.model_validate(found)


@router.get(
    "/assist",
    response_model=AssistQualityList,
    operation_id="get_assist_quality",
    summary="Show what became of models' proposals",
)
def get_assist(
    project: str, application: ApplicationDep, actor: ActorDep, queue: str | None = None
) -> AssistQualityList:
    """Return the share accepted unchanged, edited and rejected, model by model."""
    found = outcomes.measure_assist(application.database, actor, project, queue=queue)
    items = [AssistQualityOut.model_validate(item) for item in found]
    return AssistQualityList(items=items, total=len(items))


@router.post(
    "/queues/{name}/suggest",
    response_model=SuggestedQueue,
    operation_id="suggest_label_queue",
    summary="Let a model propose labels for a queue",
)
def post_suggest(
    project: str, name: str, body: SuggestQueue, application: ApplicationDep, actor: ActorDep
) -> SuggestedQueue:
    """Ask the champion, or a registered model, about the next open tasks without a proposal."""
    made, failed = assist.suggest_queue(
        application.database,
        application.blobs,
        actor,
        project,
        name,
        predictor=application.predictor,
        model=body.model,
        limit=body.limit,
    )
    return SuggestedQueue(num_suggested=made, num_unreadable=failed)


@router.post(
    "/projects/{name}/active-batches",
    response_model=LabelBatchOut,
    status_code=status.HTTP_201_CREATED,
    operation_id="create_active_batch",
    summary="Queue what the model learns most from",
)
def post_active(
    project: str, name: str, body: ActiveBatchCreate, application: ApplicationDep, actor: ActorDep
) -> LabelBatchOut:
    """Choose images by probability of error and diversity, and some by chance."""
    made = learning.create_active_batch(
        application.database,
        application.blobs,
        actor,
        project,
        name,
        size=body.size,
        predictor=application.predictor,
        model=body.model,
        assignee=body.assignee,
    )
    return LabelBatchOut.model_validate(made)


@router.post(
    "/projects/{name}/rerank",
    response_model=RerankedOut,
    operation_id="rerank_label_queue",
    summary="Rank a queue by a new model",
)
def post_rerank(
    project: str, name: str, body: RerankRequest, application: ApplicationDep, actor: ActorDep
) -> RerankedOut:
    """Order open tasks by what the model is probably wrong about."""
    done = learning.rerank_queue(
        application.database,
        application.blobs,
        actor,
        project,
        name,
        predictor=application.predictor,
        model=body.model,
    )
    return RerankedOut.model_validate(done)


@router.get(
    "/projects/{name}/curve",
    response_model=LearningCurveOut,
    operation_id="get_learning_curve",
    summary="Show accuracy against labels spent",
)
def get_curve(
    project: str,
    name: str,
    application: ApplicationDep,
    actor: ActorDep,
    retrain_after: Annotated[int, Query(ge=1)] = 100,
) -> LearningCurveOut:
    """Return a point for every active batch, and whether a new model is due."""
    found = learning.measure_curve(
        application.database, actor, project, name, retrain_after=retrain_after
    )
    return LearningCurveOut.model_validate(found)
