"""Write YOLO sets in the layout of Ultralytics: images/SPLIT, labels/SPLIT, data.yaml."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import yaml

from visionloop.data.formats.entities import LabeledImage, LabelSet
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.target import ExportTarget, Names
from visionloop.data.formats.yolo.layout import ALL
from visionloop.data.formats.yolo.rows import label_rows


def write_variant(labels: LabelSet, target: ExportTarget, survey: Survey, kind: str) -> None:
    """Write one text file an image; an image that shows nothing gets an empty one."""
    names = [category.name for category in labels.categories]
    numbers = {name: number for number, name in enumerate(names)}
    most = max(survey.keypoint_counts, default=0)
    taken = Names(by_stem=True)
    for image in labels:
        folder = image.split or ALL
        rows = _rows(image, numbers, kind, most)
        name = taken.take(image.name)
        stem = PurePosixPath(name).with_suffix("")
        with target.open_text(f"labels/{folder}/{stem}.txt") as file:
            file.writelines(" ".join(map(_text, row)) + "\n" for row in rows)
        target.add_image(f"images/{folder}/{name}", image)
    with target.open_text("data.yaml") as file:
        content = _description(labels, survey, kind)
        yaml.safe_dump(content, file, allow_unicode=True, sort_keys=False, width=10_000)


def _rows(
    image: LabeledImage, numbers: dict[str, int], kind: str, num_keypoints: int
) -> list[list[float]]:
    if not image.annotations:
        return []
    if not image.width or not image.height:
        raise ExportInvalid(
            f"the size of {image.name} is not known, and YOLO writes shares of width and height"
        )
    size = (image.width, image.height)
    return [
        [numbers[label.category], *row]
        for label in image.annotations
        for row in label_rows(label, size, kind=kind, num_keypoints=num_keypoints)
    ]


def _description(labels: LabelSet, survey: Survey, kind: str) -> dict[str, Any]:
    content: dict[str, Any] = {"path": "."}
    # Ultralytics insists on train and val; a set without splits lies in one folder.
    everything = f"images/{ALL}"
    for split in ("train", "val", "test"):
        if survey.splits[split]:
            content[split] = f"images/{split}"
        elif split != "test":
            content[split] = everything if survey.splits[None] else "images/train"
    content["names"] = {i: category.name for i, category in enumerate(labels.categories)}
    if kind == "pose":
        content["kpt_shape"] = [max(survey.keypoint_counts, default=0), 3]
    return content


def _text(value: float) -> str:
    return repr(value) if value % 1 else str(int(value))
