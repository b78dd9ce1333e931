"""What serving needs from a model package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from visionloop.data.preprocessing import Preprocessing
from visionloop.kernel.digests import canonical_json, sha256_bytes
from visionloop.kernel.errors import VisionloopError
from visionloop.serving.errors import PackageUnusable

_SERVABLE_TASKS = ("classification",)


@dataclass(frozen=True)
class ServablePackage:
    """The parts of a package with which images are scored."""

    name: str
    digest: str
    task: str
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    model_path: Path


def open_package(folder: Path) -> ServablePackage:
    """Read a package folder without loading its model.

    Raises:
        PackageUnusable: it is damaged, incomplete, or of a task that cannot be served.
    """
    try:
        content = json.loads((folder / "package.json").read_bytes())
        package = ServablePackage(
            name=content["name"],
            digest=sha256_bytes(canonical_json(content)),
            task=content["task"],
            labels=tuple(content["labels"]),
            preprocessing=Preprocessing.from_dict(content["preprocessing"]),
            model_path=folder / "model.onnx",
        )
    except OSError as error:
        raise PackageUnusable(str(folder), f"package.json cannot be read ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PackageUnusable(str(folder), f"package.json is not understood ({error!r})") from error
    except VisionloopError as error:
        raise PackageUnusable(str(folder), error.message) from error
    if package.task not in _SERVABLE_TASKS:
        raise PackageUnusable(
            str(folder),
            f"task '{package.task}' is not served yet, only classification is",
        )
    if not package.labels or not package.model_path.is_file():
        raise PackageUnusable(str(folder), "it has no labels or no model.onnx")
    return package
