"""Consensus, hidden tests and quality over REST; for reviewers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.label_quality import (
    CaseResolve,
    ConsensusCaseDetail,
    ConsensusCaseList,
    ConsensusCaseOut,
    GoldImageList,
    GoldImageOut,
    GoldImages,
    GoldRemoved,
    LabelQualityOut,
)
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.consensus import settling
from visionloop.labeling.consensus.entities import CaseState
from visionloop.labeling.quality import gold, report

router = APIRouter(prefix="/api/v1/projects/{project}/labeling", tags=["labeling"])


@router.get(
    "/consensus",
    response_model=ConsensusCaseList,
    operation_id="list_consensus_cases",
    summary="List images that several people answered",
)
def get_cases(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    queue: str | None = None,
    state: CaseState | None = None,
    *,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ConsensusCaseList:
    """Return cases, those that agree least first; disputed ones wait for a reviewer."""
    found = settling.list_cases(
        application.database, actor, project, queue=queue, state=state, limit=limit
    )
    items = [ConsensusCaseOut.model_validate(item) for item in found]
    return ConsensusCaseList(items=items, total=len(items))


@router.get(
    "/consensus/{case_id}",
    response_model=ConsensusCaseDetail,
    operation_id="get_consensus_case",
    summary="Show what everybody said about an image",
)
def get_case(
    project: str, case_id: str, application: ApplicationDep, actor: ActorDep
) -> ConsensusCaseDetail:
    """Return the merged proposal, every answer, and who saw which object."""
    found = settling.get_case(application.database, actor, project, case_id)
    return ConsensusCaseDetail.model_validate(found)


@router.post(
    "/consensus/{case_id}/resolve",
    response_model=ConsensusCaseOut,
    operation_id="resolve_consensus_case",
    summary="Decide a dispute",
)
def post_resolve(
    project: str, case_id: str, body: CaseResolve, application: ApplicationDep, actor: ActorDep
) -> ConsensusCaseOut:
    """Take the merged labels, one person's answer, or your own."""
    decided = settling.resolve_case(
        application.database,
        actor,
        project,
        case_id,
        choice=body.choice,
        drafts=[AnnotationDraft(**item.model_dump()) for item in body.annotations],
    )
    return ConsensusCaseOut.model_validate(decided)


@router.get(
    "/gold",
    response_model=GoldImageList,
    operation_id="list_gold_images",
    summary="List the images that test labelers",
)
def get_gold(project: str, application: ApplicationDep, actor: ActorDep) -> GoldImageList:
    """Return images with known labels."""
    found = gold.list_gold(application.database, actor, project)
    items = [GoldImageOut.model_validate(item) for item in found]
    return GoldImageList(items=items, total=len(items))


@router.post(
    "/gold",
    response_model=GoldImageList,
    status_code=status.HTTP_201_CREATED,
    operation_id="add_gold_images",
    summary="Test labelers with images",
)
def post_gold(
    project: str, body: GoldImages, application: ApplicationDep, actor: ActorDep
) -> GoldImageList:
    """Take the accepted labels of images as known; labelers meet them as ordinary tasks."""
    added = gold.add_gold(application.database, actor, project, body.image_ids)
    items = [GoldImageOut.model_validate(item) for item in added]
    return GoldImageList(items=items, total=len(items))


@router.post(
    "/gold/remove",
    response_model=GoldRemoved,
    operation_id="remove_gold_images",
    summary="Stop testing with images",
)
def post_gold_remove(
    project: str, body: GoldImages, application: ApplicationDep, actor: ActorDep
) -> GoldRemoved:
    """Take images out of the hidden tests; scores stay."""
    count = gold.remove_gold(application.database, actor, project, body.image_ids)
    return GoldRemoved(num_images=count)


@router.get(
    "/quality",
    response_model=LabelQualityOut,
    operation_id="get_label_quality",
    summary="Show how good the labels are",
)
def get_quality(
    project: str, application: ApplicationDep, actor: ActorDep, queue: str | None = None
) -> LabelQualityOut:
    """Return hidden tests, agreement, kappa and pace, person by person."""
    found = report.measure_quality(application.database, actor, project, queue=queue)
    return LabelQualityOut.model_validate(found)
