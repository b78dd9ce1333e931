"""Machined parts as geometry: what a part is, its outline, its distance field.

Every part is described in its own frame, in units of its nominal radius: origin in the middle,
x to the right, y down. Rings (washer, nut, gear) are a radius over the angle; a bolt is a half
width along its axis. The drawn pixels and the ground truth polygon come from the same tables, so
the polygon is exact.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Kind = Literal["washer", "bolt", "nut", "gear"]
Finish = Literal["turned", "brushed", "tumbled"]

KINDS: tuple[Kind, ...] = ("washer", "bolt", "nut", "gear")
MATERIALS: tuple[str, ...] = ("steel", "stainless", "zinc", "brass", "copper", "black_oxide")
_MATERIAL_ODDS = (0.30, 0.22, 0.18, 0.12, 0.06, 0.12)
_FINISHES: tuple[Finish, ...] = ("turned", "brushed", "tumbled")
_NUM_ANGLES = 1440
_NUM_STATIONS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One physical part; several photos may show it.

    Attributes:
        profile: rings: (1440,) outer radius over the angle; bolt: (512,) half width along x.
        slope: derivative of the profile by its coordinate, same shape.
        reach: farthest distance of the outline from the origin.
        hole: radius of the bore, 0 for a bolt.
        steps: circles where the face changes height: (radius, signed tilt, width).
        head: x where a bolt's head ends; unused for rings.
    """

    part_id: str
    kind: Kind
    material: str
    finish: Finish
    size: float
    profile: Floats
    slope: Floats
    reach: float
    hole: float
    steps: tuple[tuple[float, float, float], ...]
    holes: tuple[tuple[float, float, float], ...]
    head: float
    num_scratches: int


def seed_of(*words: object) -> int:
    """Returns a 64-bit seed that depends on the words alone, on every machine."""
    text = "/".join(str(word) for word in words)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def make_part(kind: Kind, *, seed: int, index: int) -> Part:
    """Returns the part number `index` of its kind; the same numbers give the same part."""
    rng = np.random.default_rng(seed_of("part", seed, kind, index))
    code = seed_of("code", seed, kind, index) % 0xFFFF
    return shape_part(kind, rng, part_id=f"{kind}-{index:04d}-{code:04x}")


def shape_part(kind: Kind, rng: np.random.Generator, *, part_id: str) -> Part:
    """Draws the dimensions of one part and builds its outline tables."""
    holes: tuple[tuple[float, float, float], ...] = ()
    steps: tuple[tuple[float, float, float], ...] = ()
    hole = 0.0
    head = 0.0
    if kind == "bolt":
        profile, head = _bolt_profile(rng)
        spacing = 2.0 / (_NUM_STATIONS - 1)
    else:
        spacing = 2 * np.pi / _NUM_ANGLES
        if kind == "washer":
            profile, hole, steps = _washer_profile(rng)
        elif kind == "nut":
            profile, hole, steps = _nut_profile(rng)
        else:
            profile, hole, steps, holes = _gear_profile(rng)
    slope = np.gradient(profile, spacing).astype(np.float32)
    reach = 1.0 if kind == "bolt" else float(profile.max())
    return Part(
        part_id=part_id,
        kind=kind,
        material=str(rng.choice(MATERIALS, p=_MATERIAL_ODDS)),
        finish=_FINISHES[int(rng.integers(len(_FINISHES)))],
        size=float(rng.uniform(0.54, 1.05)),
        profile=profile.astype(np.float32),
        slope=slope,
        reach=reach,
        hole=hole,
        steps=steps,
        holes=holes,
        head=head,
        num_scratches=int(rng.integers(0, 7)),
    )


def _angles() -> NDArray[np.float64]:
    return np.linspace(0.0, 2 * np.pi, _NUM_ANGLES, endpoint=False)


def _washer_profile(
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], float, tuple[tuple[float, float, float], ...]]:
    """A plain ring; a stamped one has a rolled edge."""
    profile = np.full(_NUM_ANGLES, 0.97)
    hole = float(rng.uniform(0.40, 0.60))
    rolled = rng.random() < 0.4
    steps = ((0.5 * (0.97 + hole), float(rng.choice((-0.30, 0.30))), 0.05),) if rolled else ()
    return profile, hole, steps


def _nut_profile(
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], float, tuple[tuple[float, float, float], ...]]:
    """A hexagon with corners cut by a circle, and a chamfered thread."""
    apothem = 0.885
    folded = np.abs((_angles() + np.pi / 6) % (np.pi / 3) - np.pi / 6)
    hexagon = apothem / np.cos(folded)
    profile = np.minimum(hexagon, float(rng.uniform(0.902, 1.0)))
    hole = float(rng.uniform(0.42, 0.58))
    chamfer = (apothem * 0.98, 0.42, 0.055)
    return profile, hole, (chamfer, (hole + 0.07, -0.5, 0.04))


