"""Embed images with a registered model, in jobs and for uploads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.embeddings.embedding import embed_missing
from visionloop.data.embeddings.entities import EmbeddingSpace
from visionloop.data.embeddings.errors import EmbeddingModelUnfit, SpaceNeedsCheckpoint
from visionloop.data.embeddings.spaces import EmbeddingModel, open_space
from visionloop.data.imaging import decode_for
from visionloop.data.preprocessing import Preprocessing
from visionloop.registry.packages import load_package
from visionloop.registry.versions import get_version
from visionloop.registry.versions import open_package as find_package
from visionloop.storage.database import Database
from visionloop.storage.home import Home

ENTRY_POINT: Final = "visionloop.registry.embedding:embed_images"
# By name, because the control plane never imports torch.
CHECKPOINT_ENTRY_POINT: Final = "visionloop.training.embedding:embed_images"
_OUTPUT: Final = "embedding"
_MODEL_FILE: Final = "model.onnx"


class PackageEmbedder:
    """Runs the ONNX graph of a package as far as its embedding.

    Args:
        folder: of the package.
        num_threads: of the runtime.

    Raises:
        EmbeddingModelUnfit: the graph cannot be loaded or has no such output.
    """

    def __init__(self, folder: Path, *, num_threads: int = 1) -> None:
        self._preprocessing = Preprocessing.from_dict(load_package(folder).preprocessing)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                folder / _MODEL_FILE, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime raises its own classes, which it does not export
            raise EmbeddingModelUnfit(str(folder), str(error).splitlines()[0]) from error
        names = [output.name for output in self._session.get_outputs()]
        if _OUTPUT not in names:
            raise EmbeddingModelUnfit(str(folder), f"its outputs are {', '.join(names)}")
        self._input = self._session.get_inputs()[0].name

    def prepare(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a file as the endpoint does."""
        return decode_for(data, self._preprocessing)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the (N, D) embeddings of (N, H, W, 3) pixels."""
        found = np.asarray(self._session.run([_OUTPUT], {self._input: pixels})[0])
        return found.reshape(len(pixels), -1).astype(np.float32)


def start_embedding(
    database: Database,
    actor: Actor,
    project: str,
    *,
    space: str,
    model: str,
    version: int | str = "latest",
) -> Job:
    """Queue the job that embeds the images which have no vector yet.

    Args:
        database: where the registry is.
        actor: who asks.
        project: whose images.
        space: name of the embeddings; made when there are none.
        model: a registered model of the project.
        version: number, alias or "latest".

    Raises:
        ModelNotFound, ModelVersionNotFound: there is no such model.
        SpaceTaken: the name stands for another model.
    """
    found = get_version(database, actor, project, model, version)
    described = EmbeddingModel("model", f"{model}/{found.version}", found.digest)
    open_space(database, actor, project, space, described)
    return submit(
        database,
        actor,
        project=project,
        kind="embed",
        entry_point=ENTRY_POINT,
        inputs={"space": space, "model": model, "version": found.version},
        permission=Permission.MANAGE_DATA,
    )


def start_checkpoint_embedding(
    database: Database, actor: Actor, project: str, *, space: str, checkpoint: str
) -> Job:
    """Queue the job that embeds with a checkpoint of a model hub or of a folder.

    Raises:
        SpaceTaken: the name stands for another model.
    """
    open_space(database, actor, project, space, EmbeddingModel("checkpoint", checkpoint))
    return submit(
        database,
        actor,
        project=project,
        kind="embed",
        entry_point=CHECKPOINT_ENTRY_POINT,
        inputs={"space": space, "checkpoint": checkpoint},
        permission=Permission.MANAGE_DATA,
    )


def embed_images(context: JobContext) -> Mapping[str, Any]:
    """Carry out an embedding job with a registered model."""
    inputs = context.inputs
    found = get_version(
        context.database, context.actor, context.project, inputs["model"], inputs["version"]
    )
    find_package(context.home, found)  # tells what is wrong when it is not on this machine
    embedder = PackageEmbedder(context.home.packages_dir / found.digest)
    return embed_missing(context, str(inputs["space"]), embedder)


def embed_upload(
    home: Home, actor: Actor, space: EmbeddingSpace, data: bytes
) -> NDArray[np.float32]:
    """Return the vector of an image that is not in the project, by the model of a space.

    Raises:
        SpaceNeedsCheckpoint: its model runs in jobs only.
        NotAnImage: the bytes are no image.
        PackageDamaged, EmbeddingModelUnfit: the package does not run.
    """
    require(actor, Permission.READ, space.project)
    if space.kind != "model":
        raise SpaceNeedsCheckpoint(space.name, space.model)
    embedder = PackageEmbedder(home.packages_dir / space.digest)
    return np.asarray(embedder.embed(embedder.prepare(data)[None])[0])
