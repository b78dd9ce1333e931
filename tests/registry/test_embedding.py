"""Embedding images with a registered package, and with a checkpoint of a model hub."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.pictures import encoded, picture
from tests.serving.models import build_package
from visionloop.data.embeddings.errors import EmbeddingModelUnfit
from visionloop.data.embeddings.ports import Embedder
from visionloop.registry.embedding import PackageEmbedder


def vectors_of(embedder: Embedder, *seeds: int) -> np.ndarray:
    files = [encoded(picture(seed), "PNG") for seed in seeds]
    return embedder.embed(np.stack([embedder.prepare(data) for data in files]))


def test_a_package_embeds_images(tmp_path: Path) -> None:
    folder = tmp_path / build_package(tmp_path)
    found = vectors_of(PackageEmbedder(folder), 1, 2, 1)
    assert (found.shape, found.dtype) == ((3, 3), np.float32)
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[0] - found[1]).max() > 0


def test_a_package_without_a_graph_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / build_package(tmp_path, broken_graph=b"no graph")
    with pytest.raises(EmbeddingModelUnfit, match="cannot embed"):
        PackageEmbedder(folder)


@pytest.mark.torch
def test_a_checkpoint_embeds_images(shared_data: Path) -> None:
    from visionloop.training.embedding import CheckpointEmbedder

    checkpoint = shared_data / "weights" / "mobilenet_v2_1.0_224"
    found = vectors_of(CheckpointEmbedder(str(checkpoint)), 1, 2, 1)
    assert found.shape[0] == 3
    np.testing.assert_allclose(found[0], found[2], rtol=1e-4, atol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3


@pytest.mark.torch
def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="left out: the train extra is not installed")
    from visionloop.training.embedding import CheckpointEmbedder

    with pytest.raises(EmbeddingModelUnfit):
        CheckpointEmbedder(str(tmp_path))
