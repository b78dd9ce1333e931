"""Images, annotations and dataset versions as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from visionloop.kernel.geometry import Box

AnnotationKind = Literal["class", "box", "rotated_box", "polygon", "polyline", "mask", "keypoints"]
AnnotationSource = Literal["human", "import", "model"]
AnnotationStatus = Literal["unlabeled", "labeled", "accepted", "rejected"]
ImageOrigin = Literal["ingest", "production"]
ImageStatus = Literal["active", "excluded", "missing"]
Split = Literal["train", "val", "test"]

SPLITS: Final[tuple[Split, ...]] = ("train", "val", "test")


@dataclass(frozen=True)
class Datastore:
    """A place that images are read from; its credentials are kept apart and never shown.

    Attributes:
        url: absolute folder, or an s3://, gs://, az://, abfs:// or https:// address without
            secrets.
        kind: "folder", "azure", "s3", "gcs" or "https".
        auth: how we prove who we are, e.g. "account_key".
        options: what else is needed to reach it, e.g. endpoint or region; no secrets.
        allow_private: an administrator allows addresses inside our own network.
        rotated_at, rotated_by: when and by whom the credentials were stored last; None without.
    """

    project: str
    name: str
    url: str
    created_by: str
    created_at: datetime
    kind: str = "folder"
    auth: str = "none"
    options: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    rotated_at: datetime | None = None
    rotated_by: str | None = None

    @property
    def has_credentials(self) -> bool:
        """Whether credentials are stored for it."""
        return self.rotated_at is not None


@dataclass(frozen=True)
class DatastoreCheck:
    """What a connection test of a datastore found.

    Attributes:
        code: "ok" or the kind of problem, e.g. "key_refused".
        message: what was found or is wrong, in one sentence.
        remedy: what to do about it; empty when all is well.
    """

    name: str
    reachable: bool
    message: str
    num_files_seen: int
    sample: tuple[str, ...]
    code: str = "ok"
    remedy: str = ""


@dataclass(frozen=True)
class Image:
    """One image of a project; its id is the sha256 of the file bytes.

    Attributes:
        uri: ``datastore://NAME/PATH`` (referenced in place) or ``blob://DIGEST`` (managed).
        name: path below the datastore, or the uploaded file name.
        width, height: upright pixels.
        exif: capture facts such as Model, DateTimeOriginal and Orientation.
        statistics: the 14 values of ``statistics.STATISTIC_NAMES``.
        dhash: 64-bit perceptual hash, 16 hexadecimal digits.
        group_key: images that share it never end up on two sides of a split.
    """

    id: str
    project: str
    uri: str
    datastore: str | None
    name: str
    width: int
    height: int
    mode: str
    format: str
    size_bytes: int
    exif: Mapping[str, Any]
    statistics: tuple[float, ...] | None
    dhash: str
    group_key: str | None
    origin: ImageOrigin
    metadata: Mapping[str, Any]
    status: ImageStatus
    created_at: datetime

    @property
    def camera(self) -> str | None:
        """The EXIF camera model."""
        model = self.exif.get("Model")
        return None if model is None else str(model)


@dataclass(frozen=True)
class Annotation:
    """One label of one image.

    Attributes:
        bbox: xyxy, absolute pixels of the upright image, origin top left.
        segmentation: polygons (several parts allowed) and polylines as a list of flat
            [x1, y1, x2, y2, ...] lists; a rotated box as one such list of four corners in drawing
            order, the first edge being its top; a mask as a COCO RLE
            {"size": [height, width], "counts": ...}.
        keypoints: [x, y, visibility] with COCO's visibility (0 not labeled, 1 hidden, 2 visible);
            any kind may carry them, kind "keypoints" has no other geometry but ``bbox``.
        attributes: free facts, e.g. {"iscrowd": 1, "difficult": 0}.
        score: a model's confidence in [0, 1].
        author: user, model version or import that made it.
        external_id: the id that a foreign file gave it, kept for the way back.
    """

    id: str
    image_id: str
    category: str
    kind: AnnotationKind
    bbox: Box | None = None
    segmentation: list[Any] | dict[str, Any] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None
    source: AnnotationSource = "human"
    author: str = ""
    reviewed_by: str | None = None
    keypoints: list[list[float]] | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class AnnotationDraft:
    """An annotation as a person, a model or a file proposes it, before it is checked.

    Attributes:
        id: of an existing annotation of the image to keep its identity; None for a new one.
        author: for ``source`` "model" or "import", who made it; people are taken from the actor.
    """

    category: str
    kind: AnnotationKind
    bbox: Box | None = None
    segmentation: list[Any] | dict[str, Any] | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None
    source: AnnotationSource = "human"
    author: str | None = None
    id: str | None = None
    keypoints: list[list[float]] | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class AnnotationSet:
    """All annotations of one image at one revision; a save with another revision is refused.

    Attributes:
        attributes: free facts about the whole image, e.g. {"weather": "rain"}.
    """

    project: str
    image_id: str
    revision: int
    status: AnnotationStatus
    annotations: tuple[Annotation, ...]
    updated_at: datetime
    updated_by: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ImageRecord:
    """An image with the state of its labels, as lists show it."""

    image: Image
    annotation_status: AnnotationStatus
    revision: int
    labels: tuple[str, ...]
    num_annotations: int
    tags: tuple[str, ...] = ()
    split: Split | None = None


@dataclass(frozen=True)
class ImageQuery:
    """Which images a list shows, and in which order; every given condition must hold.

    Attributes:
        text: part of the name, address or custom columns, any case.
        where: filters such as ``label:bolt and not tag:blurry``, see ``query.parsing``.
        sort: a sortable field, "-" before it for descending order, see ``query.orders``.
    """

    label: str | None = None
    annotation_status: AnnotationStatus | None = None
    status: ImageStatus | None = None
    origin: ImageOrigin | None = None
    camera: str | None = None
    group_key: str | None = None
    text: str | None = None
    where: tuple[str, ...] = ()
    sort: str = "created"


@dataclass(frozen=True)
class DataSummary:
    """Counts that the console's data page and home diagram show."""

    num_images: int
    num_labeled: int
    num_accepted: int
    num_annotations: int
    num_groups: int
    num_versions: int
    by_class: Mapping[str, int]
    by_annotation_status: Mapping[str, int]
    by_status: Mapping[str, int]
    by_origin: Mapping[str, int]
    by_camera: Mapping[str, int]


