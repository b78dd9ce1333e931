"""A signed package as MLflow's clients read it: its files, and an ``MLmodel`` that names the graph.

The ``MLmodel`` file is written on the fly (MLflow documentation, "MLmodel format"): the package is
signed as it is and takes no further file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from visionloop.admin.entities import Actor
from visionloop.registry.entities import ModelPackage, ModelVersion
from visionloop.registry.versions import get_version, open_package
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.entities import RunArtifact
from visionloop.training.errors import ArtifactNotFound

MODEL_FILE = "MLmodel"


def list_files(
    database: Database, actor: Actor, project: str, *, home: Home, key: tuple[str, int]
) -> list[RunArtifact]:
    """Return the files of a version, given as (model, number).

    Raises:
        ModelNotFound, ModelVersionNotFound, PackageMissing, PackageDamaged: It cannot be read.
    """
    version, package = _open(database, actor, project, home, key)
    described = _mlmodel(version, package)
    return [
        RunArtifact(MODEL_FILE, "", len(described)),
        *(
            RunArtifact(path, digest, (package.folder / path).stat().st_size)
            for path, digest in sorted(package.files.items())
        ),
    ]


def read_file(
    database: Database, actor: Actor, project: str, *, home: Home, key: tuple[str, int], path: str
) -> tuple[Path | None, bytes]:
    """Return where a file of a version lies, or its content where it is written on the fly.

    Raises:
        ModelNotFound, ModelVersionNotFound, PackageMissing, PackageDamaged: It cannot be read.
        ArtifactNotFound: The package holds no such file.
    """
    version, package = _open(database, actor, project, home, key)
    if path == MODEL_FILE:
        return None, _mlmodel(version, package)
    if path not in package.files:
        raise ArtifactNotFound(version.reference, path)
    return package.folder / path, b""


def _open(
    database: Database, actor: Actor, project: str, home: Home, key: tuple[str, int]
) -> tuple[ModelVersion, ModelPackage]:
    version = get_version(database, actor, project, *key)
    return version, open_package(home, version)


def _mlmodel(version: ModelVersion, package: ModelPackage) -> bytes:
    flavor: Mapping[str, Any] = {
        "code": None,
        "data": "model.onnx",
        "onnx_version": "1.17.0",
        "providers": ["CPUExecutionProvider"],
    }
    described = {
        "artifact_path": "model",
        "flavors": {
            "onnx": flavor,
            "python_function": {"loader_module": "mlflow.onnx", "data": "model.onnx"},
        },
        "model_uuid": version.id,
        "run_id": version.run_id,
        "utc_time_created": version.created_at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "metadata": {"digest": version.digest, "task": package.task, "labels": [*package.labels]},
    }
    return yaml.safe_dump(described, sort_keys=False).encode()
