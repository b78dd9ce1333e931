"""The folder of an endpoint: its file, its control key, its process record and its log."""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from visionloop.kernel.digests import sha256_bytes, write_atomically
from visionloop.serving import store
from visionloop.serving.configuration import DeploymentEntry, EndpointFile, LogSettings
from visionloop.serving.entities import Endpoint
from visionloop.storage.database import Database
from visionloop.storage.home import Home

ENDPOINT_FILE = "endpoint.json"
LOG_FILE = "server.log"
CONTROL_KEY_FILE = "control.key"


def endpoint_folder(home: Home, name: str) -> Path:
    """Return the folder of an endpoint; it may not exist yet."""
    return home.endpoints_dir / name


def prediction_folder(home: Home, name: str) -> Path:
    """Return the folder of an endpoint's prediction log."""
    return home.predictions_dir / name


def write_endpoint_file(database: Database, home: Home, name: str) -> bool:
    """Bring the endpoint file on disk to the state in the database.

    Returns:
        Whether the file changed. A deleted endpoint gets no file.
    """
    folder = endpoint_folder(home, name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder):
        # Read under the lock: of two writers, the later one must write the later state.
        with database.read() as tx:
            endpoint = store.find_endpoint(tx, name)
            keys = store.list_keys(tx, name)
        if endpoint is None:
            return False
        valid = tuple(sorted(key.sha256 for key in keys if key.revoked_at is None))
        content = _describe(home, endpoint, valid).to_bytes()
        path = folder / ENDPOINT_FILE
        if path.is_file() and path.read_bytes() == content:
            return False
        write_atomically(path, content, mode=0o600)
        return True


def control_key(home: Home, name: str) -> str:
    """Return the secret with which the control plane calls an endpoint; made when missing."""
    path = endpoint_folder(home, name) / CONTROL_KEY_FILE
    if not path.is_file():
        write_atomically(path, secrets.token_urlsafe(32).encode(), mode=0o600)
    return path.read_text()


def remove_folder(home: Home, name: str) -> None:
    """Remove the folder of a deleted endpoint; the prediction log stays."""
    shutil.rmtree(endpoint_folder(home, name), ignore_errors=True)


def _describe(home: Home, endpoint: Endpoint, keys: tuple[str, ...]) -> EndpointFile:
    entries = tuple(
        DeploymentEntry(
            name=deployment.name,
            package_dir=str(home.packages_dir / deployment.model_digest),
            digest=deployment.model_digest,
            model_version=deployment.model_version,
            weight=deployment.weight,
            mirror=deployment.mirror,
        )
        for deployment in endpoint.deployments
    )
    return EndpointFile(
        endpoint=endpoint.name,
        project=endpoint.project,
        workspace=endpoint.workspace,
        host=endpoint.host,
        port=endpoint.port,
        keys=keys,
        control_key=sha256_bytes(control_key(home, endpoint.name).encode()),
        max_body_bytes=endpoint.max_body_bytes,
        max_pixels=endpoint.max_pixels,
        max_in_flight=endpoint.max_in_flight,
        log=LogSettings(
            dir=str(prediction_folder(home, endpoint.name)),
            sample_rate=endpoint.log_sample_rate,
        ),
        deployments=entries,
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "write.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
