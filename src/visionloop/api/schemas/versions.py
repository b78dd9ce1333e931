"""What the routes of dataset versions take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from visionloop.api.schemas.data import AnnotationOut
from visionloop.data.entities import Split
from visionloop.data.leakage import LeakKind
from visionloop.data.row_changes import ChangeKind


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class VersionCreate(_Schema):
    """Which images to freeze, and how to split them."""

    name: str = Field(min_length=2, max_length=63)
    notes: str = Field(default="", max_length=2000)
    filters: list[str] = Field(default_factory=list, max_length=50)
    fractions: dict[Split, float] = {"train": 0.7, "val": 0.15, "test": 0.15}
    seed: int = 0
    parent: str | None = Field(
        default=None, description="Keep its splits; default is the newest version of this name"
    )
    accepted_only: bool = False
    use_source_splits: bool = Field(
        default=False, description="Take the splits that the imported set came with"
    )
    allow_empty_classes: bool = False
    group_by: list[str] = Field(
        default_factory=list,
        max_length=10,
        description="What a split never parts, all rules together: exif-session[:SECONDS], "
        "near-duplicate, path:REGEX, column:metadata.KEY or column:exif.KEY; empty means the "
        "stored group keys, and looks where an image has none",
    )
    keep_test: bool = Field(
        default=False, description="Put nothing new into the test split of the parent"
    )


class VersionOut(_Schema):
    """An immutable dataset version."""

    id: str
    project: str
    name: str
    version: int
    reference: str
    digest: str
    manifest: str
    task: str
    classes: list[str]
    num_images: int
    num_annotations: int
    splits: dict[str, int]
    class_counts: dict[str, dict[str, int]]
    parent_id: str | None
    filters: list[str]
    fractions: dict[str, float]
    seed: int
    notes: str
    warnings: list[str]
    created_by: str
    created_at: datetime
    group_by: list[str]
    tags: list[str] = Field(default_factory=list, description="Words that stand for it now")


class VersionList(_Schema):
    """The dataset versions of a project, newest first."""

    items: list[VersionOut]
    total: int


class ManifestRowOut(_Schema):
    """One image of a frozen version."""

    image_id: str
    name: str
    uri: str
    width: int
    height: int
    camera: str | None
    group_key: str
    origin: str
    split: Split
    label: str | None
    annotations: list[AnnotationOut]


class ManifestPage(_Schema):
    """A page of the rows of a version."""

    items: list[ManifestRowOut]
    total: int
    limit: int
    offset: int


class RowChangeOut(_Schema):
    """An image that two versions hold differently."""

    image_id: str
    name: str
    before: str
    after: str


class VersionDiffOut(_Schema):
    """What changed from ``base`` to ``other``; counts are exact, lists are cut at 100."""

    base: str
    other: str
    num_added: int
    num_removed: int
    num_relabeled: int
    num_moved: int
    num_edited: int
    num_unchanged: int
    added: list[str]
    removed: list[str]
    relabeled: list[RowChangeOut]
    moved: list[RowChangeOut]
    edited: list[RowChangeOut]
    classes_added: list[str]
    classes_removed: list[str]
    splits_before: dict[str, int]
    splits_after: dict[str, int]
    class_counts_before: dict[str, dict[str, int]]
    class_counts_after: dict[str, dict[str, int]]


class LabelChangeOut(_Schema):
    """A label that kept its id and changed."""

    before: AnnotationOut
    after: AnnotationOut


class ValueChangeOut(_Schema):
    """A fact before and after."""

    before: Any
    after: Any


class ImageChangeOut(_Schema):
    """Everything that two versions hold differently about one image."""

    image_id: str
    name: str
    width: int
    height: int
    kinds: list[ChangeKind]
    split_before: Split | None
    split_after: Split | None
    label_before: str | None = Field(description="All labels in words; None where it is absent")
    label_after: str | None
    labels_added: list[AnnotationOut]
    labels_removed: list[AnnotationOut]
    labels_changed: list[LabelChangeOut]
    fields: dict[str, ValueChangeOut]


class ImageChangePage(_Schema):
    """A page of the images that two versions hold differently, by image id."""

    items: list[ImageChangeOut]
    total: int
    limit: int
    offset: int


class BrokenImageOut(_Schema):
    """An image whose source no longer holds the recorded bytes."""

    image_id: str
    uri: str
    name: str
    problem: str


class VerifyReportOut(_Schema):
    """The result of reading every image of a version again."""

    version: str
    intact: bool
    manifest_intact: bool
    manifest_problem: str | None
    num_checked: int
    broken: list[BrokenImageOut]
    seconds: float


class VersionJobOut(_Schema):
    """A job that works on a version; its outputs are the report."""

    job_id: str
    state: str


class VerificationOut(_Schema):
    """One verification of a version, running or ended."""

    job_id: str
    state: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    report: dict[str, Any] | None = Field(description="Once it has succeeded")


class VerificationList(_Schema):
    """The verifications of a version, newest first."""

    items: list[VerificationOut]
    total: int


class VersionTagOut(_Schema):
    """A word that stands for one version of a dataset."""

    name: str
    tag: str
    version_id: str
    set_by: str
    set_at: datetime


class VersionTagList(_Schema):
    """The tags of a project or of one dataset."""

    items: list[VersionTagOut]
    total: int


class VersionUseOut(_Schema):
    """Something that depends on a version."""

    version: str
    kind: str
    id: str


class VersionLineageOut(_Schema):
    """Where a version comes from and what was made of it, nearest first."""

    version: VersionOut
    parents: list[VersionOut]
    children: list[VersionOut]
    uses: list[VersionUseOut]


class RestorePreviewOut(_Schema):
    """What restoring a version would change; ``before`` is now, ``after`` the version."""

    version: str
    num_images: int
    num_changed: int
    num_missing: int
    items: list[ImageChangeOut]
    limit: int
    offset: int


class RetentionCreate(_Schema):
    """Which versions are kept although nothing needs them."""

    keep_newest: int = Field(default=5, ge=1, description="So many of every dataset")
    older_than_days: float = Field(default=0.0, ge=0.0, description="Younger ones are kept")
    name: str | None = Field(default=None, description="Look at this dataset only")
    dry_run: bool = Field(default=True, description="Tell what would go, and delete nothing")


class RetentionDecisionOut(_Schema):
    """A version that is kept, and why."""

    version: VersionOut
    reasons: list[str]


class RetentionOut(_Schema):
    """What a policy deletes and keeps."""

    deleted: list[VersionOut]
    kept: list[RetentionDecisionOut]
    freed_bytes: int
    applied: bool


class LeakSideOut(_Schema):
    """One image of a pair."""

    image_id: str
    name: str
    split: Split


class LeakPairOut(_Schema):
    """Two images that must not lie in two splits."""

    kind: LeakKind
    first: LeakSideOut
    second: LeakSideOut
    distance: int | None
    group_key: str | None


class LeakageOut(_Schema):
    """What is known on two sides of a split; counts by kind are exact, items are a page."""

    version: str
    against: str | None
    num_pairs: dict[str, int]
    num_images: dict[str, int] = Field(description="Val and test images that some pair spoils")
    items: list[LeakPairOut]
    limit: int
    offset: int
