"""What serving needs from a model package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from visionloop.data.preprocessing import Preprocessing
from visionloop.kernel.errors import VisionloopError
from visionloop.registry.packages import load_package
from visionloop.serving.errors import PackageUnusable

MODEL_FILE = "model.onnx"
_SERVABLE_TASKS = (
    "classification",
    "multilabel_classification",
    "detection",
    "semantic_segmentation",
)


@dataclass(frozen=True)
class ServablePackage:
    """The parts of a package with which images are scored.

    Attributes:
        model_sha256: what the manifest says about the graph, which must match before it runs.
        thresholds: class -> score from which on an object counts.
    """

    name: str
    digest: str
    task: str
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    model_path: Path
    model_sha256: str
    thresholds: Mapping[str, float] = field(default_factory=dict)


def open_package(folder: Path) -> ServablePackage:
    """Read a package folder without loading its model.

    Raises:
        PackageUnusable: it is damaged, incomplete, or of a task that cannot be served.
    """
    try:
        package = load_package(folder)
        preprocessing = Preprocessing.from_dict(package.preprocessing)
    except VisionloopError as error:
        raise PackageUnusable(str(folder), error.message) from error
    if package.task not in _SERVABLE_TASKS:
        raise PackageUnusable(
            str(folder),
            f"task '{package.task}' is not served yet, only {', '.join(_SERVABLE_TASKS)}",
        )
    if not package.labels or not (folder / MODEL_FILE).is_file():
        raise PackageUnusable(str(folder), f"it has no labels or no {MODEL_FILE}")
    return ServablePackage(
        name=package.name,
        digest=package.digest,
        task=package.task,
        labels=package.labels,
        preprocessing=preprocessing,
        model_path=folder / MODEL_FILE,
        model_sha256=package.files.get(MODEL_FILE, ""),
        thresholds=package.thresholds,
    )
