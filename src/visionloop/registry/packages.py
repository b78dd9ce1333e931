"""The model package (D5): one folder, one manifest, one digest, one signature.

Reading a package needs neither torch nor a database, so that endpoints load it in a moment.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from visionloop.kernel.digests import canonical_json, sha256_bytes, sha256_file, write_atomically
from visionloop.registry.entities import (
    ModelPackage,
    PackageFacts,
    ParityEvidence,
    PublicKey,
    VerifiedPackage,
)
from visionloop.registry.errors import PackageDamaged, PackageIncomplete, PackageUnsafe
from visionloop.registry.signing import find_signature_problem

FORMAT_VERSION = 1
MANIFEST_FILE = "package.json"
SIGNATURE_FILE = "signature.json"
CARD_FILE = "model_card.md"
REQUIRED_FILES = (
    "model.onnx",
    "environment.txt",
    "evaluation.json",
    "baseline.parquet",
    "parity.npz",
    "labels.json",
    "preprocessing.json",
)
REQUIRED_FOLDER = "checkpoint"
_OPTIONAL_FILES = ("model.onnx.data", "training.json", "thresholds.json")
_SAFE_SUFFIXES = frozenset(
    {".json", ".safetensors", ".txt", ".onnx", ".data", ".parquet", ".npz", ".md"}
)
_SEALS = (MANIFEST_FILE, SIGNATURE_FILE)


def collect_files(source: Path, target: Path) -> None:
    """Copy what belongs into a package, and nothing else.

    Raises:
        PackageIncomplete: A required file is missing or empty.
        PackageUnsafe: A link, or a file of a kind that can run code when it is opened.
    """
    missing = [name for name in REQUIRED_FILES if not _has_content(source / name)]
    checkpoint = source / REQUIRED_FOLDER
    if not any(checkpoint.rglob("*.safetensors")):
        missing.append(f"{REQUIRED_FOLDER}/*.safetensors")
    if missing:
        raise PackageIncomplete(missing)
    names = [*REQUIRED_FILES, *_OPTIONAL_FILES]
    found = [source / name for name in names if (source / name).exists()]
    for path in [*found, *sorted(p for p in checkpoint.rglob("*") if not p.is_dir())]:
        relative = path.relative_to(source)
        if path.is_symlink():
            raise PackageUnsafe(relative.as_posix(), "is a link")
        if path.suffix not in _SAFE_SUFFIXES:
            raise PackageUnsafe(
                relative.as_posix(), f"is of the kind {path.suffix or 'without suffix'}"
            )
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / relative)


def read_labels(folder: Path) -> tuple[str, ...]:
    """Return the class names of a package that is being built."""
    return tuple(json.loads((folder / "labels.json").read_text(encoding="utf-8")))


def build_package(
    folder: Path, facts: PackageFacts, parity: ParityEvidence, *, card: str
) -> ModelPackage:
    """Write card and manifest into a folder of collected files and return the package.

    Equal files and facts give an equal digest, whenever and wherever they are built.
    """
    write_atomically(folder / CARD_FILE, card.encode())
    thresholds = folder / "thresholds.json"
    stated = json.loads(thresholds.read_text()) if thresholds.is_file() else {}
    manifest = {
        "format_version": FORMAT_VERSION,
        "name": facts.name,
        "task": facts.task,
        "labels": list(read_labels(folder)),
        "preprocessing": json.loads((folder / "preprocessing.json").read_text(encoding="utf-8")),
        "thresholds": {**stated, **facts.thresholds},
        "dataset": facts.dataset
        and {
            "name": facts.dataset.name,
            "version": facts.dataset.version,
            "digest": facts.dataset.digest,
        },
        "run_id": facts.run_id,
        "code_version": facts.code_version,
        "environment": "environment.txt",
        "metrics": dict(facts.metrics),
        "parity": {
            "max_abs_difference": parity.max_abs_difference,
            "tolerance": parity.tolerance,
            "num_images": parity.num_images,
            "passed": parity.passed,
        },
        "files": {path: sha256_file(folder / path) for path in list_files(folder)},
    }
    write_atomically(folder / MANIFEST_FILE, canonical_json(manifest))
    return load_package(folder)


def load_package(folder: Path) -> ModelPackage:
    """Read the manifest of a package, without reading its other files.

    Raises:
        PackageDamaged: There is none, or it is not understood.
    """
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_bytes())
        if content["format_version"] != FORMAT_VERSION:
            raise PackageDamaged(
                str(folder),
                [f"its format is version {content['format_version']}, known is {FORMAT_VERSION}"],
            )
        return ModelPackage(
            folder=folder,
            digest=sha256_bytes(canonical_json(content)),
            name=content["name"],
            task=content["task"],
            labels=tuple(content["labels"]),
            preprocessing=content["preprocessing"],
            thresholds=content["thresholds"],
            dataset=content["dataset"],
            run_id=content["run_id"],
            code_version=content["code_version"],
            metrics=content["metrics"],
            parity=content["parity"],
            files=content["files"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageDamaged(str(folder), [f"{MANIFEST_FILE} cannot be read ({error})"]) from error


def verify_package(folder: Path, public_key: PublicKey) -> VerifiedPackage:
    """Read every byte of a package and compare it with its manifest and its signature.

    Raises:
        PackageDamaged: Its manifest cannot even be read.
    """
    package = load_package(folder)
    present = set(list_files(folder))
    problems = [f"{path} is missing" for path in sorted(set(package.files) - present)]
    problems += [f"{path} was added" for path in sorted(present - set(package.files))]
    size_bytes = 0
    for path, digest in package.files.items():
        if path in present:
            size_bytes += (folder / path).stat().st_size
            if sha256_file(folder / path) != digest:
                problems.append(f"{path} has changed")
    signature = _read_signature(folder)
    key_id = None if signature is None else str(signature.get("key_id"))
    if signature is None:
        problems.append("it is not signed")
    elif problem := find_signature_problem(signature, package.digest, public_key):
        problems.append(problem)
    return VerifiedPackage(
        digest=package.digest,
        key_id=key_id,
        num_files=len(package.files),
        size_bytes=size_bytes,
        problems=tuple(problems),
    )


def list_files(folder: Path) -> list[str]:
    """Return every file of a package but the manifest and the signature, as POSIX paths."""
    return sorted(
        path
        for path in (
            PurePosixPath(item.relative_to(folder)).as_posix()
            for item in folder.rglob("*")
            if not item.is_dir()
        )
        if path not in _SEALS
    )


def move_into_place(staging: Path, final: Path) -> None:
    """Make a built package visible at once and whole; an equal one that is there stays."""
    for path in staging.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
            with path.open("rb") as file:
                os.fsync(file.fileno())
    try:
        staging.rename(final)
    except OSError:
        # The name is the digest of the content: a folder that is there holds the same package.
        if not (final / MANIFEST_FILE).is_file():
            raise
        shutil.rmtree(staging)


def iterate_archive(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of everything that a download holds."""
    for name in [*_SEALS, *list_files(folder)]:
        if (folder / name).is_file():
            yield name, folder / name


def _read_signature(folder: Path) -> dict[str, Any] | None:
    try:
        content = json.loads((folder / SIGNATURE_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
