"""What can go wrong in the data estate, with the facts a caller needs to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NotAnImage(Invalid):
    """The bytes cannot be decoded as a supported image."""

    code = "not_an_image"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Not a readable image: {reason}. Expected a complete JPEG, PNG, WebP, TIFF, BMP, "
            "GIF or PPM file.",
            reason=reason,
        )


class ImageTooLarge(Invalid):
    """The header announces more pixels than may be decoded."""

    code = "image_too_large"

    def __init__(self, width: int, height: int, max_pixels: int) -> None:
        super().__init__(
            f"The image is {width} x {height} = {width * height:,} pixels; at most "
            f"{max_pixels:,} are decoded. Scale it down or raise the limit.",
            width=width,
            height=height,
            max_pixels=max_pixels,
        )


class ImageNotFound(NotFound):
    """No such image in the project."""

    code = "image_not_found"

    def __init__(self, project: str, image_id: str) -> None:
        super().__init__(
            f"Project {project!r} has no image {image_id!r}. List images to see their ids.",
            project=project,
            image_id=image_id,
        )


class ImageUnreadable(Unavailable):
    """A registered image can no longer be read where it was registered."""

    code = "image_unreadable"

    def __init__(self, image_id: str, uri: str, reason: str) -> None:
        super().__init__(
            f"Image {image_id} cannot be read from {uri}: {reason}. Restore the file or exclude "
            "the image.",
            image_id=image_id,
            uri=uri,
            reason=reason,
        )


class DatastoreNotFound(NotFound):
    """No such datastore in the project."""

    code = "datastore_not_found"

    def __init__(self, project: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Project {project!r} has no datastore {name!r}; registered are "
            f"{', '.join(known) or 'none'}. Register it first.",
            project=project,
            name=name,
            known=list(known),
        )


class DatastoreExists(Conflict):
    """The name is taken by a datastore with another address."""

    code = "datastore_exists"

    def __init__(self, project: str, name: str, url: str) -> None:
        super().__init__(
            f"Project {project!r} already has a datastore {name!r} at {url}. Choose another name.",
            project=project,
            name=name,
            url=url,
        )


class DatastoreInvalid(Invalid):
    """The address is of no known kind, or holds a secret."""

    code = "datastore_invalid"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"Datastore address {url!r} cannot be used: {reason}. Expected a folder, an s3://, "
            "gs://, az:// or abfs:// address, or the https:// address of a .txt or .csv list.",
            url=url,
            reason=reason,
        )


class DatastoreUnavailable(Unavailable):
    """The datastore is registered but does not answer, or does not let us in."""

    code = "datastore_unavailable"

    def __init__(
        self, name: str, url: str, reason: str, *, problem: str = "unknown", remedy: str = ""
    ) -> None:
        super().__init__(
            f"Datastore {name!r} at {url} cannot be read: {reason}. {remedy}".rstrip(),
            name=name,
            url=url,
            reason=reason,
            problem=problem,
            remedy=remedy,
        )


class UnknownClasses(Invalid):
    """Annotations use classes which the project's label schema does not have."""

    code = "unknown_classes"

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown classes {', '.join(map(repr, unknown))}; the label schema has "
            f"{', '.join(map(repr, known)) or 'none'}. Rename them, add them to the schema, or "
            "ingest again with add_classes (--add-classes).",
            unknown=list(unknown),
            known=list(known),
        )


class AnnotationInvalid(Invalid):
    """An annotation's shape or label breaks the rules of the project."""

    code = "annotation_invalid"

    def __init__(self, reason: str, index: int, **facts: object) -> None:
        super().__init__(f"Annotation {index} is not valid: {reason}.", index=index, **facts)


class StaleAnnotations(Conflict):
    """Someone else saved the annotations in the meantime."""

    code = "stale_annotations"

    def __init__(self, image_id: str, expected: int, current: int) -> None:
        super().__init__(
            f"The annotations of image {image_id} are at revision {current}, not {expected}: "
            "someone saved in between. Load the current ones and apply your change again.",
            image_id=image_id,
            expected_revision=expected,
            current_revision=current,
        )


