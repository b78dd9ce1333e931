"""A project that tells colours apart, with endpoints, and models to promote in it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.conftest import make_project
from tests.promotion.models import SIDE, write_graph
from tests.serving.models import COLORS
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.admin.projects import save_project
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.evaluation.baseline import BaselineRows, write_baseline
from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.report import build_report, report_to_dict
from visionloop.kernel.ids import new_id
from visionloop.registry.entities import ModelVersion
from visionloop.registry.versions import Registration, register_version
from visionloop.serving.endpoints import create_endpoint
from visionloop.serving.entities import EndpointSpec
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home


def make_colors_project(
    database: Database, home: Home, *, gates: Any = ("parity",), **policy: Any
) -> Project:
    """Create the project ``colors`` with endpoints colors-staging and colors-prod."""
    project = make_project(database, "colors", *COLORS)
    settings = {"promotion": {"gates": gates, **policy}}
    project = save_project(database, SYSTEM, replace(project, settings=settings))
    for workspace in ("staging", "prod"):
        spec = EndpointSpec(name=f"colors-{workspace}", workspace=workspace)
        create_endpoint(database, home, SYSTEM, project="colors", spec=spec)
    return project


def register_colors_model(
    database: Database,
    home: Home,
    *,
    gain: float = 0.1,
    actor: Actor = SYSTEM,
    evaluation: dict[str, Any] | None = None,
    labels: Sequence[str] = COLORS,
    is_fragile: bool = False,
) -> ModelVersion:
    """Register a model; another gain is another version, a fragile one fails on bright images."""
    folder = _training_output(
        home.root / "trained", labels, evaluation or {}, gain=gain, is_fragile=is_fragile
    )
    return register_version(
        database, home, actor, "colors", registration=Registration("colors", folder)
    )


def freeze_color_images(
    database: Database, blobs: BlobStore, folder: Path, *, num_each: int = 60
) -> str:
    """Ingest and freeze images of every colour, as test split too; return the version's id."""
    for number, color in enumerate(COLORS):
        target = folder / color
        target.mkdir(parents=True)
        for index in range(num_each):
            (target / f"{index}.png").write_bytes(_render(color, number * 1000 + index))
    request = IngestRequest(folder=str(folder), format="class_folders")
    ingest_folder(database, blobs, SYSTEM, "colors", request)
    fractions = {"train": 0.3, "val": 0.2, "test": 0.5}
    frozen = FreezeRequest(name="colors", fractions=fractions)
    return freeze_version(database, blobs, SYSTEM, "colors", frozen).id


def judge_cameras(hits: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """Return a report as an evaluation leaves it.

    Args:
        hits: camera -> (images that the model got right, images).
    """
    cameras = [camera for camera, (_, total) in hits.items() for _ in range(total)]
    right = [index < good for good, total in hits.values() for index in range(total)]
    examples = [
        Example(f"{index:064x}", "red", bytes, {"camera": camera})
        for index, camera in enumerate(cameras)
    ]
    probabilities = np.full((len(right), len(COLORS)), 0.1, dtype=np.float32)
    probabilities[np.arange(len(right)), np.where(right, 0, 1)] = 0.8
    truth = np.zeros(len(right), dtype=np.int64)
    return report_to_dict(build_report(examples, truth, probabilities, COLORS))


def _training_output(
    root: Path,
    labels: Sequence[str],
    evaluation: dict[str, Any],
    *,
    gain: float,
    is_fragile: bool,
) -> Path:
    folder = root / new_id("run")
    folder.mkdir(parents=True)
    write_graph(folder / "model.onnx", labels, gain=gain, is_fragile=is_fragile)
    preprocessing = {"height": SIDE, "width": SIDE, "resize": "squash"}
    (folder / "labels.json").write_text(json.dumps(list(labels)))
    (folder / "preprocessing.json").write_text(json.dumps(preprocessing))
    (folder / "environment.txt").write_text("onnxruntime\n")
    (folder / "evaluation.json").write_text(json.dumps({"metrics": {}, **evaluation}))
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "model.safetensors").write_bytes(
        b"none, the graph was written by hand"
    )
    images = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    scores = Scorer(folder / "model.onnx").score(images)
    np.savez(
        folder / "parity.npz",
        images=images,
        probabilities=scores.probabilities,
        embeddings=scores.embeddings,
    )
    write_baseline(folder / "baseline.parquet", [_baseline(scores)])
    return folder


def _baseline(scores: Scores) -> BaselineRows:
    total = len(scores.probabilities)
    return BaselineRows(
        image_ids=tuple(f"{i:064x}" for i in range(total)),
        split="test",
        corruption="none",
        severity=0,
        labels=np.zeros(total, dtype=np.int32),
        scores=scores,
        statistics=np.zeros((total, 14), dtype=np.float32),
        hashes=("0" * 16,) * total,
    )


def _render(color: str, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 120, (48, 64, 3), dtype=np.uint8)
    pixels[..., COLORS.index(color)] += 100
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()
