"""Maps of embedding spaces: made by a job, read with something to colour the points by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.embeddings import store
from visionloop.data.embeddings.cache import read_vectors
from visionloop.data.embeddings.entities import EmbeddingMap, ProjectionMethod
from visionloop.data.embeddings.errors import MapMissing, NothingToProject
from visionloop.data.embeddings.files import pack_array, unpack_array, unpack_ids
from visionloop.data.embeddings.projection import project_vectors
from visionloop.data.embeddings.spaces import find_space, get_space
from visionloop.data.entities import ImageQuery
from visionloop.data.query.errors import FieldInvalid
from visionloop.data.query.fields import FIELDS, nearest
from visionloop.data.query.selection import filter_of
from visionloop.data.query.trees import EVERYTHING
from visionloop.data.store.pages import filter_ids, read_values
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

ENTRY_POINT: Final = "visionloop.data.embeddings.maps:make_map"
MAX_POINTS: Final = 20_000


@dataclass(frozen=True)
class MapPoint:
    """An image on a map.

    Attributes:
        x, y: in [-1, 1].
        value: of the field that colours the map; several classes or tags are joined by ", ".
        chosen: whether the filter chooses it.
    """

    image_id: str
    x: float
    y: float
    value: str | float | None
    chosen: bool


def start_map(
    database: Database,
    actor: Actor,
    project: str,
    space_name: str,
    *,
    method: ProjectionMethod = "tsne",
    max_points: int = 3000,
) -> Job:
    """Queue the job that lays a space out on a plane.

    Raises:
        SpaceNotFound: there are no such embeddings.
        NothingToProject: they hold no image.
    """
    space = get_space(database, actor, project, space_name)
    if space.num_images == 0:
        raise NothingToProject(space_name)
    inputs = {"space": space_name, "method": method, "max_points": min(max_points, MAX_POINTS)}
    return submit(
        database,
        actor,
        project=project,
        kind="embedding_map",
        entry_point=ENTRY_POINT,
        inputs=inputs,
        permission=Permission.MANAGE_DATA,
    )


def make_map(context: JobContext) -> dict[str, Any]:
    """Carry out a map job; the same vectors give the same map."""
    name, limit = str(context.inputs["space"]), int(context.inputs["max_points"])
    method = cast(ProjectionMethod, context.inputs["method"])
    with context.database.read() as tx:
        space = find_space(tx, context.project, name)
        parts = store.list_parts(tx, context.project, name)
    vectors = read_vectors(context.blobs, parts, space.dimension)
    # An id is a digest, so the lowest ids are a random sample that stays as images come.
    order = np.lexsort(vectors.ids.T[::-1])[:limit]
    context.log(f"Laying out {len(order)} of {len(vectors.ids)} images with {method}.")
    points = project_vectors(vectors.matrix[order], method)
    made = EmbeddingMap(
        project=context.project,
        space=name,
        method=method,
        points=context.blobs.put(pack_array(points)),
        image_ids=context.blobs.put(vectors.ids[order].tobytes()),
        num_images=len(order),
        num_space_images=len(vectors.ids),
        created_at=utc_now(),
    )
    with context.database.begin() as tx:
        store.replace_map(tx, made)
        publish(
            tx,
            type="visionloop.embeddings.mapped",
            project=context.project,
            subject=f"embeddings/{name}",
            actor=context.actor,
            data={"method": method, "num_images": made.num_images},
        )
    return {"space": name, "num_images": made.num_images}


def read_map(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    space_name: str,
    *,
    color_by: str = "label",
    query: ImageQuery | None = None,
) -> tuple[EmbeddingMap, list[MapPoint]]:
    """Return the map of a space with the value of a field at every point.

    Raises:
        SpaceNotFound, MapMissing: there is no such space or map.
        FieldInvalid: nothing can be coloured by the field.
        FilterInvalid: the query does not parse.
    """
    require(actor, Permission.READ, project)
    field = _color_field(color_by)
    tree = filter_of(query or ImageQuery())
    with database.read() as tx:
        find_space(tx, project, space_name)
        made = store.find_map(tx, project, space_name)
        if made is None:
            raise MapMissing(space_name)
        ids = [row.tobytes().hex() for row in unpack_ids(blobs.get(made.image_ids))]
        values = read_values(tx, project, field, ids)
        chosen = set(values) if tree == EVERYTHING else filter_ids(tx, project, tree, ids)
    points = unpack_array(blobs.get(made.points)).tolist()
    return made, [
        MapPoint(image_id, round(x, 5), round(y, 5), values[image_id], image_id in chosen)
        for image_id, (x, y) in zip(ids, points, strict=True)
        if image_id in values
    ]


def _color_field(name: str) -> str:
    known = [key for key, field in FIELDS.items() if field.sortable or key in ("label", "tag")]
    if name not in known:
        raise FieldInvalid(name, known, nearest(name, known))
    return name
