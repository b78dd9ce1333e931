"""Every kind of shape, drawn and mended by mouse and by keyboard, is found again after a reload."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="left out: Playwright is not installed")

from playwright.sync_api import Page, expect

from tests.e2e.browser import Server, Visit, apply_project, saving
from tests.e2e.canvas import (
    HEIGHT,
    WIDTH,
    Sight,
    differ,
    drag,
    labels_of,
    look,
    open_task,
    panel,
    picture,
    queue_photo,
    wait_for_image,
)

pytestmark = pytest.mark.browser

_numbers = itertools.count()
_SKELETON = {"points": ["head", "left", "right"], "edges": [[0, 1], [0, 2]]}
_ATTRIBUTES = [
    {"name": "occluded", "type": "boolean", "default": False},
    {"name": "finish", "type": "choice", "values": ["matt", "gloss"], "classes": ["bolt"]},
    {"name": "wear", "type": "number", "minimum": 0, "maximum": 10},
    {"name": "weather", "type": "choice", "scope": "image", "values": ["sun", "rain"]},
]


@pytest.fixture(scope="module", autouse=True)
def _project(server: Server) -> None:
    apply_project(server.admin, "outlines", "instance_segmentation")
    schema = server.admin.get("/projects/outlines/labeling/schema")
    classes = schema["classes"]
    classes[3] |= {"skeleton": _SKELETON}
    body = {"expected_version": 1, "classes": classes, "attributes": _ATTRIBUTES}
    server.admin.put("/projects/outlines/labeling/schema", json=body)


@pytest.fixture
def task(server: Server, tmp_path: Path) -> dict[str, Any]:
    name = f"outline-{next(_numbers)}.jpg"
    return queue_photo(server, tmp_path, "outlines", name, seed=next(_numbers))


def test_every_shape_by_mouse(visit: Visit, server: Server, task: dict[str, Any]) -> None:
    page = open_task(visit, task)
    sight = look(page)
    _draw_by_mouse(page, sight)
    rotated, polygon, line, pose, mask = labels_of(server, task)
    # Turning the top towards the right makes the box upright again, sides exchanged.
    assert _near(rotated["segmentation"][0], (50, 20, 50, 60, 30, 60, 30, 20))
    assert _near(polygon["segmentation"][0], (100, 20, 150, 12, 180, 20, 190, 60))
    assert _near(line["segmentation"][0], (210, 30, 250, 60, 300, 40))
    assert _near(pose["keypoints"], ((40, 90, 2), (30, 110, 1), (0, 0, 0)))
    assert _near(pose["bbox"], (30, 90, 40, 110))
    pixels = _decode(mask["segmentation"])
    assert pixels.shape == (HEIGHT, WIDTH)
    assert _near(mask["bbox"], (220, 120, 276, 160), within=1.5)
    assert pixels[150, 270]
    assert not pixels[126, 250]
    _assert_same_after_reload(page, server, task)


def test_every_shape_by_keyboard(visit: Visit, server: Server, task: dict[str, Any]) -> None:
    page = open_task(visit, task)
    keys = _Keys(page)
    for tool in ("b", "o"):
        keys.draw(tool, ["Shift+ArrowLeft"] * 4, "Space")
        saving(page, lambda: keys.press("Shift+ArrowUp", "Shift+ArrowRight", "Space"))
        keys.press("Escape")
    saving(page, lambda: keys.press("Tab", "Tab", *["r"] * 90))
    keys.press("Escape", "g", "Space", "Shift+ArrowRight", "Space", "Shift+ArrowDown", "Space")
    keys.press("Shift+ArrowLeft", "Space", "z")
    saving(page, lambda: keys.press("Enter"))
    saving(page, lambda: keys.press("w", "a"))
    saving(page, lambda: keys.press("Shift+ArrowUp"))
    keys.press("Escape", "Escape", "l", "Space", "Shift+ArrowRight", "Space")
    saving(page, lambda: keys.press("Enter"))
    keys.press("Escape", "4", "k", "Space", "Shift+ArrowUp", "Space", "Shift+ArrowLeft")
    saving(page, lambda: keys.press("Space"))
    keys.press("Escape", "1", "d", "Space", *["Shift+ArrowRight"] * 2)
    saving(page, lambda: keys.press("Space"))
    keys.press("e", "Escape", "e", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab")
    box, rotated, polygon, line, pose, mask = labels_of(server, task)
    assert [box["kind"], rotated["kind"]] == ["box", "rotated_box"]
    x1, y1, x2, y2 = box["bbox"]
    assert (x2 - x1, y2 - y1) == (10, 10)
    assert _angle(rotated) == pytest.approx(90, abs=0.1)
    assert len(polygon["segmentation"][0]) == 8
    (x1, y1, x2, y2) = line["segmentation"][0]
    assert (x2 - x1, y2 - y1) == (10, 0)
    assert [point[2] for point in pose["keypoints"]] == [2, 2, 2]
    assert pose["category"] == "gear"
    assert _decode(mask["segmentation"]).sum() > 0
    _assert_same_after_reload(page, server, task)


def _draw_by_mouse(page: Page, sight: Sight) -> None:
    at = sight.at
    page.keyboard.press("o")
    saving(page, lambda: drag(page, at(20, 30), at(60, 50)))
    above = at(40, 30)
    turned = at(70, 40)
    saving(page, lambda: drag(page, (above[0], above[1] - 26), turned))
    page.keyboard.press("g")
    for corner in ((100, 20), (180, 20), (190, 60), (110, 70)):
        page.mouse.click(*at(*corner))
    saving(page, lambda: page.mouse.click(*at(100, 20)))
    saving(page, lambda: drag(page, at(140, 20), at(150, 12)))
    page.keyboard.down("Alt")
    saving(page, lambda: page.mouse.click(*at(110, 70)))
    page.keyboard.up("Alt")
    page.keyboard.press("l")
    for corner in ((210, 30), (250, 60)):
        page.mouse.click(*at(*corner))
    saving(page, lambda: page.mouse.dblclick(*at(300, 40)))
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    page.keyboard.press("k")
    expect(page.get_by_role("note")).to_contain_text("Click head (1 of 3)")
    page.mouse.click(*at(40, 90))
    page.keyboard.down("Shift")
    page.mouse.click(*at(30, 110))
    page.keyboard.up("Shift")
    saving(page, lambda: page.keyboard.press("x"))
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    saving(page, lambda: drag(page, at(228, 128), at(268, 152)))
    page.keyboard.press("e")
    saving(page, lambda: drag(page, at(250, 122), at(250, 126)))


def test_attributes_order_copies_and_undo(
    visit: Visit, server: Server, task: dict[str, Any]
) -> None:
    page = open_task(visit, task)
    sight = look(page)
    page.keyboard.press("b")
    page.keyboard.press("2")
    saving(page, lambda: drag(page, sight.at(20, 20), sight.at(80, 60)))
    assert labels_of(server, task)[0]["attributes"] == {"occluded": False}
    fields = panel(page)
    saving(page, lambda: fields.get_by_label("occluded").check())
    saving(page, lambda: fields.get_by_label("wear").fill("3.5"))
    saving(page, lambda: _choose(page, "finish", "gloss"))
    saving(page, lambda: _choose(page, "weather", "rain"))
    page.keyboard.press("Escape")
    page.mouse.click(*sight.at(150, 190))
    page.mouse.click(*sight.at(50, 40))
    saving(page, lambda: page.keyboard.press("Control+d"))
    saving(page, lambda: page.keyboard.press("3"))
    saving(page, lambda: page.keyboard.press("PageDown"))
    back, front = labels_of(server, task)
    assert (back["category"], front["category"]) == ("nut", "bolt")
    assert back["bbox"] == pytest.approx([value + 12 for value in front["bbox"]], abs=0.5)
    assert front["attributes"] == {"occluded": True, "wear": 3.5, "finish": "gloss"}
    path = f"/projects/outlines/images/{task['image_id']}/annotations"
    assert server.admin.get(path)["attributes"] == {"weather": "rain"}
    page.keyboard.press("q")
    page.keyboard.press("Delete")
    assert len(labels_of(server, task)) == 2
    page.keyboard.press("q")
    saving(page, lambda: page.keyboard.press("Delete"))
    assert [label["category"] for label in labels_of(server, task)] == ["bolt"]
    for _ in range(3):
        saving(page, lambda: page.keyboard.press("z"))
    assert [label["category"] for label in labels_of(server, task)] == ["bolt", "bolt"]
    _assert_same_after_reload(page, server, task)


def test_keys_can_be_chosen_and_warn_of_clashes(visit: Visit, task: dict[str, Any]) -> None:
    page = open_task(visit, task)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Change the key of: Polygon").click()
    page.keyboard.press("b")
    expect(dialog.get_by_role("alert")).to_contain_text("B already means: Box")
    dialog.get_by_role("button", name="Leave it").click()
    dialog.get_by_role("button", name="Change the key of: Polygon").click()
    page.keyboard.press("F8")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("v")
    page.keyboard.press("F8")
    expect(page.get_by_role("button", name="Polygon", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


class _Keys:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def draw(self, tool: str, moves: Sequence[str], end: str) -> None:
        """Take a tool, go somewhere and press there."""
        self.press(tool, *moves, end)


def _choose(page: Page, name: str, value: str) -> None:
    panel(page).get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=value).click()


def _assert_same_after_reload(page: Page, server: Server, task: dict[str, Any]) -> None:
    kept = labels_of(server, task)
    before = picture(page)
    page.reload()
    wait_for_image(page)
    assert labels_of(server, task) == kept
    # A part that was painted anew after an edit may blend its edges by a shade.
    assert differ(picture(page), before) < 25


def _near(found: Any, expected: Any, *, within: float = 0.5) -> bool:
    difference = np.abs(np.asarray(found, float) - np.asarray(expected, float)).max()
    assert difference <= within, f"{found} is not {expected}"
    return True


def _angle(shape: dict[str, Any]) -> float:
    x1, y1, x2, y2 = shape["segmentation"][0][:4]
    return float(np.degrees(np.arctan2(y2 - y1, x2 - x1)))


def _decode(rle: dict[str, Any]) -> np.ndarray:
    """Read COCO's run lengths with an independent few lines, as its specification has them."""
    runs: list[int] = []
    text, at = rle["counts"], 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            group = ord(text[at]) - 48
            value |= (group & 31) << shift
            more = bool(group & 32)
            at, shift = at + 1, shift + 5
        if group & 16:
            value |= -1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    flat = np.repeat(np.arange(len(runs)) % 2, runs).astype(bool)
    height, width = rle["size"]
    return flat.reshape(width, height).T
