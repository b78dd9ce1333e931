"""What became of an image over REST."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.admin import EventOut
from visionloop.api.schemas.image_lineage import (
    ImageLineageOut,
    ImageModelOut,
    ImagePredictionOut,
    ImageRunOut,
    ImageTaskOut,
    MembershipOut,
)
from visionloop.data.memberships import Membership
from visionloop.promotion.overview.image_lineage import RunUse, trace_image

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])


@router.get(
    "/images/{image_id}/lineage",
    operation_id="get_image_lineage",
    summary="Trace what became of an image",
)
def get_image_lineage(
    project: str, image_id: str, application: ApplicationDep, actor: ActorDep
) -> ImageLineageOut:
    """Return versions, runs, models, predictions, labeling tasks and events of an image."""
    found = trace_image(
        application.database,
        application.home,
        application.blobs,
        actor,
        project,
        image_id=image_id,
    )
    return ImageLineageOut(
        versions=[_membership(item) for item in found.memberships],
        runs=[_run(item) for item in found.runs],
        models=[ImageModelOut.model_validate(item) for item in found.models],
        predictions=[ImagePredictionOut.model_validate(item) for item in found.predictions],
        tasks=[ImageTaskOut.model_validate(item) for item in found.tasks],
        events=[EventOut.model_validate(item) for item in found.events],
    )


def _membership(membership: Membership) -> MembershipOut:
    version, row = membership.version, membership.row
    return MembershipOut(
        version_id=version.id,
        reference=version.reference,
        split=row.split,
        label=row.label,
        num_annotations=len(row.annotations),
        created_by=version.created_by,
        created_at=version.created_at,
    )


def _run(use: RunUse) -> ImageRunOut:
    run = use.run
    return ImageRunOut(
        run_id=run.id,
        name=run.name,
        recipe=run.recipe,
        status=run.status,
        dataset_version=run.dataset_version,
        split=use.split,
        created_by=run.created_by,
        created_at=run.created_at,
    )
