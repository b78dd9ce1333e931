"""What the data routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from visionloop.data.entities import (
    AnnotationKind,
    AnnotationSource,
    AnnotationStatus,
    ImageOrigin,
    ImageStatus,
    Split,
)


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class IngestCreate(_Schema):
    """Which files to read, and how."""

    datastore: str | None = Field(default=None, description="A registered datastore, or")
    folder: str | None = Field(default=None, description="a folder on the server")
    path: str = Field(default="", description="Only files below this path of the datastore")
    format: str = Field(
        default="auto", max_length=63, description="auto, images or an annotation format"
    )
    managed: bool = Field(default=False, description="Copy the files instead of pointing at them")
    group_by: str = Field(
        default="none",
        description="none, exif-session[:SECONDS], near-duplicate, path:REGEX or column:FIELD",
    )
    origin: ImageOrigin = "ingest"
    metadata: dict[str, Any] = Field(default_factory=dict)
    add_classes: bool = Field(default=False, description="Add unknown classes to the schema")
    processes: int = Field(
        default=0, ge=0, le=64, description="Read beside each other; 0 takes every core for many"
    )


class IngestOut(_Schema):
    """An ingest; ``report`` says what happened to every file, once it is done."""

    id: str
    state: str
    progress: float
    message: str
    datastore: str
    path: str
    attempt: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    report: dict[str, Any]


class IngestList(_Schema):
    """Ingests, newest first."""

    items: list[IngestOut]
    total: int


class RefusedFileOut(_Schema):
    """A file that was not taken in, and why."""

    path: str
    reason: str


class RefusedFileList(_Schema):
    """A page of the files that an ingest refused."""

    items: list[RefusedFileOut]
    total: int
    limit: int
    offset: int


class IngestJobOut(_Schema):
    """The job that ingests; its outputs are the report."""

    job_id: str
    state: str


class AnnotationIn(_Schema):
    """One label to save; keep the id of an existing one to keep its identity."""

    id: str | None = None
    category: str
    kind: AnnotationKind
    bbox: tuple[float, float, float, float] | None = None
    segmentation: list[Any] | dict[str, Any] | None = None
    keypoints: list[tuple[float, float, float]] | None = Field(
        default=None, description="x, y and COCO visibility (0, 1, 2) of every keypoint"
    )
    attributes: dict[str, Any] = Field(default_factory=dict)
    score: float | None = Field(default=None, ge=0.0, le=1.0)
    source: AnnotationSource = "human"
    external_id: str | None = Field(default=None, max_length=200)


class AnnotationOut(_Schema):
    """One label of an image; boxes are xyxy pixels of the upright image."""

    id: str
    category: str
    kind: AnnotationKind
    bbox: tuple[float, float, float, float] | None
    segmentation: list[Any] | dict[str, Any] | None
    keypoints: list[tuple[float, float, float]] | None
    attributes: dict[str, Any]
    score: float | None
    source: AnnotationSource
    author: str
    reviewed_by: str | None
    external_id: str | None


class AnnotationSetOut(_Schema):
    """All labels of an image at one revision."""

    image_id: str
    revision: int
    status: AnnotationStatus
    annotations: list[AnnotationOut]
    attributes: dict[str, Any]
    updated_at: datetime
    updated_by: str


class AnnotationSetList(_Schema):
    """The labels of several images."""

    items: list[AnnotationSetOut]


class AnnotationSetSave(_Schema):
    """The labels that replace those of ``expected_revision``."""

    annotations: list[AnnotationIn] = Field(max_length=20_000)
    attributes: dict[str, Any] | None = Field(
        default=None, description="Facts about the whole image; unchanged when left out"
    )
    expected_revision: int = Field(ge=0)


class ImageOut(_Schema):
    """One image of a project."""

    id: str
    name: str
    uri: str
    datastore: str | None
    width: int
    height: int
    mode: str
    format: str
    size_bytes: int
    camera: str | None
    exif: dict[str, Any]
    statistics: dict[str, float] | None
    dhash: str
    group_key: str | None
    origin: ImageOrigin
    metadata: dict[str, Any]
    status: ImageStatus
    created_at: datetime


class ImageSummaryOut(_Schema):
    """An image as a grid shows it."""

    id: str
    name: str
    width: int
    height: int
    camera: str | None
    group_key: str | None
    origin: ImageOrigin
    status: ImageStatus
    created_at: datetime
    annotation_status: AnnotationStatus
    revision: int
    labels: list[str]
    num_annotations: int
    tags: list[str]
    split: Split | None


class ImageList(_Schema):
    """A page of images."""

    items: list[ImageSummaryOut]
    total: int
    total_is_exact: bool = Field(
        default=True, description="Counts beyond 30,000 are estimated from a sample"
    )
    limit: int
    offset: int
    next: str | None = Field(default=None, description="Cursor of the next page, none at the end")


class ImageDetailOut(_Schema):
    """An image with its labels."""

    image: ImageOut
    annotations: AnnotationSetOut


class ImageUploadOut(_Schema):
    """An uploaded image, new or already known."""

    image: ImageOut
    added: bool


class ImageExclude(_Schema):
    """Why an image is taken out of future versions."""

    reason: str = Field(default="", max_length=500)


class DataSummaryOut(_Schema):
    """Counts for the data page and the home diagram."""

    num_images: int
    num_labeled: int
    num_accepted: int
    num_annotations: int
    num_groups: int
    num_versions: int
    by_class: dict[str, int]
    by_annotation_status: dict[str, int]
    by_status: dict[str, int]
    by_origin: dict[str, int]
    by_camera: dict[str, int]
