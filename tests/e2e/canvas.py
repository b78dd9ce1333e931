"""The labeling canvas as hand and eye know it: photos with a marker, drags, what is painted."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Server, Visit, ingest

WIDTH, HEIGHT = 320, 240
MARKER = (80, 60, 200, 160)
UPRIGHT, TURNED = 1, 6
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Sight:
    """Where image pixels are seen on the screen, measured from what is painted there."""

    scale: float
    x: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale


def photo(*, seed: int, orientation: int = UPRIGHT) -> bytes:
    """A dull belt with a magenta marker; the pixels of a turned one are stored on their side."""
    pixels = np.random.default_rng(seed).integers(90, 110, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    x1, y1, x2, y2 = MARKER
    pixels[y1:y2, x1:x2] = (255, 0, 255)
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    stored = np.rot90(pixels) if orientation == TURNED else pixels
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "JPEG", quality=95, subsampling=0, exif=exif)
    return buffer.getvalue()


def queue_photo(
    server: Server, folder: Path, project: str, name: str, *, seed: int, orientation: int = UPRIGHT
) -> dict[str, Any]:
    """Put one photo into a project and queue it for lena, in a queue of its own."""
    (folder / name).write_bytes(photo(seed=seed, orientation=orientation))
    ingest(server.admin, project, folder, format="images")
    (image,) = server.admin.get(f"/projects/{project}/images", params={"text": name})["items"]
    body = {"image_ids": [image["id"]], "queue": name, "assignee": "lena"}
    tasks = server.admin.post(f"/projects/{project}/labeling/tasks", json=body)["items"]
    task: dict[str, Any] = tasks[0]
    return task


def open_task(visit: Visit, task: dict[str, Any]) -> Page:
    page = visit("lena", f"/labeling/work?queue={task['queue']}", project=task["project"])
    wait_for_image(page)
    return page


def wait_for_image(page: Page) -> None:
    expect(page.locator("canvas").first).to_be_visible()
    page.mouse.move(5, 5)


def look(page: Page) -> Sight:
    """Find the marker in what is painted."""
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    rows, columns = np.nonzero((red > 190) & (blue > 190) & (green < 70))
    scale_x = (columns.max() + 1 - columns.min()) / (MARKER[2] - MARKER[0])
    scale_y = (rows.max() + 1 - rows.min()) / (MARKER[3] - MARKER[1])
    assert scale_x == pytest.approx(scale_y, rel=0.02)
    x = columns.min() - MARKER[0] * scale_x
    return Sight(scale=scale_x, x=x, y=rows.min() - MARKER[1] * scale_x)


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Press at the first place, go through all, let go at the last."""
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def picture(page: Page) -> bytes:
    """What the canvas shows with no tool in hand, nothing selected and the pointer away."""
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    return page.locator("[data-cursor]").screenshot(animations="disabled")


def differ(one: bytes, other: bytes) -> int:
    """The largest difference between two screenshots in any channel of any pixel."""
    first, second = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
                     for png in (one, other))  # fmt: skip
    return int(np.abs(first - second).max())


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Labels")


def labels_of(server: Server, task: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/projects/{task['project']}/images/{task['image_id']}/annotations"
    found: list[dict[str, Any]] = server.admin.get(path)["annotations"]
    return found
