"""MLflow's artifact calls: files of runs, of logged models, and of signed packages to read.

Below ``mlflow-artifacts:/`` a path begins with ``runs/ID``, ``models/ID`` or
``packages/MODEL/VERSION``.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from visionloop.admin.entities import Actor
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.mlflow.messages import ARTIFACTS
from visionloop.api.mlflow.protocol import Call, CallDep, FieldInvalid, mlflow_router
from visionloop.bootstrap import Application
from visionloop.registry import flavor
from visionloop.training.entities import RunArtifact
from visionloop.training.tracking import artifacts
from visionloop.training.tracking.artifacts import Owner
from visionloop.training.tracking.entities import FileEntry
from visionloop.training.tracking.errors import PathUnsafe

router = mlflow_router("/api/2.0")

_KINDS = {"runs": "run", "models": "logged_model"}
_HEADERS = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class _Sender:
    """Who sends or reads a file of which project."""

    application: Application
    actor: Actor
    project: str

    @property
    def where(self) -> tuple[Any, Actor, str]:
        return self.application.database, self.actor, self.project


def _sender(project: str, application: ApplicationDep, actor: ActorDep) -> _Sender:
    # Not a Call: that would read the whole file as the fields of a request.
    return _Sender(application, actor, project)


SenderDep = Annotated[_Sender, Depends(_sender)]


@router.get("/mlflow/artifacts/list")
def list_of_run(call: CallDep) -> dict[str, Any]:
    """List a folder of a run; paths are given from the run's root."""
    run_id = call.fields.text("run_id", "run_uuid")
    folder = (call.fields.optional("path") or "").strip("/")
    entries = artifacts.list_folder(*call.where, owner=Owner("run", run_id), folder=folder)
    prefix = f"{folder}/" if folder else ""
    files = [_file(entry, prefix) for entry in entries]
    return {"root_uri": f"{ARTIFACTS}runs/{run_id}", "files": files}


@router.get("/mlflow-artifacts/artifacts")
def list_files(call: CallDep) -> dict[str, Any]:
    """List a folder below the root of all artifacts; paths are given from that folder."""
    path = call.fields.text("path")
    if path.startswith("packages/"):
        entries = _package_entries(call, path)
    else:
        owner, folder = _owner(path)
        entries = artifacts.list_folder(*call.where, owner=owner, folder=folder)
    return {"files": [_file(entry, "") for entry in entries]}


@router.get("/mlflow-artifacts/artifacts/{path:path}")
def get_file(path: str, sender: SenderDep) -> Response:
    """Return a file."""
    if path.startswith("packages/"):
        model, version, inside = _package(path)
        file, content = flavor.read_file(
            *sender.where, home=sender.application.home, key=(model, version), path=inside
        )
    else:
        owner, inside = _owner(path)
        database, actor, project = sender.where
        file, content = artifacts.read_file(
            database, sender.application.blobs, actor, project, owner=owner, path=inside
        )
    if file is not None:
        return FileResponse(file, media_type=_MEDIA_TYPE, headers=_HEADERS)
    return Response(content, media_type=_MEDIA_TYPE, headers=_HEADERS)


@router.put("/mlflow-artifacts/artifacts/{path:path}")
async def put_file(path: str, request: Request, sender: SenderDep) -> dict[str, Any]:
    """Keep a file of a run or of a logged model."""
    owner, inside = _owner(path)
    artifacts.check_path(inside)
    application = sender.application
    with tempfile.TemporaryDirectory(dir=application.home.root, prefix=".upload-") as folder:
        file = Path(folder) / "file"
        with file.open("wb") as target:
            async for chunk in request.stream():
                await run_in_threadpool(target.write, chunk)
        await run_in_threadpool(_store, sender, owner, inside, file)
    return {}


def _store(sender: _Sender, owner: Owner, path: str, file: Path) -> RunArtifact:
    database, actor, project = sender.where
    blobs = sender.application.blobs
    return artifacts.store_file(database, blobs, actor, project, owner=owner, path=path, file=file)


def _owner(path: str) -> tuple[Owner, str]:
    kind, _, rest = path.strip("/").partition("/")
    owner_id, _, inside = rest.partition("/")
    if kind not in _KINDS or not owner_id:
        raise PathUnsafe(path)
    return Owner(_KINDS[kind], owner_id), inside


def _package(path: str) -> tuple[str, int, str]:
    parts = path.strip("/").split("/", 3)
    if len(parts) < 3 or not parts[2].isdecimal():
        raise FieldInvalid("path", "must name a package as packages/MODEL/VERSION")
    return parts[1], int(parts[2]), parts[3] if len(parts) > 3 else ""


def _package_entries(call: Call, path: str) -> list[FileEntry]:
    model, version, inside = _package(path)
    files = flavor.list_files(*call.where, home=call.application.home, key=(model, version))
    return artifacts.entries_in(files, inside)


def _file(entry: FileEntry, prefix: str) -> dict[str, Any]:
    told: dict[str, Any] = {"path": prefix + entry.path, "is_dir": entry.is_folder}
    return told if entry.is_folder else told | {"file_size": entry.size_bytes}
