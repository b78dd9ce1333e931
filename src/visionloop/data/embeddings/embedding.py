"""Embed the images of a project that have no vector yet, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from visionloop.admin.events import publish
from visionloop.compute.context import JobContext
from visionloop.data.embeddings import store
from visionloop.data.embeddings.cache import read_vectors
from visionloop.data.embeddings.entities import EmbeddingPart
from visionloop.data.embeddings.files import normalised, pack_array, pack_ids, unpack_ids
from visionloop.data.embeddings.neighbours import APPROXIMATE_FROM, build_index, pack_index
from visionloop.data.embeddings.ports import Embedder
from visionloop.data.embeddings.spaces import find_space
from visionloop.data.entities import Image
from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.query.trees import ACTIVE
from visionloop.data.sources import UNREADABLE, ImageSource, why_unreadable
from visionloop.data.store import images as image_store
from visionloop.data.store.pages import stream_matches

PART: Final = 4096
BATCH: Final = 64
_READERS: Final = 4
_LISTED: Final = 100


@dataclass
class _Work:
    """What a job has done so far."""

    ids: list[str] = field(default_factory=list)
    vectors: list[NDArray[np.float16]] = field(default_factory=list)
    added: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def embed_missing(context: JobContext, space_name: str, embedder: Embedder) -> dict[str, Any]:
    """Embed the active images that the space lacks; a job that died goes on after its last part.

    Returns:
        The report: ``num_added``, ``num_refused``, ``refused`` and ``num_images`` of the space.
    """
    missing = list(_missing_ids(context, space_name))
    context.log(f"{len(missing)} images have no vector in {space_name!r} yet.")
    source = ImageSource(context.database, context.blobs, context.project)
    work = _Work()
    with ThreadPoolExecutor(_READERS) as pool:
        for start in range(0, len(missing), BATCH):
            context.check_cancelled()
            _embed_batch(context, pool, source, (embedder, missing[start : start + BATCH], work))
            if len(work.ids) >= PART:
                _write_part(context, space_name, work)
            context.progress(min(1.0, (start + BATCH) / len(missing)), "Embedding images.")
    _write_part(context, space_name, work)
    total = _refresh_index(context, space_name, grown=work.added > 0)
    context.log(f"{work.added} images embedded, {len(work.refused)} refused, {total} in all.")
    return {
        "space": space_name,
        "num_added": work.added,
        "num_refused": len(work.refused),
        "refused": dict(list(work.refused.items())[:_LISTED]),
        "num_images": total,
    }


def _missing_ids(context: JobContext, space_name: str) -> Iterator[str]:
    known: set[bytes] = set()
    with context.database.read() as tx:
        for part in store.list_parts(tx, context.project, space_name):
            ids = unpack_ids(context.blobs.get(part.image_ids))
            known.update(row.tobytes() for row in ids)
        for batch in stream_matches(tx, context.project, ACTIVE, batch=10_000):
            yield from (image_id for image_id in batch if bytes.fromhex(image_id) not in known)


def _embed_batch(
    context: JobContext,
    pool: ThreadPoolExecutor,
    source: ImageSource,
    task: tuple[Embedder, Sequence[str], _Work],
) -> None:
    embedder, image_ids, work = task
    with context.database.read() as tx:
        found = image_store.find_images(tx, context.project, image_ids)

    def prepare(image: Image) -> NDArray[np.uint8] | str:
        try:
            return embedder.prepare(source.read(image.uri))
        except (NotAnImage, ImageTooLarge) as error:
            return error.message
        except UNREADABLE as error:
            return why_unreadable(error)

    images = list(found.values())
    pixels = []
    for image, prepared in zip(images, pool.map(prepare, images), strict=True):
        if isinstance(prepared, str):
            work.refused[image.id] = prepared
        else:
            work.ids.append(image.id)
            pixels.append(prepared)
    if pixels:
        vectors = normalised(embedder.embed(np.stack(pixels)))
        work.vectors.append(vectors.astype(np.float16))


def _write_part(context: JobContext, space_name: str, work: _Work) -> None:
    if not work.ids:
        return
    matrix = np.concatenate(work.vectors)
    vectors, ids = context.blobs.put(pack_array(matrix)), context.blobs.put(pack_ids(work.ids))
    with context.database.begin() as tx:
        space = find_space(tx, context.project, space_name)
        position = len(store.list_parts(tx, context.project, space_name))
        part = EmbeddingPart(position, vectors, ids, len(work.ids))
        store.insert_part(tx, context.project, space_name, part)
        store.update_space(
            tx,
            context.project,
            space_name,
            dimension=matrix.shape[1],
            num_images=space.num_images + len(work.ids),
        )
        publish(
            tx,
            type="visionloop.embeddings.extended",
            project=context.project,
            subject=f"embeddings/{space_name}",
            actor=context.actor,
            data={"num_added": len(work.ids)},
        )
    work.added += len(work.ids)
    work.ids, work.vectors = [], []


def _refresh_index(context: JobContext, space_name: str, *, grown: bool) -> int:
    """Build the approximate index of a large space anew; return the size of the space."""
    with context.database.read() as tx:
        space = find_space(tx, context.project, space_name)
        parts = store.list_parts(tx, context.project, space_name)
    if space.num_images < APPROXIMATE_FROM or not (grown or space.index is None):
        return space.num_images
    context.log("Building the index of nearest neighbours.")
    index = build_index(read_vectors(context.blobs, parts, space.dimension).matrix)
    if index is None:
        context.log("Search stays exact: the vector extra is not installed.")
        return space.num_images
    blob = context.blobs.put(pack_index(index))
    with context.database.begin() as tx:
        values = {"index": blob, "index_images": space.num_images}
        store.update_space(tx, context.project, space_name, **values)
    return space.num_images
