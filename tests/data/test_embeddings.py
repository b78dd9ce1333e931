"""Embeddings: vectors that grow, neighbours that are true, maps that stay the same."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.pictures import encoded
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.embeddings.cache import SpaceCache
from visionloop.data.embeddings.embedding import embed_missing
from visionloop.data.embeddings.entities import EmbeddingSpace, Vectors
from visionloop.data.embeddings.errors import SpaceTaken
from visionloop.data.embeddings.files import normalised, pack_array, unpack_array
from visionloop.data.embeddings.maps import make_map
from visionloop.data.embeddings.neighbours import (
    ApproximateNeighbours,
    ExactNeighbours,
    best_of,
    build_index,
    pack_index,
    unpack_index,
)
from visionloop.data.embeddings.projection import project_vectors
from visionloop.data.embeddings.spaces import EmbeddingModel, get_space, open_space
from visionloop.data.imaging import decode_image
from visionloop.data.uploads import ImageUpload, add_image_bytes
from visionloop.kernel.errors import Conflict, Invalid, NotFound

ROOT = "/projects/parts/embeddings"
STEPS = (0, 128, 255)
COLORS = [(red, green, blue) for red in STEPS for green in STEPS for blue in (0, 255)]


class ColorEmbedder:
    """Embeds an image as its mean colour."""

    def prepare(self, data: bytes) -> NDArray[np.uint8]:
        return decode_image(data)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return pixels.mean(axis=(1, 2)).astype(np.float32) - np.float32(100)


def add_color(application: Application, color: Sequence[int], **metadata: object) -> str:
    pixels = np.full((8, 8, 3), color, dtype=np.uint8)
    upload = ImageUpload(encoded(pixels, "PNG"), f"{color}.png", metadata=dict(metadata))
    return add_image_bytes(
        application.database, application.blobs, SYSTEM, "parts", upload
    ).image.id


def context_of(application: Application, **inputs: object) -> JobContext:
    job: Job = submit(
        application.database,
        SYSTEM,
        project="parts",
        kind="embed",
        entry_point="tests:none",
        inputs=inputs,
    )
    return JobContext(
        job,
        actor=SYSTEM,
        database=application.database,
        blobs=application.blobs,
        home=application.home,
        cancelled=threading.Event(),
    )


@pytest.fixture
def embedded(application: Application) -> dict[str, tuple[int, int, int]]:
    """Eighteen images of one colour each, embedded in the space ``colors``; id to colour."""
    ids = {add_color(application, color, red=color[0]): color for color in COLORS}
    open_space(
        application.database, SYSTEM, "parts", "colors", EmbeddingModel("model", "colors/1", "d")
    )
    report = embed_missing(context_of(application), "colors", ColorEmbedder())
    assert (report["num_added"], report["num_refused"]) == (len(COLORS), 0)
    return ids


def nearest_colors(ids: dict[str, tuple[int, int, int]], color: Sequence[int]) -> list[str]:
    vectors = normalised(np.array(list(ids.values()), dtype=np.float32) - 100)
    wanted = normalised(np.array([color], dtype=np.float32) - 100)[0]
    order = np.argsort(-(vectors @ wanted), kind="stable")
    return [list(ids)[place] for place in order]


def test_more_like_this_within_a_filter(
    api_client: Client, application: Application, embedded: dict[str, tuple[int, int, int]]
) -> None:
    example = next(iter(embedded))
    found = api_client.get(f"{ROOT}/colors/similar", params={"image_id": example, "limit": 5})
    ids = [item["image"]["id"] for item in found["items"]]
    cosines = [item["similarity"] for item in found["items"]]
    assert example not in ids
    assert cosines == sorted(cosines, reverse=True)
    assert ids[0] == nearest_colors(embedded, embedded[example])[1]
    params = {"image_id": example, "where": "metadata.red = 255", "limit": 50}
    reds = api_client.get(f"{ROOT}/colors/similar", params=params)["items"]
    assert {item["image"]["id"] for item in reds} == {
        image_id for image_id, color in embedded.items() if color[0] == 255
    }
    nothing = params | {"where": "metadata.red = 7"}
    assert api_client.get(f"{ROOT}/colors/similar", params=nothing)["items"] == []
    with pytest.raises(NotFound, match="has no vector"):
        api_client.get(f"{ROOT}/colors/similar", params={"image_id": "f" * 64})
    with pytest.raises(NotFound, match="'colors'"):
        api_client.get(f"{ROOT}/shapes/similar", params={"image_id": example})


def test_new_images_are_added_and_found(
    api_client: Client, application: Application, embedded: dict[str, tuple[int, int, int]]
) -> None:
    example = next(iter(embedded))
    params = {"image_id": example, "limit": 1}
    api_client.get(f"{ROOT}/colors/similar", params=params)  # the space is in memory from now on
    twin = add_color(application, [value + 1 for value in embedded[example]])
    report = embed_missing(context_of(application), "colors", ColorEmbedder())
    assert (report["num_added"], report["num_images"]) == (1, len(COLORS) + 1)
    again = embed_missing(context_of(application), "colors", ColorEmbedder())
    assert again["num_added"] == 0
    found = api_client.get(f"{ROOT}/colors/similar", params=params)["items"]
    assert found[0]["image"]["id"] == twin
    space = api_client.get(ROOT)["items"][0]
    assert (space["name"], space["dimension"], space["is_exact"]) == ("colors", 3, True)


def test_an_unreadable_image_is_reported_and_left_out(
    application: Application, tmp_path: Path, embedded: dict[str, tuple[int, int, int]]
) -> None:
    class Refusing(ColorEmbedder):
        def prepare(self, data: bytes) -> NDArray[np.uint8]:
            return decode_image(data[:20])

    added = add_color(application, (1, 2, 3))
    report = embed_missing(context_of(application), "colors", Refusing())
    assert (report["num_added"], list(report["refused"])) == (0, [added])


def test_a_space_belongs_to_one_model(
    application: Application, embedded: dict[str, tuple[int, int, int]]
) -> None:
    other = EmbeddingModel("model", "colors/2", "e")
    with pytest.raises(SpaceTaken, match="colors/1"):
        open_space(application.database, SYSTEM, "parts", "colors", other)


def test_a_map_is_stable_and_coloured(
    api_client: Client, application: Application, embedded: dict[str, tuple[int, int, int]]
) -> None:
    with pytest.raises(NotFound, match="no map"):
        api_client.get(f"{ROOT}/colors/map")
    started = api_client.post(f"{ROOT}/colors/map", json={"method": "tsne"})
    inputs = api_client.get(f"/jobs/{started['job_id']}")["inputs"]
    make_map(context_of(application, **inputs))
    first = api_client.get(f"{ROOT}/colors/map", params={"color_by": "name"})
    assert {point["image_id"] for point in first["points"]} == set(embedded)
    assert all(point["value"].endswith(".png") and point["chosen"] for point in first["points"])
    reach = [max(abs(point["x"]), abs(point["y"])) for point in first["points"]]
    assert max(reach) == pytest.approx(1.0)
    make_map(context_of(application, **inputs))
    params = {"color_by": "name", "where": "metadata.red = 255"}
    second = api_client.get(f"{ROOT}/colors/map", params=params)
    places = [[(p["x"], p["y"]) for p in found["points"]] for found in (first, second)]
    assert places[0] == places[1]
    assert sum(point["chosen"] for point in second["points"]) == 6
    with pytest.raises(Invalid, match="camera"):
        api_client.get(f"{ROOT}/colors/map", params={"color_by": "camra"})


def test_an_upload_needs_a_model_that_runs_here(
    api_client: Client, application: Application
) -> None:
    body = {"name": "hub", "checkpoint": "some/checkpoint"}
    job = api_client.get(f"/jobs/{api_client.post(ROOT, json=body)['job_id']}")
    assert (job["kind"], job["state"]) == ("embed", "queued")
    with pytest.raises(Invalid, match="runs in jobs only"):
        api_client.post(f"{ROOT}/hub/similar", files={"file": ("a.png", io.BytesIO(b"x"))})
    with pytest.raises(Invalid, match="model or checkpoint"):
        api_client.post(ROOT, json={"name": "hub"})
    with pytest.raises(Conflict, match="some/checkpoint"):
        api_client.post(ROOT, json=body | {"checkpoint": "another"})
    with pytest.raises(NotFound):
        api_client.post(ROOT, json={"name": "own", "model": "none"})
    api_client.delete(f"{ROOT}/hub")
    assert api_client.get(ROOT)["items"] == []


def test_exact_neighbours_are_the_nearest() -> None:
    chance = np.random.default_rng(0)
    matrix = normalised(chance.standard_normal((500, 16)))
    rows, cosines = ExactNeighbours(matrix).nearest(matrix[7], 10)
    assert rows[0] == 7
    np.testing.assert_array_equal(rows, np.argsort(-(matrix @ matrix[7]), kind="stable")[:10])
    np.testing.assert_allclose(cosines, matrix[rows] @ matrix[7], rtol=1e-5)
    assert len(ExactNeighbours(matrix[:3]).nearest(matrix[0], 10)[0]) == 3
    assert best_of(np.empty(0, np.float32), 5)[0].size == 0


def test_approximate_neighbours_find_nearly_all() -> None:
    pytest.importorskip("faiss", reason="left out: the vector extra is not installed")
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((50, 32))
    points = centres[chance.integers(0, 50, 5000)] + 0.5 * chance.standard_normal((5000, 32))
    matrix = normalised(points)
    index = build_index(matrix)
    assert index is not None
    approximate = ApproximateNeighbours(unpack_index(pack_index(index)))
    exact = ExactNeighbours(matrix)
    hits = 0
    for query in matrix[:50]:
        true = set(exact.nearest(query, 10)[0].tolist())
        hits += len(true & set(approximate.nearest(query, 10)[0].tolist()))
    assert hits / 500 > 0.8


def test_vectors_know_their_images() -> None:
    ids = np.random.default_rng(0).integers(0, 256, (100, 32), dtype=np.uint8)
    vectors = Vectors(np.zeros((100, 2), np.float32), ids)
    assert vectors.row_of(vectors.image_id(42)) == 42
    assert vectors.row_of("0" * 64) is None
    assert Vectors(np.zeros((0, 2), np.float32), ids[:0]).row_of("0" * 64) is None
    np.testing.assert_array_equal(unpack_array(pack_array(ids)), ids)


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 9, 40])
def test_any_number_of_vectors_can_be_mapped(rows: int) -> None:
    matrix = np.random.default_rng(0).standard_normal((rows, 5)).astype(np.float32)
    for method in ("pca", "tsne"):
        points = project_vectors(matrix, method)  # type: ignore[arg-type]
        assert points.shape == (rows, 2)
        assert np.isfinite(points).all()


def test_the_cache_drops_the_space_used_longest_ago(
    application: Application,
    embedded: dict[str, tuple[int, int, int]],
    admin_actor: Actor,
) -> None:
    space: EmbeddingSpace = get_space(application.database, admin_actor, "parts", "colors")
    cache = SpaceCache(application.blobs, max_spaces=1)
    with application.database.read() as tx:
        first = cache.load(tx, space)
        assert cache.load(tx, space) is first
        cache.load(tx, EmbeddingSpace(**{**vars(space), "name": "other"}))
        assert cache.load(tx, space) is not first
