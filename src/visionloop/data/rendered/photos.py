"""Photos of parts: one part filling the frame, or a scene of several, with exact ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visionloop.data.rendered.belt import cut_belt
from visionloop.data.rendered.cameras import Camera, develop
from visionloop.data.rendered.parts import Part, outline
from visionloop.data.rendered.shading import (
    Pose,
    bolt_surface,
    cast_shadow,
    draw_scratches,
    ring_surface,
    shade_metal,
)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """One part in one photo.

    Attributes:
        bbox: xyxy in absolute pixels, origin top left.
        polygon: x and y alternating, the outer outline; the bore is not cut out.
        area: of the polygon, in square pixels.
    """

    part_id: str
    kind: str
    bbox: tuple[float, float, float, float]
    polygon: tuple[float, ...]
    area: float


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A rendered photo: (H, W, 3) uint8 and what is on it."""

    image: NDArray[np.uint8]
    camera: Camera
    parts: tuple[PlacedPart, ...]


def render_part(part: Part, camera: Camera, *, seed: int, image_size: int = 160) -> Photo:
    """Photographs one part, roughly in the middle; the seed turns and shifts it a little."""
    rng = np.random.default_rng(seed)
    radius = 0.36 * image_size * part.size * camera.zoom * float(rng.uniform(0.93, 1.07))
    if part.kind == "bolt":
        radius *= 1.06
    middle = image_size / 2
    pose = Pose(
        x=middle + float(rng.normal(0, 0.03)) * image_size,
        y=middle + float(rng.normal(0, 0.03)) * image_size,
        radius_px=radius,
        angle=float(rng.uniform(0, 2 * np.pi)),
    )
    light = _lay_belt(camera, image_size, image_size, rng)
    placed = _lay_part(light, part, pose, camera)
    return Photo(image=develop(light, camera, rng), camera=camera, parts=(placed,))


def render_scene(
    parts: tuple[Part, ...], camera: Camera, *, seed: int, width: int = 320, height: int = 240
) -> Photo:
    """Photographs several parts side by side; parts that find no free place are left out."""
    rng = np.random.default_rng(seed)
    light = _lay_belt(camera, height, width, rng)
    taken: list[tuple[float, float, float]] = []
    placed: list[PlacedPart] = []
    for part in parts:
        radius = 0.135 * height * part.size * camera.zoom * float(rng.uniform(0.8, 1.25))
        if part.kind == "bolt":
            radius *= 1.25
        spot = _find_spot(rng, taken, radius * part.reach, (width, height))
        if spot is None:
            continue
        taken.append((*spot, radius * part.reach))
        pose = Pose(spot[0], spot[1], radius, float(rng.uniform(0, 2 * np.pi)))
        placed.append(_lay_part(light, part, pose, camera))
    return Photo(image=develop(light, camera, rng), camera=camera, parts=tuple(placed))


def _find_spot(
    rng: np.random.Generator,
    taken: list[tuple[float, float, float]],
    radius: float,
    frame: tuple[int, int],
) -> tuple[float, float] | None:
    """Draws places until one is free; None after 60 tries."""
    margin = radius + 2.0
    for _ in range(60):
        x = float(rng.uniform(margin, frame[0] - margin))
        y = float(rng.uniform(margin, frame[1] - margin))
        if all(np.hypot(x - ox, y - oy) > 0.98 * (radius + other) for ox, oy, other in taken):
            return x, y
    return None


def _lay_belt(camera: Camera, height: int, width: int, rng: np.random.Generator) -> Floats:
    texture = cut_belt(camera.name, height, width, weave_px=5, rng=rng)
    wear = rng.normal(1.0, 0.07, 3) * rng.normal(1.0, 0.14)
    tint = np.asarray(camera.belt * np.clip(wear, 0.5, 1.6), dtype=np.float32)
    lit = np.float32(0.75 + 0.6 * camera.fill)
    return texture[..., None] * tint * lit


def _lay_part(light: Floats, part: Part, pose: Pose, camera: Camera) -> PlacedPart:
    """Draws the part and its shadow into the light field and returns its ground truth."""
    height, width = light.shape[:2]
    reach = pose.radius_px * (part.reach + 0.55) + 2
    left, top = max(0, int(pose.x - reach)), max(0, int(pose.y - reach))
    right, bottom = min(width, int(pose.x + reach) + 1), min(height, int(pose.y + reach) + 1)
    columns = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - pose.x)
    rows = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - pose.y)
    turn_cos = np.float32(np.cos(pose.angle) / pose.radius_px)
    turn_sin = np.float32(np.sin(pose.angle) / pose.radius_px)
    x = columns[None, :] * turn_cos + rows[:, None] * turn_sin
    y = rows[:, None] * turn_cos - columns[None, :] * turn_sin
    build = bolt_surface if part.kind == "bolt" else ring_surface
    surface = build(part, x, y, pose)
    alpha = np.clip(0.5 - surface.distance, 0.0, 1.0)
    metal = shade_metal(surface, part, camera, pose.angle)
    if part.num_scratches:
        metal = metal * draw_scratches(part, x.shape, pose, (left, top))[..., None]
    window = light[top:bottom, left:right]
    window *= cast_shadow(alpha, camera, pose.radius_px)[..., None]
    window += alpha[..., None] * (metal - window)
    return _ground_truth(part, pose, (width, height))


def _ground_truth(part: Part, pose: Pose, frame: tuple[int, int]) -> PlacedPart:
    points = outline(part) * pose.radius_px
    cos, sin = np.cos(pose.angle), np.sin(pose.angle)
    x = np.clip(points[:, 0] * cos - points[:, 1] * sin + pose.x, 0, frame[0])
    y = np.clip(points[:, 0] * sin + points[:, 1] * cos + pose.y, 0, frame[1])
    polygon = np.round(np.stack([x, y], axis=1), 3)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    bbox = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    following = np.roll(polygon, -1, axis=0)
    cross = polygon[:, 0] * following[:, 1] - polygon[:, 1] * following[:, 0]
    return PlacedPart(
        part_id=part.part_id,
        kind=part.kind,
        bbox=bbox,
        polygon=tuple(float(value) for value in polygon.ravel()),
        area=round(abs(float(cross.sum())) / 2, 3),
    )
