"""The label schema over REST."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.label_schema import (
    LabelSchemaChange,
    LabelSchemaList,
    LabelSchemaOut,
    SchemaChangedOut,
    SchemaPreviewOut,
)
from visionloop.labeling.schema import changes

router = APIRouter(prefix="/api/v1/projects/{project}/labeling/schema", tags=["labeling"])


@router.get(
    "", response_model=LabelSchemaOut, operation_id="get_label_schema", summary="Show the schema"
)
def get_schema(project: str, application: ApplicationDep, actor: ActorDep) -> LabelSchemaOut:
    """Return classes, hierarchy, attributes and skeletons as they are now."""
    found = changes.get_schema(application.database, actor, project)
    return LabelSchemaOut.model_validate(found)


@router.get(
    "/versions",
    response_model=LabelSchemaList,
    operation_id="list_label_schemas",
    summary="List versions of the schema",
)
def get_versions(project: str, application: ApplicationDep, actor: ActorDep) -> LabelSchemaList:
    """Return every version that a change made, newest first."""
    found = changes.list_schema_versions(application.database, actor, project)
    items = [LabelSchemaOut.model_validate(item) for item in found]
    return LabelSchemaList(items=items, total=len(items))


@router.post(
    "/preview",
    response_model=SchemaPreviewOut,
    operation_id="preview_label_schema",
    summary="Look ahead at a change of the schema",
)
def post_preview(
    project: str, body: LabelSchemaChange, application: ApplicationDep, actor: ActorDep
) -> SchemaPreviewOut:
    """Count what would be renamed, merged and dropped, without doing it."""
    found = changes.preview_change(application.database, actor, project, body.as_change())
    return SchemaPreviewOut.model_validate(found)


@router.put(
    "",
    response_model=SchemaChangedOut,
    operation_id="change_label_schema",
    summary="Change the schema",
)
def put_schema(
    project: str, body: LabelSchemaChange, application: ApplicationDep, actor: ActorDep
) -> SchemaChangedOut:
    """Make a new version and move every live label to it, all at once or not at all."""
    changed = changes.change_schema(application.database, actor, project, body.as_change())
    return SchemaChangedOut(
        label_schema=LabelSchemaOut.model_validate(changed.schema),
        done=SchemaPreviewOut.model_validate(changed.done),
    )
