"""Small real files that the tests of the data estate read."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CLASSES = ("washer", "bolt", "nut", "gear")


def picture(seed: int, width: int = 48, height: int = 36) -> np.ndarray:
    """A smooth picture that differs from that of every other seed."""
    coarse = np.random.default_rng(seed).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def encoded(
    pixels: np.ndarray, format: str = "JPEG", *, exif: dict[int, Any] | None = None
) -> bytes:
    """Encode a picture; `exif` maps tags to values, those above 0x8000 go to the photo block."""
    image = Image.fromarray(pixels)
    block = image.getexif()
    for tag, value in (exif or {}).items():
        (block.get_ifd(0x8769) if tag > 0x8000 else block)[tag] = value
    buffer = io.BytesIO()
    lossless = {"lossless": True} if format == "WEBP" else {}
    image.save(buffer, format, exif=block, **({"quality": 92} if format == "JPEG" else lossless))
    return buffer.getvalue()


def camera_exif(model: str, taken: str) -> dict[int, Any]:
    """EXIF of a camera; `taken` is YYYY:MM:DD HH:MM:SS."""
    return {0x0110: model, 0x9003: taken}


def write_class_folders(root: Path, *, per_class: int = 4, first_seed: int = 0) -> Path:
    """Write JPEG files in one folder per class."""
    seed = first_seed
    for name in CLASSES:
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            (folder / f"{name}_{number}.jpg").write_bytes(encoded(picture(seed)))
            seed += 1
    return root


def write_coco(
    root: Path,
    images: dict[str, list[dict[str, Any]]],
    *,
    categories: tuple[str, ...] = CLASSES,
    size: tuple[int, int] = (48, 36),
) -> Path:
    """Write pictures and a COCO file; `images` maps a file name to COCO annotations.

    In each annotation `category` stands for the id of the category of that name.
    """
    root.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(categories)],
    }
    for number, (name, shapes) in enumerate(images.items(), start=1):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_bytes(encoded(picture(number, *size)))
        entry = {"id": number, "file_name": name, "width": size[0], "height": size[1]}
        content["images"].append(entry)
        for shape in shapes:
            values = dict(shape)
            if "category" in values:
                values["category_id"] = categories.index(values.pop("category")) + 1
            number_of = len(content["annotations"]) + 1
            content["annotations"].append({"id": number_of, "image_id": number, **values})
    (root / "annotations.json").write_text(json.dumps(content))
    return root


def write_voc(root: Path, images: dict[str, list[tuple[str, tuple[float, ...]]]]) -> Path:
    """Write pictures and VOC files; `images` maps a stem to (class, corners)."""
    (root / "JPEGImages").mkdir(parents=True)
    (root / "Annotations").mkdir()
    for number, (stem, boxes) in enumerate(images.items()):
        (root / "JPEGImages" / f"{stem}.jpg").write_bytes(encoded(picture(number)))
        objects = "".join(
            f"<object><name>{name}</name><difficult>1</difficult><bndbox><xmin>{x1}</xmin>"
            f"<ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
            for name, (x1, y1, x2, y2) in boxes
        )
        text = (
            f"<annotation><filename>wrong name.jpg</filename><size><width>48</width>"
            f"<height>36</height></size>{objects}</annotation>"
        )
        (root / "Annotations" / f"{stem}.xml").write_text(text)
    return root
