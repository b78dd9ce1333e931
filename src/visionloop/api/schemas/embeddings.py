"""What the routes about embeddings take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from visionloop.api.schemas.data import ImageSummaryOut


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EmbeddingsStart(_Schema):
    """With what to embed the images that have no vector yet."""

    name: str = Field(min_length=2, max_length=63, description="Of the embeddings, new or known")
    model: str | None = Field(default=None, description="A registered model, or")
    version: str = Field(default="latest", description="Number, alias or latest, of the model")
    checkpoint: str | None = Field(
        default=None, max_length=500, description="a hub id or folder of a vision checkpoint"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> EmbeddingsStart:
        if (self.model is None) == (self.checkpoint is None):
            raise ValueError("give either model or checkpoint")
        return self


class EmbeddingJobOut(_Schema):
    """The job that works on embeddings; its outputs are the report."""

    job_id: str
    state: str


class EmbeddingSpaceOut(_Schema):
    """What one model makes of the project's images."""

    name: str
    kind: Literal["model", "checkpoint"]
    model: str
    dimension: int
    num_images: int
    is_exact: bool = Field(description="False where an approximate index answers")
    created_by: str
    created_at: datetime


class EmbeddingSpaceList(_Schema):
    """The embeddings of a project."""

    items: list[EmbeddingSpaceOut]


class SimilarImageOut(_Schema):
    """An image, and how much it is like the example: 1 is equal."""

    image: ImageSummaryOut
    similarity: float


class SimilarImageList(_Schema):
    """Images like an example, the most similar first."""

    items: list[SimilarImageOut]


class MapStart(_Schema):
    """How to lay images out on a plane."""

    method: Literal["tsne", "pca"] = "tsne"
    max_points: int = Field(default=3000, ge=3, le=20_000)


class MapPointOut(_Schema):
    """An image on a map; x and y lie in [-1, 1]."""

    image_id: str
    x: float
    y: float
    value: str | float | None = Field(description="Of the field that colours the map")
    chosen: bool = Field(description="Whether the filter chooses it")


class EmbeddingMapOut(_Schema):
    """Images as points, near each other where the model sees them alike."""

    method: Literal["tsne", "pca"]
    color_by: str
    num_images: int
    num_space_images: int
    created_at: datetime
    points: list[MapPointOut]
