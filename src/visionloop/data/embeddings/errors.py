"""What can go wrong with embeddings."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Invalid, NotFound


class SpaceNotFound(NotFound):
    """No such embedding space in the project."""

    code = "embedding_space_not_found"

    def __init__(self, project: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Project {project!r} has no embeddings {name!r}; there are "
            f"{', '.join(map(repr, known)) or 'none'}. Embed its images first.",
            project=project,
            name=name,
            known=list(known),
        )


class SpaceTaken(Conflict):
    """The name stands for the vectors of another model."""

    code = "embedding_space_taken"

    def __init__(self, name: str, model: str) -> None:
        super().__init__(
            f"The embeddings {name!r} come from {model}. Vectors of two models cannot be "
            "compared: choose another name.",
            name=name,
            model=model,
        )


class ImageNotEmbedded(NotFound):
    """An image has no vector in the space."""

    code = "image_not_embedded"

    def __init__(self, image_id: str, space: str) -> None:
        super().__init__(
            f"Image {image_id} has no vector in the embeddings {space!r}. Embed again to add the "
            "images that came since.",
            image_id=image_id,
            space=space,
        )


class SpaceNeedsCheckpoint(Invalid):
    """An upload cannot be embedded where the checkpoint does not run."""

    code = "embedding_space_needs_checkpoint"

    def __init__(self, space: str, model: str) -> None:
        super().__init__(
            f"The embeddings {space!r} come from the checkpoint {model}, which runs in jobs only. "
            "Search by an image of the project, or embed with a registered model.",
            space=space,
            model=model,
        )


class MapMissing(NotFound):
    """Nobody has made a map of the space yet."""

    code = "embedding_map_missing"

    def __init__(self, space: str) -> None:
        super().__init__(
            f"There is no map of the embeddings {space!r} yet. Start the job that makes it.",
            space=space,
        )


class EmbeddingModelUnfit(Invalid):
    """A model gives no embedding."""

    code = "embedding_model_unfit"

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"The model {model} cannot embed images: {reason}. Expected an ONNX package with an "
            "output 'embedding', or a vision checkpoint.",
            model=model,
            reason=reason,
        )


class NothingToProject(Invalid):
    """A space without vectors has no map."""

    code = "nothing_to_project"

    def __init__(self, space: str) -> None:
        super().__init__(
            f"The embeddings {space!r} hold no image yet. Embed images first.", space=space
        )
