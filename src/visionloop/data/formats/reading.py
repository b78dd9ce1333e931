"""Find out which annotation format a folder holds, and read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Final, Literal, TypeVar

from visionloop.data.datastores import OpenDatastore, StoredFile
from visionloop.data.errors import FormatAmbiguous, IngestInvalid
from visionloop.data.formats.class_folders import folder_classes, read_class_folders
from visionloop.data.formats.coco import parse_coco, read_coco
from visionloop.data.formats.labels import ImportedLabels
from visionloop.data.formats.voc import parse_voc, read_voc

Format = Literal["images", "class_folders", "voc", "coco"]
Parsed = TypeVar("Parsed")

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm"}
)
_FOREIGN_SUFFIXES: Final = frozenset(
    {".heic", ".heif", ".avif", ".jp2", ".svg", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw"}
)
_MAX_LABEL_BYTES: Final = 1 << 30
_CLASS_TASKS: Final = ("classification", "multilabel_classification")


def is_image_name(path: str) -> bool:
    """Tell by its ending whether a file should be an image."""
    return PurePosixPath(path).suffix.lower() in IMAGE_SUFFIXES


def why_no_image(path: str) -> str:
    """Say why a file is skipped by its name alone."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _FOREIGN_SUFFIXES:
        return f"images of type {suffix} cannot be read; convert them to JPEG or PNG"
    return "the file ending is not that of an image"


def read_labels(
    opened: OpenDatastore,
    files: Sequence[StoredFile],
    *,
    format: str,
    task: str,
    classes: Sequence[str],
) -> tuple[Format, ImportedLabels]:
    """Read the annotations of a folder.

    Args:
        opened: where the files are.
        files: everything below the folder.
        format: a format, or "auto".
        task: task type of the project.
        classes: label schema of the project.

    Returns:
        The format and what it holds.

    Raises:
        FormatAmbiguous: "auto" fits no format or several.
        IngestInvalid: the format holds nothing, or labels that the task cannot use.
    """
    images = [file.path for file in files if is_image_name(file.path)]
    if not images:
        raise IngestInvalid(f"there is no image file below {opened.url}")
    asks_class = task in _CLASS_TASKS
    wanted = ("coco", "voc") if format == "auto" else (format,)
    coco = _parse_all(opened, files, ".json", parse_coco) if "coco" in wanted else {}
    voc = _parse_all(opened, files, ".xml", parse_voc) if "voc" in wanted else {}
    folders = folder_classes(images, classes) if asks_class else {}
    found = {}
    if coco:
        found["coco"] = f"{len(coco)} JSON files such as {next(iter(coco))}"
    if voc:
        found["voc"] = f"{len(voc)} XML files such as {next(iter(voc))}"
    # One single folder is a class only where the label schema says so.
    names = set(folders.values())
    if len(names) > 1 or (names and names <= set(classes)):
        found["class_folders"] = f"folders such as {next(iter(folders.values()))!r}"
    chosen = _choose(format, found, opened.url, asks_class=asks_class)
    if chosen == "coco":
        return chosen, read_coco(coco, images)
    if chosen == "voc":
        return chosen, read_voc(voc, _read_lists(opened, files), images)
    if chosen == "class_folders":
        return chosen, read_class_folders(images, classes)
    return chosen, _without_labels(files, images)


def _without_labels(files: Sequence[StoredFile], images: Sequence[str]) -> ImportedLabels:
    """Say so when the folder holds YOLO labels, which nobody reads here."""
    labels = ImportedLabels()
    stems = {PurePosixPath(path).stem for path in images}
    yolo = [
        file.path
        for file in files
        if PurePosixPath(file.path).suffix == ".txt" and PurePosixPath(file.path).stem in stems
    ]
    if yolo:
        labels.findings.add(
            f"{len(yolo)} YOLO label files were not read; the images came in without labels"
        )
        labels.used.update(yolo)
    return labels


def _choose(format: str, found: dict[str, str], url: str, *, asks_class: bool) -> Format:
    # Class folders beside boxes are only the way an export sorts its files.
    usable = [name for name in found if (name == "class_folders") == asks_class]
    if format == "auto":
        if len(found) > 1 and (asks_class or len(usable) > 1):
            raise FormatAmbiguous(url, found)
        if found and not usable:
            raise IngestInvalid(_mismatch(next(iter(found)), asks_class=asks_class))
        format = usable[0] if usable else "images"
    if format == "images":
        return "images"
    if format == "class_folders":
        if not asks_class:
            raise IngestInvalid(_mismatch(format, asks_class=asks_class))
        return "class_folders"
    if format in ("coco", "voc"):
        if asks_class:
            raise IngestInvalid(_mismatch(format, asks_class=asks_class))
        if format not in found:
            raise IngestInvalid(f"there is no {format.upper()} file below {url}")
        return "coco" if format == "coco" else "voc"
    raise IngestInvalid(
        f"format {format!r} is unknown; expected auto, images, class_folders, voc or coco"
    )


def _mismatch(format: str, *, asks_class: bool) -> str:
    holds, needs = ("boxes or shapes", "one class per image") if asks_class else (
        "one class per image",
        "boxes or shapes",
    )  # fmt: skip
    return (
        f"the folder holds {holds} ({format}), but the project's task needs {needs}; use "
        "format=images to bring in the images alone"
    )


def _parse_all(
    opened: OpenDatastore,
    files: Sequence[StoredFile],
    suffix: str,
    parse: Callable[[bytes], Parsed | None],
) -> dict[str, Parsed]:
    parsed = {}
    for file in files:
        if PurePosixPath(file.path).suffix.lower() != suffix or file.size_bytes > _MAX_LABEL_BYTES:
            continue
        content = parse(opened.read(file.path))
        if content is not None:
            parsed[file.path] = content
    return parsed


def _read_lists(opened: OpenDatastore, files: Sequence[StoredFile]) -> dict[str, str]:
    return {
        file.path: opened.read(file.path).decode("utf-8", errors="replace")
        for file in files
        if "ImageSets" in PurePosixPath(file.path).parts and file.path.endswith(".txt")
    }
