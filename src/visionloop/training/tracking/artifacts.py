"""Files of runs and of logged models: sent, listed folder by folder, and read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction
from visionloop.training import store as training_store
from visionloop.training.entities import RunArtifact
from visionloop.training.errors import ArtifactNotFound, RunNotFound
from visionloop.training.tracking import store
from visionloop.training.tracking.entities import FileEntry
from visionloop.training.tracking.errors import PathUnsafe
from visionloop.training.tracking.logged_models import find_model

_PATH_LIMIT = 500


@dataclass(frozen=True)
class Owner:
    """Whose files: those of a run, or of a logged model."""

    kind: str
    id: str


def store_file(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    *,
    owner: Owner,
    path: str,
    file: Path,
) -> RunArtifact:
    """Keep a file; a repeated path replaces the earlier one.

    Args:
        database: Where owners are.
        blobs: Where files go.
        actor: Who sends it.
        project: Whose owner.
        owner: The run or logged model it belongs to.
        path: relative, with forward slashes.
        file: on this machine; read in chunks.

    Raises:
        PathUnsafe: The path leads out of the owner's folder.
        RunNotFound, ModelUnknown: No such owner in the project.
    """
    require(actor, Permission.TRAIN, project)
    check_path(path)
    with database.read() as tx:
        _check_owner(tx, project, owner)
    artifact = RunArtifact(path, blobs.put_file(file), file.stat().st_size)
    with database.begin() as tx:
        if owner.kind == "run":
            training_store.put_artifacts(tx, owner.id, [artifact])
        else:
            store.put_model_artifact(tx, owner.id, artifact)
    return artifact


def list_folder(
    database: Database, actor: Actor, project: str, *, owner: Owner, folder: str = ""
) -> list[FileEntry]:
    """Return what lies directly in a folder, folders first; a file's path lists nothing.

    Raises:
        RunNotFound, ModelUnknown: No such owner in the project.
    """
    return entries_in(_all(database, actor, project, owner), folder)


def read_file(
    database: Database, blobs: BlobStore, actor: Actor, project: str, *, owner: Owner, path: str
) -> tuple[Path | None, bytes]:
    """Return a file: where it lies if that is a local folder, else its content.

    Raises:
        RunNotFound, ModelUnknown, ArtifactNotFound: There is none.
    """
    for artifact in _all(database, actor, project, owner):
        if artifact.path == path:
            local = blobs.local_path(artifact.digest)
            return (local, b"") if local is not None else (None, blobs.get(artifact.digest))
    raise ArtifactNotFound(owner.id, path)


def entries_in(artifacts: Sequence[RunArtifact], folder: str) -> list[FileEntry]:
    """Return what lies directly in a folder of some files, folders first."""
    prefix = folder.strip("/")
    prefix = f"{prefix}/" if prefix else ""
    found: dict[str, FileEntry] = {}
    for artifact in artifacts:
        if artifact.path.startswith(prefix):
            name, slash, _ = artifact.path.removeprefix(prefix).partition("/")
            size_bytes = 0 if slash else artifact.size_bytes
            found[name] = FileEntry(name, bool(slash), size_bytes)
    return sorted(found.values(), key=lambda entry: (not entry.is_folder, entry.path))


def check_path(path: str) -> None:
    """Refuse a path that leads out of its folder.

    Raises:
        PathUnsafe: It does.
    """
    parts = path.split("/")
    if not path or len(path) > _PATH_LIMIT or "\\" in path or "\0" in path:
        raise PathUnsafe(path[:_PATH_LIMIT])
    if any(part in ("", ".", "..") for part in parts):
        raise PathUnsafe(path)


def _all(database: Database, actor: Actor, project: str, owner: Owner) -> tuple[RunArtifact, ...]:
    require(actor, Permission.READ, project)
    with database.read() as tx:
        _check_owner(tx, project, owner)
        if owner.kind == "run":
            return training_store.list_artifacts(tx, owner.id)
        return store.list_model_artifacts(tx, owner.id)


def _check_owner(tx: Transaction, project: str, owner: Owner) -> None:
    if owner.kind == "run":
        if training_store.find_run(tx, project, owner.id) is None:
            raise RunNotFound(owner.id, project)
    else:
        find_model(tx, project, owner.id)
