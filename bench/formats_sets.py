"""The sets that the benchmark of annotation formats reads."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from visionloop.data.formats import masks

WIDTH, HEIGHT = 640, 480
CLASSES = ("person", "bicycle", "car", "dog", "bottle", "chair", "pallet", "gear")

_MIX = ("polygon", "box", "polygon", "box", "polygon", "box", "parts", "mask", "crowd", "polygon")


def write_coco_set(
    folder: Path, *, num_images: int, num_annotations: int, only_boxes: bool = False
) -> dict[str, Any]:
    """Write a COCO file of mixed annotations in the layout that all readers know."""
    chance = random.Random(7)
    (folder / "annotations").mkdir(parents=True)
    (folder / "images" / "train").mkdir(parents=True)
    images = [
        {"id": i + 1, "file_name": f"{i + 1:012d}.jpg", "width": WIDTH, "height": HEIGHT}
        for i in range(num_images)
    ]
    kinds: Counter[str] = Counter()
    annotations = []
    for number in range(1, num_annotations + 1):
        kind = "box" if only_boxes else _kind(number)
        kinds[kind] += 1
        image_id = (number - 1) * num_images // num_annotations + 1
        annotations.append(_annotation(kind, number, image_id, chance))
    categories = [{"id": i + 1, "name": name} for i, name in enumerate(CLASSES)]
    path = folder / "annotations" / "instances_train.json"
    content = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content))
    return {
        "images": num_images,
        "annotations": num_annotations,
        "bytes": path.stat().st_size,
        "kinds": ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()),
    }


def write_images(folder: Path) -> None:
    """Put a picture behind every name of a set."""
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), (90, 120, 60)).save(buffer, "JPEG")
    content = json.loads((folder / "annotations" / "instances_train.json").read_text())
    for image in content["images"]:
        (folder / "images" / "train" / image["file_name"]).write_bytes(buffer.getvalue())


def _kind(number: int) -> str:
    return _MIX[number % len(_MIX)]


def _annotation(kind: str, number: int, image_id: int, chance: random.Random) -> dict[str, Any]:
    width, height = chance.randint(20, 160), chance.randint(20, 160)
    x = round(chance.uniform(0, WIDTH - width - 1), 2)
    y = round(chance.uniform(0, HEIGHT - height - 1), 2)
    entry: dict[str, Any] = {
        "id": number,
        "image_id": image_id,
        "category_id": number % len(CLASSES) + 1,
        "bbox": [x, y, width, height],
        "area": width * height,
        "iscrowd": 0,
    }
    if kind in ("polygon", "parts"):
        entry["segmentation"] = [_ring(x, y, width, height, chance)]
        if kind == "parts":
            entry["segmentation"].append(_ring(x, y, width / 3, height / 3, chance))
    if kind in ("mask", "crowd"):
        pixels = np.zeros((HEIGHT, WIDTH), dtype=bool)
        top, left = int(y), int(x)
        for row in range(height):
            pixels[top + row, left + row % 7 : left + width - row % 5] = True
        rle = masks.encode(pixels)
        box = masks.bounds(rle)
        assert box is not None
        entry["bbox"] = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
        entry["area"] = masks.area(rle)
        if kind == "mask":
            entry["segmentation"] = {"size": rle["size"], "counts": masks.pack(rle["counts"])}
        else:
            entry |= {"segmentation": rle, "iscrowd": 1}
    return entry


def _ring(x: float, y: float, width: float, height: float, chance: random.Random) -> list[float]:
    points: list[float] = []
    for i in range(20):
        angle = 2 * np.pi * i / 20
        far = chance.uniform(0.7, 1.0) / 2
        points += [
            round(float(x + width / 2 + width * far * np.cos(angle)), 2),
            round(float(y + height / 2 + height * far * np.sin(angle)), 2),
        ]
    return points
