"""Measure the labeling canvas in a browser: pan, zoom, drag, next image, key to visible label.

python -m bench.canvas            # 2,000 and 5,000 polygons of 16 corners

A frame's work runs from the first input event of the frame to the moment when the page has
painted it; the browser renders in software, without a graphics card.
"""

from __future__ import annotations

import io
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from tests.e2e.browser import ARGUMENTS, Server, Visitors, apply_project, find_chromium, ingest

_WIDTH, _HEIGHT = 1600, 1200
_CORNERS = 16
_COUNTS = (2000, 5000)
_NUM_QUEUED = 12
_WATCH = """() => {
  const frames = []; let began = null; let before = null;
  const start = () => { began ??= performance.now(); };
  for (const type of ["pointermove", "wheel", "keydown"])
    window.addEventListener(type, start, {capture: true, passive: true});
  const channel = new MessageChannel();
  let open = null;
  channel.port1.onmessage = () => { if (open) { frames.push({work: performance.now() - open.began,
    gap: open.gap}); open = null; } };
  const tick = (now) => {
    const gap = before === null ? null : now - before; before = now;
    if (began !== null) { open = {began, gap}; began = null; channel.port2.postMessage(0); }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.benchFrames = () => frames.splice(0);
}"""
_NEXT = """() => new Promise((resolve) => {
  const name = () => document.querySelector("main [title$='.jpg']")?.textContent;
  const first = name();
  window.addEventListener("keydown", () => {
    const began = performance.now();
    const look = () => {
      if (name() !== first && document.querySelector("canvas")) {
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, {once: true, capture: true});
  document.title = "ready";
})"""


def main() -> None:
    """Start a server and a browser, measure, print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = Server(Path(folder) / "home")
        browser = driver.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        visitors = Visitors(browser=browser, server=server)
        try:
            _prepare(server, Path(folder) / "photos")
            for number in _COUNTS:
                page = visitors.visit("lena", f"/labeling/work?queue=shapes-{number}")
                _measure_frames(page, number)
            _measure_next(visitors.visit("lena", "/labeling/work?queue=many"))
        finally:
            visitors.close()
            browser.close()
            server.close()


def _prepare(server: Server, folder: Path) -> None:
    apply_project(server.admin, "parts", "instance_segmentation")
    folder.mkdir()
    names = [f"shapes-{number}" for number in _COUNTS]
    names += [f"many-{index}" for index in range(_NUM_QUEUED)]
    for seed, name in enumerate(names):
        (folder / f"{name}.jpg").write_bytes(_photo(seed))
    ingest(server.admin, "parts", folder, format="images")
    images = server.admin.get("/projects/parts/images", params={"limit": 100})["items"]
    ids = {image["name"].removesuffix(".jpg"): image["id"] for image in images}
    for seed, (name, image_id) in enumerate(sorted(ids.items())):
        number = int(name.split("-")[1]) if name.startswith("shapes") else 20
        body = {"annotations": _polygons(number, seed), "expected_revision": 0}
        server.admin.put(f"/projects/parts/images/{image_id}/annotations", json=body)
        queue = name if name.startswith("shapes") else "many"
        task = {"image_ids": [image_id], "queue": queue, "assignee": "lena"}
        server.admin.post("/projects/parts/labeling/tasks", json=task)


def _photo(seed: int) -> bytes:
    small = np.random.default_rng(seed).integers(60, 200, (30, 40, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _polygons(number: int, seed: int) -> list[dict[str, Any]]:
    """Return polygons of uneven radius all over the image."""
    random = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    found = []
    for index in range(number):
        radius = random.uniform(6, 22, _CORNERS)
        x, y = random.uniform(25, _WIDTH - 25), random.uniform(25, _HEIGHT - 25)
        corners = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
        category = ("washer", "bolt", "nut", "gear")[index % 4]
        ring = [round(float(value), 2) for value in corners.ravel()]
        found.append({"category": category, "kind": "polygon", "segmentation": [ring]})
    return found


def _measure_frames(page: Page, number: int) -> None:
    _wait(page)
    page.evaluate(_WATCH)
    print(f"\n{number:,} polygons of {_CORNERS} corners on {_WIDTH} x {_HEIGHT} pixels")
    for what, act in (("pan", _pan), ("zoom", _zoom), ("drag a corner", _drag_corner)):
        _report(what, _frames(page, lambda act=act: act(page)))  # type: ignore[misc]
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    keys = _frames(page, lambda: [_press(page, key) for key in ("2", "3", "4", "1") * 3])
    _report("key to visible class", keys)


def _frames(page: Page, act: Callable[[], object]) -> list[dict[str, float]]:
    page.evaluate("benchFrames()")
    act()
    page.wait_for_timeout(400)
    found: list[dict[str, float]] = page.evaluate("benchFrames()")
    return found


def _pan(page: Page) -> None:
    page.mouse.move(700, 500)
    page.mouse.down(button="middle")
    for step in range(120):
        page.mouse.move(700 + 90 * np.sin(step / 12), 500 + 60 * np.cos(step / 9))
    page.mouse.up(button="middle")


def _zoom(page: Page) -> None:
    for step in range(80):
        page.mouse.wheel(0, -60 if step % 40 < 20 else 60)


def _drag_corner(page: Page) -> None:
    page.keyboard.press("v")
    page.keyboard.press("Tab")
    page.keyboard.press("w")
    for _ in range(12):
        _press(page, "Shift+ArrowRight")
        _press(page, "Shift+ArrowLeft")


def _press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(60)


def _measure_next(page: Page) -> None:
    _wait(page)
    seconds = []
    for _ in range(_NUM_QUEUED - 2):
        page.wait_for_timeout(900)  # A person looks longer; the neighbours load meanwhile.
        page.evaluate("document.title = ''")
        waiting = page.evaluate_handle(f"({{promise: ({_NEXT})()}})")
        page.keyboard.press("Enter")
        seconds.append(page.evaluate("(held) => held.promise", waiting))
    print(f"\nnext image after Enter, warm: {_spread(seconds)}")


def _wait(page: Page) -> None:
    page.locator("canvas").first.wait_for()
    page.wait_for_timeout(1500)


def _report(what: str, frames: Sequence[dict[str, float]]) -> None:
    work = [frame["work"] for frame in frames]
    over = sum(value > 16 for value in work)
    print(f"  {what}: work {_spread(work)}, over 16 ms: {over} of {len(work)} frames")


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    high = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    return f"median {statistics.median(ordered):.1f} ms, 95 % {high:.1f} ms"


if __name__ == "__main__":
    main()
