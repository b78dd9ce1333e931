"""Find out which annotation format a source holds, and read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from visionloop.data.datastores import OpenDatastore, StoredFile
from visionloop.data.errors import IngestInvalid
from visionloop.data.formats.catalog import all_formats, get_format
from visionloop.data.formats.entities import SHAPES
from visionloop.data.formats.errors import FormatAmbiguous
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.labels import ImportedLabels, join_images
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.sources import DatastoreSource

AUTO: Final = "auto"
IMAGES: Final = "images"
_CLASS_TASKS: Final = ("classification", "multilabel_classification")


def read_labels(
    opened: OpenDatastore,
    files: Sequence[StoredFile],
    *,
    format: str,
    task: str,
    classes: Sequence[str],
) -> tuple[str, ImportedLabels]:
    """Read the annotations of a folder and join them with its images.

    Args:
        opened: where the files are.
        files: everything below the folder.
        format: a format, "images" for none, or "auto".
        task: task type of the project.
        classes: label schema of the project.

    Returns:
        The format and what it holds.

    Raises:
        FormatAmbiguous: "auto" fits several formats.
        FormatUnknown: no format has this name.
        IngestInvalid: the format holds nothing, or labels that the task cannot use.
    """
    images = [file.path for file in files if is_image_name(file.path)]
    if not images:
        raise IngestInvalid(f"there is no image file below {opened.url}")
    source = DatastoreSource(opened, {file.path: file.size_bytes for file in files})
    chosen = choose_format(source, format=format, task=task, classes=classes)
    if chosen is None:
        return IMAGES, ImportedLabels()
    labels = chosen.read(source, read_hints(format, classes))
    return chosen.name, join_images(labels, images)


def read_hints(format: str, classes: Sequence[str]) -> ReadHints:
    """Return what a reader may know; of ``datumaro:kitti`` the part behind the colon, too."""
    variant = format.partition(":")[2]
    return ReadHints(tuple(classes), {"variant": variant} if variant else {})


def choose_format(
    source: LabelSource, *, format: str, task: str, classes: Sequence[str]
) -> AnnotationFormat | None:
    """Return the format that is asked for, or the only one that fits; None for bare images.

    Raises:
        FormatAmbiguous, FormatUnknown, IngestInvalid: as ``read_labels``.
    """
    asks_class = task in _CLASS_TASKS
    if format == IMAGES:
        return None
    if format != AUTO:
        chosen = get_format(format)
        if not _fits(chosen, asks_class=asks_class):
            raise IngestInvalid(_mismatch(chosen.name, asks_class=asks_class))
        if chosen.detect(source) is None and not chosen.named_only:
            raise IngestInvalid(f"there is no {chosen.title} file below {source.url}")
        return chosen
    found = detect_formats(source, classes=classes)
    # Class folders beside boxes are only the way an export sorts its files.
    if not asks_class or (len(found) > 1 and _only_shelves(found)):
        found = {name: why for name, why in found.items() if name != "class_folders"} or found
    usable = [name for name in found if _fits(get_format(name), asks_class=asks_class)]
    if len(found) > 1 and (asks_class or len(usable) > 1):
        raise FormatAmbiguous(source.url, found)
    if found and not usable:
        if found.keys() == {"class_folders"}:
            return None
        raise IngestInvalid(_mismatch(next(iter(found)), asks_class=asks_class))
    return get_format(usable[0]) if usable else None


def detect_formats(source: LabelSource, *, classes: Sequence[str] = ()) -> Mapping[str, str]:
    """Return every format that a source may be in, and why it may."""
    found = {}
    for format in all_formats().values():
        evidence = format.detect(source)
        if evidence is not None:
            found[format.name] = evidence
    single = _only_class(source, classes)
    if not found and single is not None:
        found["class_folders"] = f"the folder {single!r}, which is a class of the project"
    return found


def _only_class(source: LabelSource, classes: Sequence[str]) -> str | None:
    """Return the one folder that all images lie in, where the label schema says it is a class."""
    from visionloop.data.formats.class_folders import folder_classes

    images = [path for path in source.paths if is_image_name(path)]
    names = set(folder_classes(images, classes).values())
    return next(iter(names)) if len(names) == 1 and names <= set(classes) else None


def _only_shelves(found: Mapping[str, str]) -> bool:
    """Tell whether other formats speak of classes, so that folders only sort the files."""
    others = [get_format(name) for name in found if name != "class_folders"]
    return all("class" in format.holds.kinds for format in others)


def _fits(format: AnnotationFormat, *, asks_class: bool) -> bool:
    return "class" in format.holds.kinds if asks_class else bool(format.holds.kinds & SHAPES)


def _mismatch(format: str, *, asks_class: bool) -> str:
    holds, needs = ("boxes or shapes", "one class per image") if asks_class else (
        "one class per image",
        "boxes or shapes",
    )  # fmt: skip
    return (
        f"the folder holds {holds} ({format}), but the project's task needs {needs}; use "
        "format=images to bring in the images alone"
    )
