"""Imports and exports from a script: files go up, jobs are waited for, archives come down.

export_dataset(client, "parts", Path("parts-coco"), format="coco", version="parts:3")
import_labels(client, "parts", Path("reviewed.zip"), replace=True)
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from visionloop.client.http import Client
from visionloop.kernel.errors import Invalid

Wait = Callable[[str], Any]


def send_label_file(client: Client, project: str, path: Path) -> Any:
    """Send a file, or a folder as a zip file, for an import; return digest, name and size.

    Raises:
        Invalid: there is neither file nor folder.
    """
    if path.is_dir():
        with tempfile.TemporaryDirectory(prefix="visionloop-send-") as folder:
            packed = Path(folder) / f"{path.resolve().name}.zip"
            _pack(path, packed)
            return send_label_file(client, project, packed)
    if not path.is_file():
        raise Invalid(f"There is no file or folder {path}.", path=str(path))
    with path.open("rb") as file:
        return client.post(f"/projects/{project}/label-files", files={"file": (path.name, file)})


def import_dataset(
    client: Client, project: str, path: Path, *, wait: Wait | None = None, **options: Any
) -> Any:
    """Import a folder or zip file of images with their labels and return the report.

    Args:
        client: who asks.
        project: where to.
        path: folder or zip file on this machine.
        wait: returns the outputs of a job by its id; the client's own wait when left out.
        **options: ``format``, ``group_by``, ``add_classes``, ``metadata`` as the REST API says.
    """
    sent = send_label_file(client, project, path)
    body = {"file": sent["digest"], "name": sent["name"], **options}
    job_id = client.post(f"/projects/{project}/imports", json=body)["job_id"]
    return (wait or _outputs(client))(job_id)


def import_labels(
    client: Client, project: str, path: Path, *, wait: Wait | None = None, **options: Any
) -> Any:
    """Give images of a project the labels of a file and return the report.

    Args:
        client: who asks.
        project: whose images.
        path: folder, zip file or annotation file on this machine.
        wait: returns the outputs of a job by its id; the client's own wait when left out.
        **options: ``format``, ``match``, ``replace``, ``add_classes`` as the REST API says.
    """
    sent = send_label_file(client, project, path)
    body = {"file": sent["digest"], "path": sent["name"], **options}
    job_id = client.post(f"/projects/{project}/label-imports", json=body)["job_id"]
    return (wait or _outputs(client))(job_id)


def export_dataset(
    client: Client, project: str, to: Path, *, wait: Wait | None = None, **options: Any
) -> Any:
    """Export a version, or the present labels, to this machine and return the report.

    Args:
        client: who asks.
        project: whose images.
        to: a new or empty folder, or the name of a zip file.
        wait: returns the outputs of a job by its id; the client's own wait when left out.
        **options: ``format``, ``version``, ``filters``, ``splits``, ``with_images``,
            ``accept_loss``, ``image_root`` as the REST API says.

    Raises:
        Invalid: the folder holds something; or the format would lose something and
            ``accept_loss`` is not set.
    """
    if to.is_dir() and any(to.iterdir()):
        raise Invalid(f"The folder {to} is not empty; name another one.", path=str(to))
    job_id = client.post(f"/projects/{project}/exports", json=options)["job_id"]
    report = (wait or _outputs(client))(job_id)
    place = f"/projects/{project}/exports/{job_id}/content"
    if to.suffix == ".zip":
        to.parent.mkdir(parents=True, exist_ok=True)
        client.download(place, to)
        return report
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".zip", dir=to.parent) as archive:
        client.download(place, Path(archive.name))
        with zipfile.ZipFile(archive.name) as content:
            content.extractall(to)
    return report


def _outputs(client: Client) -> Wait:
    return lambda job_id: client.wait_for_job(job_id)["outputs"]


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
