"""Write COCO files in one pass: a file a split, images and annotations side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

from visionloop.data.formats.coco.annotation import entry_of
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.losses import Survey, number_of
from visionloop.data.formats.target import ExportTarget

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
).encode


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``annotations/instances_SPLIT.json`` and, where wanted, ``images/``."""
    categories = numbered(labels.categories)
    ids = {category.name: category.external_id or 0 for category in categories}
    images, annotations = Numbers(survey.largest_image_id), Numbers(survey.largest_annotation_id)
    with ExitStack() as stack:
        files: dict[str | None, _File] = {}
        for split in survey.splits or {None: 0}:
            files[split] = stack.enter_context(_File(target, split, categories))
        for image in labels:
            file = files[image.split]
            target.add_image(f"images/{image.name}", image)
            image_id = images.take(image.external_id)
            file.images.write(file.comma("images") + _encode(_image_entry(image, image_id)))
            written = _annotations(image, image_id, ids, annotations)
            text = ",\n".join(map(_encode, written))
            if text:
                file.annotations.write(file.comma("annotations") + text)


class Numbers:
    """Gives every row its foreign number back, and fresh ones to rows without.

    Args:
        largest: the largest foreign number; fresh ones follow it.
    """

    def __init__(self, largest: int) -> None:
        self._next = largest + 1
        self._taken: set[int] = set()

    def take(self, external_id: str | None) -> int:
        """Return the number of a row."""
        number = None if external_id is None else number_of(external_id)
        if number is None or number in self._taken:
            number, self._next = self._next, self._next + 1
        else:
            self._taken.add(number)
        return number


def numbered(categories: tuple[LabelCategory, ...]) -> list[LabelCategory]:
    """Give every category an id of its own, keeping those that files gave them."""
    kept: dict[int, str] = {}
    for category in categories:
        if category.external_id is not None:
            kept.setdefault(category.external_id, category.name)
    fresh = (number for number in range(1, len(kept) + len(categories) + 2) if number not in kept)
    return [
        category
        if category.external_id is not None and kept[category.external_id] == category.name
        else LabelCategory(category.name, next(fresh), category.supercategory, category.skeleton)
        for category in categories
    ]


class _File:
    """One COCO file; annotations wait in a file of their own until the images are complete."""

    def __init__(
        self, target: ExportTarget, split: str | None, categories: list[LabelCategory]
    ) -> None:
        name = "instances" if split is None else f"instances_{split}"
        self._path = target.place(f"annotations/{name}.json")
        self._waiting: Path = self._path.with_suffix(".part")
        self._categories = categories
        self._begun: set[str] = set()

    def __enter__(self) -> _File:
        self.images: IO[str] = self._path.open("w", encoding="utf-8", newline="")
        self.annotations: IO[str] = self._waiting.open("w", encoding="utf-8", newline="")
        entries = ",\n".join(_encode(_category_entry(item)) for item in self._categories)
        self.images.write(f'{{"categories":[\n{entries}\n],"images":[')
        return self

    def comma(self, array: str) -> str:
        """Return what stands before the next element of an array."""
        if array in self._begun:
            return ",\n"
        self._begun.add(array)
        return "\n"

    def __exit__(self, *_: object) -> None:
        self.annotations.close()
        self.images.write('\n],"annotations":[')
        with self._waiting.open(encoding="utf-8", newline="") as waiting:
            shutil.copyfileobj(waiting, self.images, 1 << 20)
        self.images.write("\n]}\n")
        self.images.close()
        self._waiting.unlink()


def _annotations(
    image: LabeledImage, image_id: int, ids: dict[str, int], numbers: Numbers
) -> Iterator[dict[str, Any]]:
    for label in image.annotations:
        if label.kind not in ("class", "polyline"):
            entry = entry_of(label, numbers.take(label.external_id), image_id, ids[label.category])
            if entry is not None:
                yield entry


def _image_entry(image: LabeledImage, number: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": number, "file_name": image.name}
    if image.width and image.height:
        entry |= {"width": image.width, "height": image.height}
    if image.external_id is not None and image.external_id != str(number):
        entry["external_id"] = image.external_id
    if image.attributes:
        entry["attributes"] = dict(image.attributes)
    if image.digest:
        entry["sha256"] = image.digest
    return entry


def _category_entry(category: LabelCategory) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": category.external_id, "name": category.name}
    if category.supercategory is not None:
        entry["supercategory"] = category.supercategory
    if category.skeleton is not None:
        entry["keypoints"] = list(category.skeleton.joints)
        entry["skeleton"] = [[a + 1, b + 1] for a, b in category.skeleton.bones]
    return entry
