"""Embeddings, similarity search and embedding maps over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile, status

from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.routes.images import image_query, summary_out
from visionloop.api.schemas.embeddings import (
    EmbeddingJobOut,
    EmbeddingMapOut,
    EmbeddingSpaceList,
    EmbeddingSpaceOut,
    EmbeddingsStart,
    MapPointOut,
    MapStart,
    SimilarImageList,
    SimilarImageOut,
)
from visionloop.compute.entities import Job
from visionloop.data.embeddings import maps, similarity, spaces
from visionloop.data.embeddings.entities import EmbeddingSpace
from visionloop.data.entities import ImageQuery
from visionloop.data.uploads import MAX_UPLOAD_BYTES
from visionloop.registry import embedding

router = APIRouter(prefix="/api/v1/projects/{project}/embeddings", tags=["data"])

QueryDep = Annotated[ImageQuery, Depends(image_query)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get(
    "",
    response_model=EmbeddingSpaceList,
    operation_id="list_embeddings",
    summary="List embeddings",
)
def get_spaces(project: str, application: ApplicationDep, actor: ActorDep) -> EmbeddingSpaceList:
    """Return the embeddings of the project by name."""
    found = spaces.list_spaces(application.database, actor, project)
    return EmbeddingSpaceList(items=[_space_out(space) for space in found])


@router.post(
    "",
    response_model=EmbeddingJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_embedding",
    summary="Embed images",
)
def post_space(
    project: str, body: EmbeddingsStart, application: ApplicationDep, actor: ActorDep
) -> EmbeddingJobOut:
    """Start the job that embeds the images which have no vector yet."""
    if body.checkpoint is not None:
        job = embedding.start_checkpoint_embedding(
            application.database, actor, project, space=body.name, checkpoint=body.checkpoint
        )
    else:
        job = embedding.start_embedding(
            application.database,
            actor,
            project,
            space=body.name,
            model=body.model or "",
            version=body.version,
        )
    return _job_out(job)


@router.delete(
    "/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    operation_id="delete_embeddings",
    summary="Delete embeddings",
)
def delete_space(project: str, name: str, application: ApplicationDep, actor: ActorDep) -> Response:
    """Delete vectors and map; the images stay."""
    spaces.delete_space(application.database, actor, project, name)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/{name}/similar",
    response_model=SimilarImageList,
    operation_id="list_similar_images",
    summary="More like this",
)
def get_similar(
    project: str,
    name: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    image_id: Annotated[str, Query(max_length=64)],
    query: QueryDep,
    limit: Limit = 60,
) -> SimilarImageList:
    """Return the images most like one of the project, among those that the query chooses."""
    found = similarity.find_similar(
        application.database,
        application.space_cache,
        actor,
        project,
        similarity.Example(name, image_id=image_id),
        query=query,
        limit=limit,
    )
    return _similar_out(found)


@router.post(
    "/{name}/similar",
    response_model=SimilarImageList,
    operation_id="list_images_like_upload",
    summary="More like an uploaded image",
)
def post_similar(
    project: str,
    name: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    file: Annotated[UploadFile, File()],
    query: QueryDep,
    limit: Limit = 60,
) -> SimilarImageList:
    """Return the images most like an uploaded one, which is not kept."""
    space = spaces.get_space(application.database, actor, project, name)
    data = file.file.read(MAX_UPLOAD_BYTES)
    vector = embedding.embed_upload(application.home, actor, space, data)
    found = similarity.find_similar(
        application.database,
        application.space_cache,
        actor,
        project,
        similarity.Example(name, vector=vector),
        query=query,
        limit=limit,
    )
    return _similar_out(found)


@router.post(
    "/{name}/map",
    response_model=EmbeddingJobOut,
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="start_embedding_map",
    summary="Make an embedding map",
)
def post_map(
    project: str, name: str, body: MapStart, application: ApplicationDep, actor: ActorDep
) -> EmbeddingJobOut:
    """Start the job that lays images out on a plane."""
    job = maps.start_map(
        application.database,
        actor,
        project,
        name,
        method=body.method,
        max_points=body.max_points,
    )
    return _job_out(job)


@router.get(
    "/{name}/map",
    response_model=EmbeddingMapOut,
    operation_id="get_embedding_map",
    summary="Read an embedding map",
)
def get_map(
    project: str,
    name: str,
    *,
    application: ApplicationDep,
    actor: ActorDep,
    query: QueryDep,
    color_by: Annotated[str, Query(max_length=60)] = "label",
) -> EmbeddingMapOut:
    """Return the points with the value of a field, and which of them the query chooses."""
    made, points = maps.read_map(
        application.database,
        application.blobs,
        actor,
        project,
        name,
        color_by=color_by,
        query=query,
    )
    return EmbeddingMapOut(
        method=made.method,
        color_by=color_by,
        num_images=made.num_images,
        num_space_images=made.num_space_images,
        created_at=made.created_at,
        points=[MapPointOut.model_validate(point) for point in points],
    )


def _space_out(space: EmbeddingSpace) -> EmbeddingSpaceOut:
    own = set(EmbeddingSpaceOut.model_fields) - {"is_exact"}
    values = {name: getattr(space, name) for name in own}
    return EmbeddingSpaceOut(**values, is_exact=space.index is None)


def _job_out(job: Job) -> EmbeddingJobOut:
    return EmbeddingJobOut(job_id=job.id, state=job.state.value)


def _similar_out(found: list[similarity.SimilarImage]) -> SimilarImageList:
    return SimilarImageList(
        items=[
            SimilarImageOut(image=summary_out(item.record), similarity=round(item.similarity, 6))
            for item in found
        ]
    )
