"""A watched endpoint with a baseline and a growing prediction log; no process runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_project
from tests.monitoring.synthetic import (
    CLASSES,
    DIGEST,
    World,
    make_baseline,
    make_records,
    write_baseline_file,
    write_spool,
)
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.kernel.digests import sha256_bytes
from visionloop.monitoring.baselines import get_calibration
from visionloop.monitoring.entities import Monitor, MonitorSettings
from visionloop.monitoring.monitors import create_monitor
from visionloop.serving.endpoints import create_endpoint
from visionloop.serving.entities import EndpointSpec
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

WINDOW_SIZE = 100


@dataclass
class Stream:
    """Sends synthetic requests to the log of an endpoint."""

    folder: Path
    num_sent: int = 0
    truths: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)

    def send(self, count: int, *, shift: float = 0.0, noise: float = 1.0) -> None:
        """Log `count` requests, each with a stored image of its own."""
        rng = np.random.default_rng(1000 + self.num_sent)
        samples, labels, _ = World.make().draw(count, 1, rng, shift=shift, noise=noise)
        records = make_records(samples, first=self.num_sent)
        (self.folder / "images").mkdir(parents=True, exist_ok=True)
        for record, label in zip(records, labels, strict=True):
            data = _png(rng)
            image_id = sha256_bytes(data)
            (self.folder / "images" / image_id).write_bytes(data)
            record |= {"image_id": image_id, "image_stored": True}
            self.truths[str(record["request_id"])] = CLASSES[int(label)]
            self.images[image_id] = CLASSES[int(label)]
        write_spool(self.folder, f"{self.num_sent:08d}.jsonl", records)
        self.num_sent += count


def _png(rng: np.random.Generator) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (8, 9, 3), dtype=np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Watched:
    """Everything that use cases of monitoring take."""

    database: Database
    home: Home
    blobs: BlobStore
    actor: Actor
    monitor: Monitor
    stream: Stream


@pytest.fixture(scope="session")
def baseline_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("home"))
    path = home.packages_dir / DIGEST / "baseline.parquet"
    write_baseline_file(path, make_baseline())
    get_calibration(home, DIGEST, WINDOW_SIZE)
    return path


@pytest.fixture
def watch(home: Home, blobs: BlobStore, baseline_file: Path) -> Callable[[Database], Watched]:
    """Set up an endpoint, a package and a monitor in a database."""

    def set_up(database: Database) -> Watched:
        make_project(database)
        create_endpoint(database, home, SYSTEM, project="parts", spec=EndpointSpec(name="parts"))
        package = home.packages_dir / DIGEST
        package.mkdir(parents=True)
        (package / "baseline.parquet").write_bytes(baseline_file.read_bytes())
        copytree(baseline_file.parents[2] / "calibrations", home.root / "calibrations")
        settings = MonitorSettings(window_size=WINDOW_SIZE, review_budget=20, every_requests=20)
        monitor = create_monitor(
            database, SYSTEM, "parts", name="live", endpoint="parts", settings=settings
        )
        stream = Stream(home.predictions_dir / "parts")
        return Watched(database, home, blobs, SYSTEM, monitor, stream)

    return set_up


@pytest.fixture
def watched(watch: Callable[[Database], Watched], sqlite_database: Database) -> Watched:
    return watch(sqlite_database)
