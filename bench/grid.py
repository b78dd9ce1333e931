"""Measure how smoothly the console scrolls through a project of many images, in a real browser.

python bench/grid.py               # 100,000 rendered images: rendering and ingest take minutes
python bench/grid.py --rows 20000
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from PIL import Image, ImageDraw

from visionloop.cli.local_server import local_server
from visionloop.client.http import Client

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLASSES = ("washer", "bolt", "nut", "gear")
_SIDES = (96, 72)
_PER_FOLDER = 1000
_FRAMES = 600
_STEP_PX = 120
_INGEST_TIMEOUT_S = 3600.0

# A frame is late when the next one comes after two turns of a 60 Hz screen.
_SCROLL = """async ([frames, step]) => {
  const page = document.getElementById('page');
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < frames; frame += 1) {
    page.scrollBy(0, step);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""
_JUMP = """share => {
  const page = document.getElementById('page');
  page.scrollTo(0, share * (page.scrollHeight - page.clientHeight));
}"""
# Every tile in view has its picture.
_SHOWN = """() => {
  const page = document.getElementById('page')?.getBoundingClientRect();
  if (page === undefined) return false;
  const tiles = [...document.querySelectorAll('[role=option]')].filter(tile => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > page.top && top < page.bottom;
  });
  return tiles.length > 0 && tiles.every(tile => {
    const picture = tile.querySelector('img');
    return picture !== null && picture.complete && picture.naturalWidth > 0;
  });
}"""


def render_images(folder: Path, rows: int) -> None:
    """Write small numbered images in class folders; every one has bytes of its own."""
    for index in range(rows):
        name = CLASSES[index % len(CLASSES)]
        place = folder / name / f"{index // _PER_FOLDER:04d}"
        place.mkdir(parents=True, exist_ok=True)
        color = (index % 256, index // 256 % 256, 96)
        picture = Image.new("RGB", _SIDES, color)
        ImageDraw.Draw(picture).text((18, 30), f"{index:07d}", fill="white")
        picture.save(place / f"{index:07d}.jpg", quality=70)


def fill_project(admin: Client, folder: Path) -> float:
    """Declare the project, ingest the folder in place and return the seconds that took."""
    spec = {"project": "grid", "task": "classification", "labels": list(CLASSES)}
    admin.post("/spec/apply", json={"content": yaml.safe_dump(spec, sort_keys=False)})
    started = time.perf_counter()
    body = {"folder": str(folder), "format": "class_folders"}
    job = admin.post("/projects/grid/ingests", json=body)
    done = admin.wait_for_job(job["job_id"], timeout_s=_INGEST_TIMEOUT_S)
    if done["state"] != "succeeded":
        raise SystemExit(f"The ingest {done['state']}: {done['message']}")
    return time.perf_counter() - started


def measure_scroll(page: Page) -> list[float]:
    """Return milliseconds between frames while the grid is scrolled without a pause."""
    times: list[float] = page.evaluate(_SCROLL, [_FRAMES, _STEP_PX])
    return times


def measure_jump(page: Page, share: float) -> float:
    """Return milliseconds from a jump of the scrollbar until every picture in view is there."""
    started = time.perf_counter()
    page.evaluate(_JUMP, share)
    page.wait_for_function(_SHOWN, timeout=60_000, polling=20)
    return 1000 * (time.perf_counter() - started)


def measure(url: str, token: str) -> dict[str, Any]:
    """Open the data page in Chromium and measure it."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("Chromium is not installed; this benchmark drives it.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "visionloop_session", "value": token, "url": url}])
        page = context.new_page()
        started = time.perf_counter()
        page.goto(f"{url}/projects/grid/data")
        page.wait_for_function(_SHOWN, timeout=60_000, polling=20)
        first = 1000 * (time.perf_counter() - started)
        times = measure_scroll(page)
        jumps = [measure_jump(page, share) for share in (0.5, 0.9, 0.25, 1.0, 0.0)]
        nodes = page.evaluate("() => document.querySelectorAll('*').length")
        browser.close()
    return {"first": first, "times": times, "jumps": jumps, "nodes": nodes}


def main() -> None:
    """Render, ingest, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="visionloop-grid-") as root:
        photos = Path(root) / "photos"
        render_images(photos, rows)
        with local_server(Path(root) / "home", port) as admin:
            seconds = fill_project(admin, photos)
            found = measure(f"http://127.0.0.1:{port}", str(admin.token))
    times = sorted(found["times"])
    late = sum(1 for value in times if value > 1000 / 30)
    print(f"images                              {rows}")
    print(f"ingest in place                     {seconds:.0f} s")
    print(f"page with every picture in view     {found['first']:.0f} ms")
    print(f"frame while scrolling, median       {statistics.median(times):.1f} ms")
    print(f"frame while scrolling, 95 percent   {times[int(0.95 * len(times))]:.1f} ms")
    print(f"frame while scrolling, longest      {times[-1]:.0f} ms")
    print(f"frames later than 33 ms             {late} of {len(times)}")
    print(f"jump to all pictures, median        {statistics.median(found['jumps']):.0f} ms")
    print(f"elements of the page                {found['nodes']}")


if __name__ == "__main__":
    main()
