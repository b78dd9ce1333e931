"""Index JPEGs in place, beside a bare loop over the same files in as many processes.

python bench/ingest.py [--count 100000] [--processes 2]

The bare loop reads, hashes and decodes each file with Pillow and keeps nothing; a second one uses
our own faster decoder. Ingest does that too, and also reads EXIF, measures, commits every image to
the database, and could be killed at any moment. The bar is 1.5 times the time of the Pillow loop.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from visionloop.admin.entities import SYSTEM, Category, Project, TaskType
from visionloop.admin.projects import save_project
from visionloop.data.imaging import decode_image
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.rendered.cameras import CAMERAS
from visionloop.data.rendered.parts import KINDS, make_part
from visionloop.data.rendered.photos import render_part
from visionloop.data.rendered.sets import encode_photo
from visionloop.kernel.clock import utc_now
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.storage.schema import migrate

RENDERED = 48
IMAGE_SIZE = 330
PER_FOLDER = 1000
CHUNK = 256
BAR = 1.5


def main() -> None:
    """Render, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="visionloop-bench-") as name:
        folder = Path(name) / "photos"
        files = write_files(folder, options.count)
        mean = sum(Path(file).stat().st_size for file in files[:RENDERED]) / RENDERED
        print(f"{len(files)} JPEGs of {mean / 1000:.1f} KB, {options.processes} processes")
        first = timed(run_bare, files, with_pillow, options.processes)
        ours = timed(run_ingest, Path(name), folder, options.processes)
        bare = min(first, timed(run_bare, files, with_pillow, options.processes))
        fast = timed(run_bare, files, with_our_decoder, options.processes)
    for label, (wall_s, cpu_s) in {
        "bare loop, Pillow": bare,
        "bare loop, our decoder": fast,
        "ingest in place": ours,
    }.items():
        print(f"{label:24}{wall_s:8.2f} s{cpu_s:10.2f} CPU s{len(files) / wall_s:8.0f} files/s")
    print(f"{'ratio to Pillow':24}{ours[0] / bare[0]:8.2f}  {ours[1] / bare[1]:10.2f}   bar {BAR}")
    print(f"{'ratio to our decoder':24}{ours[0] / fast[0]:8.2f}  {ours[1] / fast[1]:10.2f}")


def timed(work: Callable[..., None], *arguments: object) -> tuple[float, float]:
    """Return seconds on the wall and of all processors, the start of processes included."""
    before, start = _cpu_s(), time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start, _cpu_s() - before


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def write_files(folder: Path, count: int) -> list[str]:
    """Write JPEGs that all differ; the pictures repeat, a remark in each file does not."""
    photos = [_photo(number) for number in range(min(count, RENDERED))]
    files = []
    for number in range(count):
        place = folder / f"{number // PER_FOLDER:04d}"
        if number % PER_FOLDER == 0:
            place.mkdir(parents=True)
        remark = f"file {number}".encode()
        segment = b"\xff\xfe" + (len(remark) + 2).to_bytes(2, "big") + remark
        photo = photos[number % len(photos)]
        path = place / f"{number:07d}.jpg"
        path.write_bytes(photo[:2] + segment + photo[2:])
        files.append(str(path))
    return files


def _photo(number: int) -> bytes:
    part = make_part(KINDS[number % len(KINDS)], seed=1, index=number)
    camera = list(CAMERAS.values())[number % len(CAMERAS)]
    photo = render_part(part, camera, seed=number, image_size=IMAGE_SIZE)
    taken = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return encode_photo(photo, taken_at=taken)


def with_pillow(files: list[str]) -> int:
    """Read, hash and decode as anybody would."""
    pixels = 0
    for file in files:
        data = Path(file).read_bytes()
        hashlib.sha256(data).hexdigest()
        with Image.open(io.BytesIO(data)) as image:
            pixels += len(image.convert("RGB").tobytes())
    return pixels


def with_our_decoder(files: list[str]) -> int:
    """Read, hash and decode with what ingest uses."""
    pixels = 0
    for file in files:
        data = Path(file).read_bytes()
        hashlib.sha256(data).hexdigest()
        pixels += decode_image(data).size
    return pixels


def run_bare(files: list[str], loop: Callable[[list[str]], int], processes: int) -> None:
    """Run a bare loop over all files."""
    chunks = [files[first : first + CHUNK] for first in range(0, len(files), CHUNK)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        assert sum(pool.map(loop, chunks)) > 0


def run_ingest(root: Path, folder: Path, processes: int) -> None:
    """Ingest into an empty installation, which is made here too."""
    home = Home(root / "home")
    database = Database(home.database_url, keyring=home.keyring)
    migrate(database)
    save_project(database, SYSTEM, _project())
    request = IngestRequest(folder=str(folder), format="images", processes=processes)
    report = ingest_folder(database, BlobStore(str(home.blobs_dir)), SYSTEM, "parts", request)
    database.dispose()
    assert (report.added, report.refused) == (report.num_files, ())


def _project() -> Project:
    return Project(
        name="parts",
        task=TaskType.CLASSIFICATION,
        description="",
        categories=(Category("part", "#888888"),),
        workspaces=("dev",),
        settings={},
        created_at=utc_now(),
    )


if __name__ == "__main__":
    main()