class IngestInvalid(Invalid):
    """An ingest request contradicts itself or names what is not there."""

    code = "ingest_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Ingest cannot start: {reason}.", reason=reason)


class IngestNotFound(NotFound):
    """No such ingest in the project."""

    code = "ingest_not_found"

    def __init__(self, project: str, ingest_id: str) -> None:
        super().__init__(
            f"Project {project!r} has no ingest {ingest_id!r}. List ingests to see their ids.",
            project=project,
            ingest_id=ingest_id,
        )


class IngestInterrupted(Unavailable):
    """The disk filled up during an ingest; what was committed is kept."""

    code = "ingest_interrupted"

    def __init__(self, done: int, total: int, reason: str) -> None:
        super().__init__(
            f"The disk is full ({reason}): {done} of {total} files are ingested and kept. Free "
            "some space and run the same ingest again; it goes on where it stopped.",
            done=done,
            total=total,
        )


class VersionNotFound(NotFound):
    """No such dataset version in the project."""

    code = "dataset_version_not_found"

    def __init__(self, project: str, version: str) -> None:
        super().__init__(
            f"Project {project!r} has no dataset version {version!r}. Use an id, NAME:NUMBER, "
            "NAME@TAG, or NAME for the newest; list versions to see them.",
            project=project,
            version=version,
        )


class VersionNotFreezable(Invalid):
    """The selected images do not make a usable dataset version."""

    code = "dataset_version_not_freezable"

    def __init__(self, reason: str, remedy: str, **facts: object) -> None:
        super().__init__(f"Nothing was frozen: {reason}. {remedy}", reason=reason, **facts)


class TagNotFound(NotFound):
    """No such tag on the versions of a dataset."""

    code = "dataset_version_tag_not_found"

    def __init__(self, name: str, tag: str) -> None:
        super().__init__(
            f"No version of dataset {name!r} has the tag {tag!r}; list versions to see their tags.",
            name=name,
            tag=tag,
        )


class VersionInUse(Conflict):
    """The version is part of the lineage of something that still exists."""

    code = "dataset_version_in_use"

    def __init__(self, version: str, uses: Sequence[str]) -> None:
        super().__init__(
            f"Dataset version {version} is used by {', '.join(uses)} and cannot be deleted; "
            "it is kept as their evidence.",
            version=version,
            uses=list(uses),
        )


class MetadataInvalid(Invalid):
    """Custom columns of an image must be a flat JSON object."""

    code = "metadata_invalid"

    def __init__(self, received: object, reason: str) -> None:
        super().__init__(
            f"Image metadata cannot be stored: {reason}. Expected a flat JSON object of text, "
            'numbers and booleans, for example {"line": 3, "shift": "night"}.',
            received=str(received)[:200],
            reason=reason,
        )


class UploadTooLarge(Invalid):
    """An uploaded file is larger than one image may be."""

    code = "upload_too_large"

    def __init__(self, name: str, max_bytes: int) -> None:
        super().__init__(
            f"{name!r} is larger than {max_bytes:,} bytes. Ingest large files from a datastore.",
            name=name,
            max_bytes=max_bytes,
        )


class GroupRuleInvalid(Invalid):
    """A grouping rule is not understood."""

    code = "group_rule_invalid"

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(
            f"Grouping rule {rule!r} cannot be used: {reason}. Expected none, exif-session, "
            "exif-session:SECONDS, near-duplicate, path:REGEX, column:metadata.KEY or "
            "column:exif.KEY.",
            rule=rule,
            reason=reason,
        )


class FractionsInvalid(Invalid):
    """The shares of train, val and test do not describe a split."""

    code = "fractions_invalid"

    def __init__(self, fractions: Mapping[str, float], reason: str) -> None:
        super().__init__(
            f"Fractions {dict(fractions)} cannot be used: {reason}. Expected for example "
            '{"train": 0.7, "val": 0.15, "test": 0.15}.',
            fractions=dict(fractions),
            reason=reason,
        )
