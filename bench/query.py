"""How long the API takes to filter, sort and page a million images, on SQLite and PostgreSQL.

python -m bench.query [--images 1000000] [--database sqlite] [--keep FOLDER]

Builds the rows in bulk (no image files: queries read none), starts the API over loopback and asks
each question several times, on changing pages. The bar: 200 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from tests.live import serving
from tests.postgresql import find_binaries, running_server

from bench.million_images import fill
from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import color_of, hotkey_of, save_project
from visionloop.admin.sessions import actor_of, create_token
from visionloop.admin.users import create_user
from visionloop.bootstrap import Application, create_application, prepare
from visionloop.config import Settings
from visionloop.kernel.clock import utc_now

BAR_MS = 200.0
REPEATS = 12

PAGES: tuple[tuple[str, str], ...] = (
    ("", "created"),
    ("", "-luminance_mean"),
    ("status = active", "-captured"),
    ("camera = Canon EOS 550D", "name"),
    ("luminance_mean < 40", "created"),
    ("luminance_mean < 40 and laplacian_variance > 900", "-created"),
    ("label:bolt", "created"),
    ("label:rare", "-luminance_mean"),
    ("label:bolt and luminance_mean < 40 and not tag:blurry", "name"),
    ("tag:blurry", "-created"),
    ("tag:to-check and split = test", "created"),
    ("labels(category = rare and source = model and score < 0.5)", "created"),
    ("annotation_status = unlabeled and camera in (iPhone 7, Canon EOS 550D)", "-created"),
    ("metadata.line = 17", "created"),
    ("metadata.line > 30 and status = active", "size_bytes"),
    ("score.label_quality < 0.02 and label:nut", "created"),
    ("captured >= 2026-03-01 and captured < 2026-03-02", "captured"),
    ("width >= 1920 and split = val and not label:bolt", "-entropy"),
    ("name = line-07/2026*", "name"),
    ("img_0123456", "created"),
    ("none-such-word", "created"),
    ("exif.ISOSpeedRatings > 3000", "created"),
)


@dataclass
class Asked:
    """Seconds of several answers, and the processor's part of them.

    Client and server share a process; PostgreSQL works outside of it.
    """

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Time one answer."""
        started, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds.append(time.perf_counter() - started)
        self.cpu_seconds.append(time.process_time() - cpu)


def ask(client: httpx.Client, condition: str, sort: str) -> tuple[Asked, Any]:
    """Return the times of several pages of a query, and the last answer."""
    asked = Asked()
    cursor: str | None = None
    answer: Any = None
    for _ in range(REPEATS):
        params: dict[str, Any] = {"where": condition, "sort": sort, "limit": 60}
        if cursor:
            params["cursor"] = cursor
        with asked.timed():
            response = client.get("/images", params=params)
        response.raise_for_status()
        answer = response.json()
        cursor = answer["next"]
    return asked, answer


def measure(application: Application) -> None:
    """Print a line for every query, and one for facets and a histogram."""
    user = create_user(application.database, SYSTEM, name="bench", password=None, is_admin=True)
    lifetime = timedelta(hours=3)
    _, token = create_token(application.database, actor_of(user), name="bench", lifetime=lifetime)
    everything = Asked()
    with serving(application) as url:
        headers = {"Authorization": f"Bearer {token}"}
        base = f"{url}/api/v1/projects/parts"
        with httpx.Client(base_url=base, headers=headers, timeout=120) as client:
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; milliseconds")
            print("  median     p95     cpu  images    filter; sort")
            for condition, sort in PAGES:
                asked, answer = ask(client, condition, sort)
                everything.seconds += asked.seconds
                everything.cpu_seconds += asked.cpu_seconds
                about = "" if answer["total_is_exact"] else "~"
                _line(asked, f"{about}{answer['total']}", f"{condition or 'all'}; {sort}")
            _line(everything, "", f"all page queries (bar: p95 under {BAR_MS:.0f})")
            _others(client)


def _others(client: httpx.Client) -> None:
    for path, params in (
        ("/image-facets", {}),
        ("/image-facets", {"where": "label:bolt and luminance_mean < 40"}),
        ("/image-histogram", {"where": "label:bolt", "field": "luminance_mean"}),
    ):
        asked = Asked()
        for _ in range(5):
            with asked.timed():
                client.get(path, params=params).raise_for_status()
        _line(asked, "", f"{path} {json.dumps(params)}")


def _line(asked: Asked, count: str, text: str) -> None:
    ordered = sorted(asked.seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    median, cpu = statistics.median(ordered), statistics.median(asked.cpu_seconds)
    print(f"{median * 1e3:8.1f}{p95 * 1e3:8.1f}{cpu * 1e3:8.1f}  {count:>8}  {text}", flush=True)


@contextmanager
def opened(folder: Path, database_url: str | None, images: int) -> Iterator[Application]:
    """Open an installation with so many images, built on the first use of the folder."""
    settings = Settings(home=folder / "home", database_url=database_url, blob_url=None)
    prepare(settings, admin_password="correct-horse")
    application = create_application(settings)
    try:
        with application.database.read() as tx:
            built = tx.execute(sa.text("SELECT count(*) FROM images")).scalar_one()
        if built == 0:
            save_project(application.database, SYSTEM, _project())
            started = time.perf_counter()
            fill(application.database, images)
            print(f"{images} images built in {time.perf_counter() - started:.0f} s", flush=True)
        yield application
    finally:
        application.database.dispose()


def _project() -> Project:
    names = ("bolt", "nut", "washer", "gear", "rare")
    return Project(
        name="parts",
        task=TaskType.DETECTION,
        description="",
        categories=tuple(Category(n, color_of(i), hotkey_of(i)) for i, n in enumerate(names)),
        workspaces=("dev", "staging", "prod"),
        settings={},
        created_at=utc_now(),
    )


def main() -> None:
    """Measure the databases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--keep", type=Path, help="Keep the SQLite home here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="visionloop-bench-") as name:
        folder = Path(name)
        for kind in options.database or ("sqlite", "postgresql"):
            print(f"{kind}, {options.images} images", flush=True)
            if kind == "sqlite":
                with opened(options.keep or folder / "sqlite", None, options.images) as application:
                    measure(application)
                continue
            binaries = find_binaries()
            if binaries is None:
                print("left out: PostgreSQL is not installed")
                continue
            with running_server(binaries, folder / "server") as url:
                with opened(folder / "postgresql", url, options.images) as application:
                    measure(application)


if __name__ == "__main__":
    main()
