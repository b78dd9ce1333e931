"""Drawing boxes: what the hand does on the screen is what the server keeps, whatever happens."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Page, expect

from tests.e2e.browser import Server, Visit, apply_project, expect_saved, ingest, saving

pytestmark = pytest.mark.browser

_WIDTH, _HEIGHT = 320, 240
_MARKER = (80, 60, 200, 160)
_UPRIGHT, _TURNED = 1, 6
_TASKS = "/projects/scenes/labeling/tasks"
_numbers = itertools.count()


@dataclass(frozen=True)
class Sight:
    """Where image pixels are seen on the screen, measured from what is painted there."""

    scale: float
    x: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server) -> None:
    apply_project(server.admin, "scenes", "detection")


@pytest.fixture
def task(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> dict[str, Any]:
    """One photo with a marker that is easily found, queued for lena."""
    name = f"belt-{next(_numbers)}.jpg"
    orientation = getattr(request, "param", _UPRIGHT)
    (tmp_path / name).write_bytes(_photo(seed=next(_numbers), orientation=orientation))
    ingest(server.admin, "scenes", tmp_path, format="images")
    (image,) = server.admin.get("/projects/scenes/images", params={"text": name})["items"]
    body = {"image_ids": [image["id"]], "queue": name, "assignee": "lena"}
    return server.admin.post(_TASKS, json=body)["items"][0]


@pytest.mark.parametrize("task", [_UPRIGHT, _TURNED], indirect=True, ids=["upright", "turned"])
def test_a_box_around_what_is_seen_encloses_it(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = _open(visit, task)
    sight = _look(page)
    saving(page, lambda: _drag(page, sight.at(*_MARKER[:2]), sight.at(*_MARKER[2:])))
    (box,) = _boxes(server, task)
    assert box["bbox"] == pytest.approx(_MARKER, abs=0.5)
    assert (box["category"], box["source"], box["author"]) == ("washer", "human", "lena")


def test_every_edit_is_kept_and_seen_again_after_a_reload(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = _open(visit, task)
    sight = _look(page)
    page.keyboard.press("2")
    saving(page, lambda: _drag(page, sight.at(100, 80), sight.at(160, 120)))
    saving(page, lambda: _drag(page, sight.at(130, 100), sight.at(160, 120)))
    assert _boxes(server, task)[0]["bbox"] == pytest.approx((130, 100, 190, 140), abs=0.5)
    saving(page, lambda: _drag(page, sight.at(190, 140), sight.at(215, 155)))
    assert _boxes(server, task)[0]["bbox"] == pytest.approx((130, 100, 215, 155), abs=0.5)
    saving(page, lambda: page.keyboard.press("ArrowRight"))
    saving(page, lambda: page.keyboard.press("Shift+ArrowDown"))
    saving(page, lambda: page.keyboard.press("Alt+ArrowLeft"))
    saving(page, lambda: page.keyboard.press("4"))
    (box,) = _boxes(server, task)
    assert box["bbox"] == pytest.approx((131, 110, 215, 165), abs=0.5)
    assert box["category"] == "gear"

    saving(page, lambda: _drag(page, sight.at(20, 20), sight.at(60, 50)))
    assert len(_boxes(server, task)) == 2
    saving(page, lambda: page.keyboard.press("Delete"))
    assert [left["id"] for left in _boxes(server, task)] == [box["id"]]
    saving(page, lambda: page.keyboard.press("z"))
    kept = _boxes(server, task)
    assert len(kept) == 2

    before = _picture(page)
    page.reload()
    _wait_for_image(page)
    assert _boxes(server, task) == kept
    assert _picture(page) == before
    page.mouse.click(*sight.at(170, 140))
    expect(_panel(page).get_by_role("button", pressed=True)).to_contain_text("gear")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left to label here")).to_be_visible()
    assert server.admin.get(f"{_TASKS}/{task['id']}")["task"]["state"] == "submitted"


def test_a_box_never_leaves_the_image(visit: Visit, server: Server, task: dict[str, Any]) -> None:
    page = _open(visit, task)
    sight = _look(page)
    saving(page, lambda: _drag(page, sight.at(280, 200), sight.at(_WIDTH + 5, _HEIGHT + 5)))
    (box,) = _boxes(server, task)
    assert box["bbox"][2:] == [_WIDTH, _HEIGHT]
    saving(page, lambda: _drag(page, sight.at(300, 220), sight.at(-5, 220)))
    (box,) = _boxes(server, task)
    assert box["bbox"] == pytest.approx((0, 200, 40, 240), abs=0.5)


def test_what_was_shown_as_saved_survives_a_killed_server(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = _open(visit, task)
    sight = _look(page)
    saving(page, lambda: _drag(page, sight.at(20, 20), sight.at(60, 50)))
    server.kill()
    _drag(page, sight.at(220, 100), sight.at(300, 200))
    expect(page.get_by_role("button", name="Not saved: retry")).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not everything is saved yet")).to_be_visible()
    server.start()
    (safe,) = _boxes(server, task)[:1]
    assert safe["bbox"] == pytest.approx((20, 20, 60, 50), abs=0.5)
    expect_saved(page)
    late = _boxes(server, task)
    assert [box["category"] for box in late] == ["washer", "nut"]
    assert late[1]["bbox"] == pytest.approx((220, 100, 300, 200), abs=0.5)


def test_two_people_on_one_image_lose_nothing_unasked(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = _open(visit, task)
    sight = _look(page)
    saving(page, lambda: _drag(page, sight.at(20, 20), sight.at(60, 50)))
    path = f"/projects/scenes/images/{task['image_id']}/annotations"
    server.admin.put(path, json={"annotations": [], "expected_revision": 1})
    _drag(page, sight.at(220, 100), sight.at(300, 200))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else saved this image meanwhile")
    assert _boxes(server, task) == []
    saving(page, lambda: dialog.get_by_role("button", name="Keep mine").click())
    assert len(_boxes(server, task)) == 2


def _photo(*, seed: int, orientation: int) -> bytes:
    """A dull belt with a magenta marker; the pixels of a turned one are stored on their side."""
    pixels = np.random.default_rng(seed).integers(90, 110, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    x1, y1, x2, y2 = _MARKER
    pixels[y1:y2, x1:x2] = (255, 0, 255)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.rot90(pixels) if orientation == _TURNED else pixels
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "JPEG", quality=95, subsampling=0, exif=exif)
    return buffer.getvalue()


def _open(visit: Visit, task: dict[str, Any]) -> Page:
    page = visit("lena", f"/labeling/work?queue={task['queue']}", project="scenes")
    _wait_for_image(page)
    return page


def _wait_for_image(page: Page) -> None:
    expect(page.locator("canvas").first).to_be_visible()
    page.mouse.move(5, 5)


def _look(page: Page) -> Sight:
    """Find the marker in what is painted."""
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    rows, columns = np.nonzero((red > 190) & (blue > 190) & (green < 70))
    scale_x = (columns.max() + 1 - columns.min()) / (_MARKER[2] - _MARKER[0])
    scale_y = (rows.max() + 1 - rows.min()) / (_MARKER[3] - _MARKER[1])
    assert scale_x == pytest.approx(scale_y, rel=0.02)
    x = columns.min() - _MARKER[0] * scale_x
    return Sight(scale=scale_x, x=x, y=rows.min() - _MARKER[1] * scale_x)


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def _picture(page: Page) -> bytes:
    """What the canvas shows with no tool in hand, nothing selected and the pointer away."""
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    return page.locator("[data-cursor]").screenshot(animations="disabled")


def _panel(page: Page) -> Any:
    return page.get_by_role("complementary", name="Labels")


def _boxes(server: Server, task: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/projects/scenes/images/{task['image_id']}/annotations"
    return server.admin.get(path)["annotations"]
