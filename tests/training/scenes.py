"""Rendered scenes of simple shapes whose boxes, masks and classes are known."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from visionloop.data.entities import Annotation
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.entities import Example
from visionloop.training.images import ImageSet

SHAPES = ("disc", "square")


def draw_scene(
    name: str, random: np.random.Generator, *, size: tuple[int, int] = (96, 72)
) -> Example:
    """Draw one to three shapes that do not overlap on a noisy ground."""
    width, height = size
    ground = tuple(int(value) for value in random.integers(0, 70, 3))
    image = PillowImage.new("RGB", size, ground)
    draw, annotations = ImageDraw.Draw(image), []
    columns = random.permutation(3)[: random.integers(1, 4)]
    for column in columns:
        kind = SHAPES[random.integers(0, 2)]
        side = int(random.integers(16, width // 3 - 4))
        left = int(column * width // 3 + random.integers(0, 4))
        top = int(random.integers(0, height - side))
        box = (left, top, left + side, top + side)
        ink = tuple(int(value) for value in random.integers(160, 255, 3))
        if kind == "disc":
            draw.ellipse(box, fill=ink)
        else:
            draw.rectangle(box, fill=ink)
        annotations.append(annotate(f"{name}-{column}", name, kind, box))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Example(
        name, "", buffer.getvalue, annotations=tuple(annotations), width=width, height=height
    )


def annotate(id: str, image_id: str, kind: str, box: tuple[int, int, int, int]) -> Annotation:
    """Outline a shape as a polygon."""
    x1, y1, x2, y2 = box
    if kind == "disc":
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        middle, radius = ((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1) / 2
        xs, ys = middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)
        outline = np.stack([xs, ys], axis=1).ravel().tolist()
    else:
        outline = [x1, y1, x2, y1, x2, y2, x1, y2]
    floats: Any = tuple(float(value) for value in box)
    return Annotation(id, image_id, kind, "polygon", floats, [[float(v) for v in outline]])


def draw_scenes(count: int, seed: int = 0) -> list[Example]:
    """Draw several scenes."""
    random = np.random.default_rng(seed)
    return [draw_scene(f"scene{seed}-{number:03}", random) for number in range(count)]


def decode_scenes(examples: list[Example], preprocessing: Preprocessing) -> ImageSet:
    """Decode scenes in memory."""
    from visionloop.data.imaging import decode_for

    pixels = np.stack([decode_for(example.read(), preprocessing) for example in examples])
    return ImageSet(pixels, tuple(examples))