@dataclass(frozen=True)
class RefusedFile:
    """A file that was skipped, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class DuplicateFile:
    """A file with the same bytes as an image that is already there."""

    path: str
    image_id: str
    first_path: str


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did with every file it saw."""

    datastore: str
    format: str
    num_files: int
    added: int
    already_present: int
    duplicates: tuple[DuplicateFile, ...]
    refused: tuple[RefusedFile, ...]
    annotations: int
    warnings: tuple[str, ...]
    grouping: Mapping[str, Any] | None
    classes_added: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Watch:
    """A place of a datastore that is looked at again and again.

    Attributes:
        path: folder of the datastore; empty for all of it.
        every_s: seconds from one look to the next; notifications bring the next one forward.
        ascending: names of new files sort behind those before, so a look lists new ones alone,
            and all of them only every hour.
        ingest: further fields of an ``IngestRequest``.
        queue: labeling queue for images without labels that come in after the watch was made; None
            leaves them alone.
        due_at: when it will be looked at next.
        cursor: the last path seen, of an ascending watch.
        swept_at: when all files were listed last.
        job_id: the newest ingest it started.
        problem: why the last look failed; None after a good one.
        found: counts of the last look: files, new, changed, missing.
    """

    project: str
    name: str
    datastore: str
    path: str
    every_s: int
    ascending: bool
    ingest: Mapping[str, Any]
    queue: str | None
    is_paused: bool
    created_by: str
    created_at: datetime
    due_at: datetime
    cursor: str | None = None
    swept_at: datetime | None = None
    job_id: str | None = None
    checked_at: datetime | None = None
    problem: str | None = None
    found: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetVersion:
    """An immutable selection of images with their labels and splits.

    Attributes:
        version: counts up within ``name``, from 1.
        digest: sha256 of the canonical content; equal content has an equal digest.
        manifest: digest of the Parquet blob that holds the rows.
        splits: split to number of images.
        class_counts: split to class to number of images that show it.
        group_by: rules that said what its splits never part; empty for the stored group keys.
    """

    id: str
    project: str
    name: str
    version: int
    digest: str
    manifest: str
    task: str
    classes: tuple[str, ...]
    num_images: int
    num_annotations: int
    splits: Mapping[str, int]
    class_counts: Mapping[str, Mapping[str, int]]
    parent_id: str | None
    filters: tuple[str, ...]
    fractions: Mapping[str, float]
    seed: int
    notes: str
    warnings: tuple[str, ...]
    created_by: str
    created_at: datetime
    group_by: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The short form that people type: NAME:NUMBER."""
        return f"{self.name}:{self.version}"


@dataclass(frozen=True)
class VersionTag:
    """A word such as ``golden`` that stands for one version of a dataset and can be moved."""

    project: str
    name: str
    tag: str
    version_id: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class ManifestRow:
    """One image of a frozen version, with its labels as they were.

    Attributes:
        label: the class, for images that carry exactly one class label; else None.
        attributes: free facts about the whole image.
    """

    image_id: str
    uri: str
    name: str
    width: int
    height: int
    format: str
    size_bytes: int
    exif: Mapping[str, Any]
    metadata: Mapping[str, Any]
    statistics: tuple[float, ...] | None
    dhash: str
    group_key: str
    origin: str
    split: Split
    label: str | None
    annotation_status: str
    annotations: tuple[Annotation, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def camera(self) -> str | None:
        """The EXIF camera model."""
        model = self.exif.get("Model")
        return None if model is None else str(model)
