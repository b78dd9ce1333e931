"""Choosing images over REST: fields, facets, tags, bulk actions and saved views."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.routes.images import image_query
from visionloop.api.schemas.queries import (
    BulkChangeOut,
    BulkExcludeIn,
    BulkRestoreIn,
    FacetList,
    FacetOut,
    FacetValueOut,
    FieldList,
    FieldOut,
    FilterCheckOut,
    HistogramOut,
    SelectionIn,
    TagChangeIn,
    TagList,
    ViewList,
    ViewOut,
    ViewSave,
)
from visionloop.data import bulk, facets, filters, views
from visionloop.data.entities import ImageQuery
from visionloop.data.query.facets import Facet
from visionloop.data.query.fields import ALIASES

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["data"])

QueryDep = Annotated[ImageQuery, Depends(image_query)]
Exact = Annotated[bool, Query(description="Count exactly, however long it takes")]
ViewName = Annotated[str, Path(min_length=1, max_length=100)]


@router.get(
    "/image-fields",
    response_model=FieldList,
    operation_id="list_image_fields",
    summary="List what filters can ask about",
)
def get_fields(project: str, actor: ActorDep) -> FieldList:
    """Return every field with its meaning and an example."""
    fields, label_fields = filters.list_fields(actor, project)
    return FieldList(
        items=[FieldOut.model_validate(field) for field in fields],
        label_fields=[FieldOut.model_validate(field) for field in label_fields],
        aliases=dict(ALIASES),
    )


@router.get(
    "/image-filters/check",
    response_model=FilterCheckOut,
    operation_id="check_image_filter",
    summary="Check a filter while it is typed",
)
def get_filter_check(
    project: str, actor: ActorDep, filter: Annotated[str, Query(max_length=4000)]
) -> FilterCheckOut:
    """Return the filter in canonical form; an error has ``position`` and ``suggestion``."""
    return FilterCheckOut(filter=filters.check_filter(actor, project, filter))


@router.get(
    "/image-facets",
    response_model=FacetList,
    operation_id="list_image_facets",
    summary="Count images by class, tag, camera and more",
)
def get_facets(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    query: QueryDep,
    field: Annotated[list[str] | None, Query(max_length=10)] = None,
    max_values: Annotated[int, Query(ge=1, le=1000)] = 50,
    exact: Exact = False,
) -> FacetList:
    """Count, among the images of a query, those of every value of each field."""
    found = facets.count_facets(
        application.database,
        actor,
        project,
        query,
        fields=field or facets.FACET_FIELDS,
        limit=max_values,
        exact=exact,
    )
    return FacetList(items=[_facet_out(facet) for facet in found])


@router.get(
    "/image-histogram",
    response_model=HistogramOut,
    operation_id="get_image_histogram",
    summary="Spread of a statistic over images",
)
def get_histogram(
    project: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    query: QueryDep,
    field: Annotated[str, Query(max_length=60)],
    bins: Annotated[int, Query(ge=1, le=500)] = 30,
    exact: Exact = False,
) -> HistogramOut:
    """Count the images of a query between evenly spaced bounds of a number or time."""
    found = facets.count_histogram(
        application.database, actor, project, query, field=field, bins=bins, exact=exact
    )
    return HistogramOut.model_validate(found)


@router.get("/tags", response_model=TagList, operation_id="list_tags", summary="List image tags")
def get_tags(project: str, application: ApplicationDep, actor: ActorDep) -> TagList:
    """Return the tags of the project's images with their counts."""
    found = bulk.list_tags(application.database, actor, project)
    return TagList(items=[FacetValueOut(value=tag, count=n) for tag, n in found.items()])


@router.post(
    "/tags", response_model=BulkChangeOut, operation_id="change_tags", summary="Tag many images"
)
def post_tags(
    project: str, body: TagChangeIn, application: ApplicationDep, actor: ActorDep
) -> BulkChangeOut:
    """Put tags on images and take others off; images that are as wanted stay as they are."""
    changed = bulk.tag_images(
        application.database,
        actor,
        project,
        _selection(body.selection),
        add=body.add,
        remove=body.remove,
    )
    return BulkChangeOut.model_validate(changed)


@router.post(
    "/images/exclude",
    response_model=BulkChangeOut,
    operation_id="exclude_images",
    summary="Take many images out of future versions",
)
def post_exclusions(
    project: str, body: BulkExcludeIn, application: ApplicationDep, actor: ActorDep
) -> BulkChangeOut:
    """Keep the images, but freeze no new version with them."""
    changed = bulk.exclude_images(
        application.database, actor, project, _selection(body.selection), reason=body.reason
    )
    return BulkChangeOut.model_validate(changed)


@router.post(
    "/images/restore",
    response_model=BulkChangeOut,
    operation_id="restore_images",
    summary="Bring many excluded images back",
)
def post_restorations(
    project: str, body: BulkRestoreIn, application: ApplicationDep, actor: ActorDep
) -> BulkChangeOut:
    """Let future versions use the images again."""
    changed = bulk.restore_images(application.database, actor, project, _selection(body.selection))
    return BulkChangeOut.model_validate(changed)


@router.get(
    "/image-views", response_model=ViewList, operation_id="list_image_views", summary="List views"
)
def get_views(project: str, application: ApplicationDep, actor: ActorDep) -> ViewList:
    """Return the shared views of the project and the caller's own."""
    found = views.list_views(application.database, actor, project)
    return ViewList(items=[ViewOut.model_validate(view) for view in found])


@router.get(
    "/image-views/{name}",
    response_model=ViewOut,
    operation_id="get_image_view",
    summary="Show a view",
)
def get_view(project: str, name: ViewName, application: ApplicationDep, actor: ActorDep) -> ViewOut:
    """Return a saved view."""
    return ViewOut.model_validate(views.get_view(application.database, actor, project, name))


@router.put(
    "/image-views/{name}",
    response_model=ViewOut,
    operation_id="save_image_view",
    summary="Save a view",
)
def put_view(
    project: str, name: ViewName, body: ViewSave, application: ApplicationDep, actor: ActorDep
) -> ViewOut:
    """Save a filter, an order and columns under a name, or change one of one's own."""
    saved = views.save_view(application.database, actor, project, name, **body.model_dump())
    return ViewOut.model_validate(saved)


@router.delete(
    "/image-views/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    operation_id="delete_image_view",
    summary="Delete a view",
)
def delete_view(
    project: str, name: ViewName, application: ApplicationDep, actor: ActorDep
) -> Response:
    """Delete a view; the images stay."""
    views.delete_view(application.database, actor, project, name)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _selection(body: SelectionIn) -> bulk.Selection:
    if body.filter is None:
        return bulk.Selection(image_ids=body.image_ids)
    return bulk.Selection(query=ImageQuery(where=(body.filter,)))


def _facet_out(facet: Facet) -> FacetOut:
    values = [FacetValueOut(value=value, count=count) for value, count in facet.counts]
    return FacetOut(field=facet.field, values=values, is_exact=facet.is_exact)