def _gear_profile(
    rng: np.random.Generator,
) -> tuple[
    NDArray[np.float64],
    float,
    tuple[tuple[float, float, float], ...],
    tuple[tuple[float, float, float], ...],
]:
    """A spur gear with trapezoid teeth, a hub and sometimes lightening holes."""
    num_teeth = int(rng.integers(14, 35))
    depth = float(rng.uniform(0.042, 0.115)) * (20 / num_teeth) ** 0.35
    wave = np.cos(num_teeth * _angles())
    tooth = np.clip(0.5 + 0.95 * wave, 0.0, 1.0)
    profile = 1.0 - depth * (1.0 - tooth)
    hole = float(rng.uniform(0.24, 0.54))
    root = 1.0 - depth
    rim, hub = root - 0.07, min(hole + 0.13, root - 0.2)
    steps: tuple[tuple[float, float, float], ...] = ()
    holes: tuple[tuple[float, float, float], ...] = ()
    if rim - hub > 0.08 and rng.random() < 0.6:
        steps = ((rim, -0.6, 0.03), (hub, 0.6, 0.03))
        if rim - hub > 0.24 and rng.random() < 0.6:
            count = int(rng.integers(4, 8))
            middle, radius = 0.5 * (rim + hub), 0.30 * (rim - hub)
            turns = np.arange(count) * (2 * np.pi / count)
            holes = tuple(
                (float(middle * np.cos(turn)), float(middle * np.sin(turn)), float(radius))
                for turn in turns
            )
    return profile, hole, steps, holes


def _bolt_profile(rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """A lying hex bolt: head on the left, then shank, then thread with a chamfered tip."""
    stations = np.linspace(-1.0, 1.0, _NUM_STATIONS)
    head_end = -1.0 + float(rng.uniform(0.24, 0.34))
    head_width = float(rng.uniform(0.36, 0.46))
    shank_width = head_width * float(rng.uniform(0.50, 0.62))
    thread_start = head_end + float(rng.uniform(0.0, 0.6))
    pitch = float(rng.uniform(0.055, 0.085))
    wave = np.abs(((stations / pitch) % 1.0) * 2 - 1)
    threaded = stations > thread_start
    half = np.where(threaded, shank_width * (0.88 + 0.12 * wave), shank_width * 0.97)
    tip = np.clip((1.0 - stations) / 0.08, 0.0, 1.0)
    half = half * (0.72 + 0.28 * tip)
    edge = np.clip((stations + 1.0) / 0.05, 0.0, 1.0)
    half = np.where(stations < head_end, head_width * (0.86 + 0.14 * np.sqrt(edge)), half)
    return half, head_end


def outline(part: Part) -> NDArray[np.float64]:
    """Returns the outer outline as (N, 2) points in the part's frame, without the bore."""
    if part.kind == "bolt":
        stations = np.linspace(-1.0, 1.0, _NUM_STATIONS)[::4]
        half = part.profile[::4].astype(np.float64)
        upper = np.stack([stations, -half], axis=1)
        return np.concatenate([upper, np.stack([stations, half], axis=1)[::-1]])
    step = 4 if part.kind == "gear" else 12
    angles = _angles()[::step]
    radii = part.profile[::step].astype(np.float64)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def look_up_ring(part: Part, x: Floats, y: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Returns distance to the outer outline (negative inside) and its tangential slope.

    Positions x, y and their distance to the origin are (H, W), in the part's frame.
    """
    turns = np.arctan2(y, x) * np.float32(_NUM_ANGLES / (2 * np.pi))
    index = turns.astype(np.int32) % _NUM_ANGLES
    bound = part.profile[index]
    lean = part.slope[index] / np.maximum(bound, 0.1)
    distance = (radius - bound) / np.sqrt(1.0 + lean * lean)
    return distance.astype(np.float32), lean.astype(np.float32)


def look_up_bolt(part: Part, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Returns distance to the bolt's outline (negative inside) and its half width there."""
    scaled = (np.clip(x, -1.0, 1.0) + 1.0) * np.float32((_NUM_STATIONS - 1) / 2)
    index = scaled.astype(np.int32)
    half = part.profile[index]
    side = np.abs(y) - half
    ends = np.abs(x) - np.float32(1.0)
    return np.maximum(side, ends).astype(np.float32), half
