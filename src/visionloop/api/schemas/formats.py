"""What the routes of imports and exports take and give."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class FormatOut(_Schema):
    """An annotation format and what it can hold."""

    name: str
    title: str
    writable: bool
    holds: dict[str, Any] = Field(
        description="kinds of geometry, and for every other fact whether it comes back"
    )


class FormatList(_Schema):
    """The annotation formats of this installation."""

    items: list[FormatOut]
    total: int


class LabelFileOut(_Schema):
    """A file that was sent for an import."""

    digest: str
    name: str
    size_bytes: int


class LabelImportCreate(_Schema):
    """Labels for images that are already there."""

    file: str | None = Field(default=None, description="Digest of a file sent before, or")
    datastore: str | None = Field(default=None, description="a registered datastore")
    path: str = Field(default="", max_length=1000, description="Name of the file, or a folder")
    format: str = Field(default="auto", max_length=63)
    match: Literal["auto", "digest", "uri", "name"] = "auto"
    replace: bool = Field(default=False, description="Replace labels that are there already")
    add_classes: bool = Field(default=False, description="Add unknown classes to the schema")


class ImportCreate(_Schema):
    """An archive of images with their labels."""

    file: str = Field(description="Digest of a zip file sent before")
    name: str = Field(min_length=1, max_length=255, description="Its name; names the datastore")
    format: str = Field(default="auto", max_length=63)
    group_by: str = "none"
    add_classes: bool = False
    metadata: dict[str, Any] = Field(default_factory=dict)


class ExportCreate(_Schema):
    """What to export, and how."""

    format: str = Field(max_length=63)
    version: str | None = Field(
        default=None, description="NAME, NAME:NUMBER or id; the present labels when left out"
    )
    filters: list[str] = Field(default_factory=list, max_length=50)
    splits: list[str] = Field(default_factory=list, max_length=3)
    with_images: bool = True
    accept_loss: bool = Field(default=False, description="Write although something is lost")
    as_folder: bool = Field(default=False, description="Leave a folder on the server, no zip")
    image_root: str = Field(
        default="", max_length=1000, description="Address of the folder of the images"
    )


class LossOut(_Schema):
    """One thing that a format cannot hold."""

    what: str
    count: int
    sentence: str


class LossList(_Schema):
    """What an export would lose; empty when it would lose nothing."""

    items: list[LossOut]
    total: int


class FormatJobOut(_Schema):
    """The job that imports or exports; its outputs are the report."""

    job_id: str
    state: str
