"""Light on metal: bevels, turned and brushed faces, threads, scratches and cast shadows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from visionloop.data.rendered.cameras import Camera
from visionloop.data.rendered.parts import Part, look_up_bolt, look_up_ring, seed_of

Floats = NDArray[np.float32]

_ALBEDO: dict[str, tuple[float, float, float]] = {
    "steel": (0.46, 0.48, 0.52),
    "stainless": (0.66, 0.66, 0.66),
    "zinc": (0.62, 0.53, 0.30),
    "brass": (0.78, 0.52, 0.17),
    "copper": (0.72, 0.33, 0.19),
    "black_oxide": (0.10, 0.10, 0.115),
}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a part lies: centre in pixels, radius in pixels, rotation in radians."""

    x: float
    y: float
    radius_px: float
    angle: float


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What the light meets, for each pixel of a window, in the part's frame.

    Attributes:
        distance: (H, W) to the outline in pixels, negative on the part.
        normal_x, normal_y: (H, W) tilt of the surface, towards the image axes.
        tangent_x, tangent_y: (H, W) direction of the machining marks, unit length.
        cavity: (H, W) factor below 1 where little light gets in.
        grain: (H, W) fine brightness variation around 1.
    """

    distance: Floats
    normal_x: Floats
    normal_y: Floats
    tangent_x: Floats
    tangent_y: Floats
    cavity: Floats
    grain: Floats


@lru_cache(maxsize=4)
def _line_noise(seed: int) -> Floats:
    """A (4096,) band-limited random line around 0, for machining marks."""
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal(4096).astype(np.float32)
    soft = np.convolve(raw, np.ones(5, dtype=np.float32) / 5, mode="same")
    return (0.5 * raw + 1.3 * soft).astype(np.float32)


def ring_surface(part: Part, x: Floats, y: Floats, pose: Pose) -> Surface:
    """Builds the surface of a washer, nut or gear."""
    radius = np.sqrt(x * x + y * y) + np.float32(1e-6)
    outer, lean = look_up_ring(part, x, y, radius)
    inner = part.hole - radius
    distance = np.maximum(outer, inner)
    cos, sin = x / radius, y / radius
    bevel = np.float32(0.055)
    at_edge = np.clip(1.0 + outer / bevel, 0.0, 1.0)
    at_bore = np.clip(1.0 + inner / bevel, 0.0, 1.0)
    outward = 0.75 * at_edge * at_edge - 0.8 * at_bore * at_bore
    for step_radius, tilt, width in part.steps:
        offset = (radius - step_radius) / width
        outward = outward + tilt * np.exp(-offset * offset)
    cavity: Floats = np.ones_like(radius)
    if part.kind == "nut":
        beyond = np.clip((radius - 0.875) / 0.03, 0.0, 1.0)
        outward = outward + 0.40 * beyond * (1.0 - at_edge)
        thread = part.hole + 0.085 - radius
        in_thread = np.clip(thread / 0.02, 0.0, 1.0)
        outward = outward + in_thread * 0.5 * np.sin(radius * 150 + np.arctan2(y, x))
        cavity = cavity - 0.45 * in_thread
    elif part.kind == "gear" and part.steps:
        rim, hub = part.steps[0][0], part.steps[1][0]
        web = np.clip((rim - radius) / 0.02, 0, 1) * np.clip((radius - hub) / 0.02, 0, 1)
        cavity = cavity - 0.30 * web
    for hole_x, hole_y, hole_radius in part.holes:
        inside = hole_radius - np.sqrt((x - hole_x) ** 2 + (y - hole_y) ** 2)
        distance = np.maximum(distance, inside)
        near_hole = np.clip(1.0 + inside / 0.03, 0.0, 1.0)
        cavity = (cavity - 0.25 * near_hole).astype(np.float32)
    lean_at_edge = lean * at_edge
    normal_x = outward * (cos + lean_at_edge * sin)
    normal_y = outward * (sin - lean_at_edge * cos)
    tangent_x, tangent_y, grain = _machining(part, x, y, radius, (cos, sin))
    return Surface(
        distance=distance * pose.radius_px,
        normal_x=normal_x,
        normal_y=normal_y,
        tangent_x=tangent_x,
        tangent_y=tangent_y,
        cavity=cavity,
        grain=grain,
    )


def _machining(
    part: Part, x: Floats, y: Floats, radius: Floats, direction: tuple[Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """Returns the direction of the tool marks and their brightness."""
    cos, sin = direction
    seed = seed_of(part.part_id) % 4
    line = _line_noise(seed)
    if part.finish == "turned":
        grain = 1.0 + 0.07 * line[(radius * 700).astype(np.int32) % 4096]
        return -sin, cos, grain
    if part.finish == "brushed":
        grain = 1.0 + 0.09 * line[(np.abs(y + 3.0) * 620).astype(np.int32) % 4096]
        return np.ones_like(x), np.zeros_like(x), grain
    blotch = line[((x * 37 + y * 11 + 9) * 21).astype(np.int32) % 4096]
    blotch = blotch * line[((y * 31 - x * 17 + 9) * 19).astype(np.int32) % 4096]
    return np.zeros_like(x), np.zeros_like(x), 1.0 + 0.07 * np.clip(blotch, -2, 2)


def bolt_surface(part: Part, x: Floats, y: Floats, pose: Pose) -> Surface:
    """Builds the surface of a lying bolt: a faceted head and a threaded cylinder."""
    distance, half = look_up_bolt(part, x, y)
    across = np.clip(y / np.maximum(half, 0.02), -1.0, 1.0)
    on_head = x < part.head
    facets = np.where(np.abs(across) < 0.5, 0.0, np.sign(across) * 0.62)
    normal_y = np.where(on_head, facets, across * 0.93)
    index = np.clip((x + 1.0) * 255.5, 0, 511).astype(np.int32)
    normal_x = np.where(on_head, 0.0, np.clip(-part.slope[index] * 0.30, -0.6, 0.6))
    head_edge = np.exp(-(((x + 1.0) / 0.04) ** 2))
    normal_x = normal_x - 0.6 * head_edge
    groove = np.clip((half.max() * 0.62 - half) * 6.0, 0.0, 0.5)
    under_head = np.exp(-np.clip(x - part.head, 0.0, None) / 0.05) * ~on_head
    cavity = 1.0 - np.where(on_head, 0.0, groove * 0.5) - 0.35 * under_head
    line = _line_noise(seed_of(part.part_id) % 4)
    grain = 1.0 + 0.06 * line[(np.abs(x + 3.0) * 500).astype(np.int32) % 4096]
    return Surface(
        distance=distance * pose.radius_px,
        normal_x=normal_x.astype(np.float32),
        normal_y=normal_y.astype(np.float32),
        tangent_x=np.zeros_like(x),
        tangent_y=np.zeros_like(x),
        cavity=cavity.astype(np.float32),
        grain=grain,
    )


def shade_metal(surface: Surface, part: Part, camera: Camera, angle: float) -> Floats:
    """Returns the (H, W, 3) linear light that the metal sends to the camera.

    Reflections of one soft main light, a fill light and the dark hall, plus the bow-tie highlight
    of machining marks (Kajiya and Kay, "Rendering fur with three dimensional textures", 1989).
    """
    turn_cos, turn_sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    normal_x = surface.normal_x * turn_cos - surface.normal_y * turn_sin
    normal_y = surface.normal_x * turn_sin + surface.normal_y * turn_cos
    length = np.sqrt(1.0 + normal_x * normal_x + normal_y * normal_y)
    normal_x, normal_y, normal_z = normal_x / length, normal_y / length, 1.0 / length
    light_x, light_y, light_z = camera.light
    facing = np.clip(normal_x * light_x + normal_y * light_y + normal_z * light_z, 0.0, 1.0)
    mirror_z = 2.0 * normal_z * normal_z - 1.0
    toward = 2.0 * normal_z * facing - light_z
    shine = np.clip(toward, 0.0, 1.0) ** 8
    opposite = np.clip(
        -2.0 * normal_z * (normal_x * light_x + normal_y * light_y) + light_z * mirror_z, 0.0, 1.0
    )
    sky = 0.30 + 0.70 * np.clip(mirror_z, 0.0, 1.0)
    tangent_x = surface.tangent_x * turn_cos - surface.tangent_y * turn_sin
    tangent_y = surface.tangent_x * turn_sin + surface.tangent_y * turn_cos
    along = tangent_x * light_x + tangent_y * light_y
    marked = (surface.tangent_x**2 + surface.tangent_y**2) > 0.5
    bow_tie = np.where(marked, np.clip(1.0 - 2.0 * along * along, 0.0, 1.0) ** 3, 0.26)
    body = 0.8 * camera.fill * sky + 0.34 * facing * facing + 0.80 * bow_tie * normal_z
    body = (body + camera.fill * 0.5 * opposite**6) * surface.grain * surface.cavity
    albedo = np.asarray(_ALBEDO[part.material], dtype=np.float32)
    gloss = (0.80 * shine * surface.cavity)[..., None]
    light: Floats = body[..., None] * albedo + gloss * (0.35 + 0.65 * albedo)
    return light.astype(np.float32)


def draw_scratches(
    part: Part, shape: tuple[int, int], pose: Pose, window: tuple[int, int]
) -> Floats:
    """Returns a (H, W) brightness factor with the part's own scratches, turned with the part."""
    canvas = Image.new("L", (shape[1], shape[0]), 128)
    draw = ImageDraw.Draw(canvas)
    rng = np.random.default_rng(seed_of("scratches", part.part_id))
    turn_cos, turn_sin = np.cos(pose.angle), np.sin(pose.angle)
    for _ in range(part.num_scratches):
        start = rng.uniform(-0.9, 0.9, 2)
        end = start + rng.normal(0, 0.4, 2)
        tone = int(rng.choice((70, 90, 190, 210)))
        points = []
        for px, py in (start, (start + end) / 2 + rng.normal(0, 0.03, 2), end):
            turned_x = (px * turn_cos - py * turn_sin) * pose.radius_px + pose.x - window[0]
            turned_y = (px * turn_sin + py * turn_cos) * pose.radius_px + pose.y - window[1]
            points.append((turned_x, turned_y))
        draw.line(points, fill=tone, width=1, joint="curve")
    soft = canvas.filter(ImageFilter.GaussianBlur(0.5))
    return np.asarray(soft, dtype=np.float32) / 128.0


def cast_shadow(alpha: Floats, camera: Camera, radius_px: float) -> Floats:
    """Returns the (H, W) factor of the light that still reaches the belt beside the part."""
    mask = Image.fromarray((alpha * 255).astype(np.uint8))
    height_px = radius_px * 0.20
    shift_x = -camera.light[0] / camera.light[2] * height_px
    shift_y = -camera.light[1] / camera.light[2] * height_px
    moved = mask.transform(
        mask.size,
        Image.Transform.AFFINE,
        (1, 0, -shift_x, 0, 1, -shift_y),
        Image.Resampling.BILINEAR,
    )
    far = np.asarray(moved.filter(ImageFilter.GaussianBlur(radius_px * 0.07)), dtype=np.float32)
    near = np.asarray(mask.filter(ImageFilter.GaussianBlur(radius_px * 0.10)), dtype=np.float32)
    dark = camera.shadow * far / 255.0
    return ((1.0 - dark) * (1.0 - 0.45 * near / 255.0)).astype(np.float32)
