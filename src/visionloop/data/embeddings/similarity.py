"""More images like this one, among those that a filter chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.embeddings.cache import LoadedSpace, SpaceCache
from visionloop.data.embeddings.entities import Vectors
from visionloop.data.embeddings.errors import ImageNotEmbedded
from visionloop.data.embeddings.files import ID_BYTES, normalised
from visionloop.data.embeddings.neighbours import best_of
from visionloop.data.embeddings.spaces import find_space
from visionloop.data.entities import ImageQuery, ImageRecord
from visionloop.data.query.selection import filter_of
from visionloop.data.query.trees import EVERYTHING, Filter
from visionloop.data.store import images as image_store
from visionloop.data.store.pages import filter_ids, stream_matches
from visionloop.storage.database import Database, Transaction

# So many of the nearest are tried against a filter before every image that it chooses is compared.
_TRIED: Final = (400, 4000)


@dataclass(frozen=True)
class SimilarImage:
    """An image, and the cosine between its vector and the one that was looked for."""

    record: ImageRecord
    similarity: float


@dataclass(frozen=True)
class Example:
    """What to look for in a space: an image of the project, or a vector of the space's model."""

    space: str
    image_id: str | None = None
    vector: NDArray[np.float32] | None = None


def find_similar(
    database: Database,
    cache: SpaceCache,
    actor: Actor,
    project: str,
    example: Example,
    *,
    query: ImageQuery | None = None,
    limit: int = 60,
) -> list[SimilarImage]:
    """Return the images most like an example, the most similar first; never the example itself.

    Raises:
        SpaceNotFound: there are no such embeddings.
        ImageNotEmbedded: the example has no vector.
        FilterInvalid: the query does not parse.
    """
    require(actor, Permission.READ, project)
    tree = filter_of(query or ImageQuery())
    with database.read() as tx:
        space = find_space(tx, project, example.space)
        loaded = cache.load(tx, space)
        vector = _vector_of(loaded.vectors, example)
        found = _nearest(tx, project, loaded, (vector, tree), limit=limit + 1)
        chosen = {i: s for i, s in found.items() if i != example.image_id}
        records = image_store.find_records(tx, project, list(chosen)[:limit])
    return [SimilarImage(record, chosen[record.image.id]) for record in records]


def _vector_of(vectors: Vectors, example: Example) -> NDArray[np.float32]:
    if example.vector is not None:
        return np.asarray(normalised(example.vector[None])[0])
    image_id = example.image_id or ""
    row = vectors.row_of(image_id) if len(image_id) == 2 * ID_BYTES else None
    if row is None:
        raise ImageNotEmbedded(image_id, example.space)
    return np.asarray(vectors.matrix[row])


def _nearest(
    tx: Transaction,
    project: str,
    loaded: LoadedSpace,
    wanted: tuple[NDArray[np.float32], Filter],
    *,
    limit: int,
) -> dict[str, float]:
    """Return image id to cosine, the most similar first."""
    vector, tree = wanted
    for number in (limit, *_TRIED):
        rows, cosines = loaded.neighbours.nearest(vector, max(number, limit))
        ids = [loaded.vectors.image_id(row) for row in rows.tolist()]
        found = dict(zip(ids, cosines.tolist(), strict=True))
        kept = filter_ids(tx, project, tree, ids)
        near = [image_id for image_id in ids if image_id in kept]
        if len(near) >= limit or len(ids) == len(loaded.vectors.ids):
            return {image_id: found[image_id] for image_id in near[:limit]}
        if tree == EVERYTHING and number != limit:
            break  # what is missing was deleted
    return _among_all(tx, project, loaded.vectors, wanted, limit=limit)


def _among_all(
    tx: Transaction,
    project: str,
    vectors: Vectors,
    wanted: tuple[NDArray[np.float32], Filter],
    *,
    limit: int,
) -> dict[str, float]:
    """Compare with every image that the filter chooses: few, or they would have been near."""
    vector, tree = wanted
    chosen = [bytes.fromhex(i) for ids in stream_matches(tx, project, tree) for i in ids]
    keys = np.frombuffer(b"".join(chosen), dtype=np.uint8).reshape(-1, ID_BYTES)
    rows = np.flatnonzero(np.isin(_as_scalars(vectors.ids), _as_scalars(keys)))
    places, cosines = best_of(vectors.matrix[rows] @ vector, limit)
    return {
        vectors.image_id(row): cosine
        for row, cosine in zip(rows[places].tolist(), cosines.tolist(), strict=True)
    }


def _as_scalars(ids: NDArray[np.uint8]) -> NDArray[np.void]:
    return np.ascontiguousarray(ids).view(np.dtype((np.void, ID_BYTES)))[:, 0]
