"""The folder that a training leaves for the registry, apart from the model itself."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from visionloop.evaluation.entities import Evaluation
from visionloop.evaluation.report import report_to_dict
from visionloop.evaluation.scoring import PackageEvaluation
from visionloop.kernel.digests import canonical_json, sha256_file, write_atomically
from visionloop.storage.blobs import BlobStore
from visionloop.training.entities import Run, RunArtifact

CHECKPOINT_FOLDER = "checkpoint"
ENVIRONMENT_FILE = "environment.txt"
EVALUATION_FILE = "evaluation.json"
TRAINING_FILE = "training.json"
_WORST_IMAGES = 100
# Small files that a run's page shows; the graph and the baseline stay in the package only.
_SHOWN = (EVALUATION_FILE, TRAINING_FILE, ENVIRONMENT_FILE)


@dataclass(frozen=True)
class TrainingFacts:
    """What happened, for `training.json`.

    Attributes:
        seconds: phase -> wall-clock seconds.
        parity: of the export, see `export.Parity`.
        facts: what the recipe found out, e.g. a temperature.
    """

    seconds: Mapping[str, float]
    parity: Mapping[str, Any]
    facts: Mapping[str, Any]
    best_epoch: int
    num_train_images: int
    num_new_images: int
    unreadable: tuple[str, ...]


def write_environment(folder: Path) -> None:
    """Write the interpreter and every installed package with its version."""
    found = {(item.metadata["Name"] or "").lower(): item.version for item in distributions()}
    lines = [f"{name}=={version}" for name, version in sorted(found.items()) if name]
    header = f"# python {platform.python_version()}, {platform.system()} {platform.machine()}"
    write_atomically(folder / ENVIRONMENT_FILE, "\n".join([header, *lines, ""]).encode())


def write_evaluation(folder: Path, evaluation: Evaluation, judged: PackageEvaluation) -> None:
    """Write the evidence: the report, and the worst images with what the model said."""
    content = {
        "evaluation_id": evaluation.id,
        "split": evaluation.split,
        "dataset_version_id": evaluation.dataset_version_id,
        "metrics": dict(evaluation.metrics),
        "report": report_to_dict(judged.report),
        "worst_images": [asdict(item) for item in judged.results[:_WORST_IMAGES]],
    }
    write_atomically(folder / EVALUATION_FILE, canonical_json(content))


def write_training(folder: Path, run: Run, facts: TrainingFacts) -> None:
    """Write how the model was trained."""
    content = {
        "run_id": run.id,
        "recipe": run.recipe,
        "parameters": dict(run.parameters),
        "dataset_version_id": run.dataset_version_id,
        "dataset_version": run.dataset_version,
        "warm_start_run_id": run.warm_start_run_id,
        **asdict(facts),
    }
    write_atomically(folder / TRAINING_FILE, canonical_json(content))


def store_artifacts(folder: Path, blobs: BlobStore) -> list[RunArtifact]:
    """Keep the small files of a package where the console can read them."""
    found = [folder / name for name in _SHOWN if (folder / name).is_file()]
    for path in found:
        blobs.put_file(path)
    return [RunArtifact(path.name, sha256_file(path), path.stat().st_size) for path in found]
