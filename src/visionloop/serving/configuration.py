"""The endpoint file: all that a serving process needs to know, on disk, without a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from visionloop.serving.errors import EndpointFileInvalid

FORMAT_VERSION = 1

_T = TypeVar("_T")


@dataclass(frozen=True)
class DeploymentEntry:
    """A package to load.

    Attributes:
        package_dir: folder of the package.
        weight: percent of live requests.
        mirror: percent of live requests scored in the shadow.
    """

    name: str
    package_dir: str
    digest: str
    model_version: str | None = None
    weight: int = 0
    mirror: int = 0


@dataclass(frozen=True)
class LogSettings:
    """Where the prediction log goes and how much it may take.

    Attributes:
        dir: folder that gets ``spool/`` and ``images/``; empty switches the log off.
        sample_rate: share of images kept as files.
        max_image_bytes: room for those files; when it is used up, no more are kept.
        rotate_bytes, rotate_age_s: when the open spool file is closed for readers.
        queue_size: records that may wait; more are dropped and counted.
    """

    dir: str = ""
    sample_rate: float = 1.0
    max_image_bytes: int = 2 * 1024**3
    rotate_bytes: int = 8 * 1024**2
    rotate_age_s: float = 2.0
    queue_size: int = 1024


@dataclass(frozen=True)
class EndpointFile:
    """The desired state of one serving process.

    Attributes:
        keys: SHA-256 of every valid client key; empty lets loopback clients in without a key.
        control_key: SHA-256 of the key of the control plane.
    """

    endpoint: str
    project: str
    host: str
    port: int
    workspace: str = ""
    keys: tuple[str, ...] = ()
    control_key: str = ""
    max_body_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_in_flight: int = 64
    num_workers: int = 0
    log: LogSettings = LogSettings()
    deployments: tuple[DeploymentEntry, ...] = ()

    def to_bytes(self) -> bytes:
        """Serialise, the same state always to the same bytes."""
        content = {"format_version": FORMAT_VERSION, **asdict(self)}
        return json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"


def parse_endpoint_file(data: bytes) -> EndpointFile:
    """Read an endpoint file.

    Raises:
        EndpointFileInvalid: no JSON, unknown or missing fields, wrong types or shares.
    """
    try:
        content = json.loads(data)
    except ValueError as error:
        raise EndpointFileInvalid(f"it is no JSON ({error})") from None
    if not isinstance(content, dict):
        raise EndpointFileInvalid("expected a JSON object")
    version = content.pop("format_version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise EndpointFileInvalid(f"format_version is {version!r}, expected {FORMAT_VERSION}")
    entries = content.pop("deployments", [])
    log = content.pop("log", {})
    if not isinstance(entries, list) or not isinstance(log, dict):
        raise EndpointFileInvalid("'deployments' must be a list and 'log' an object")
    content["keys"] = tuple(content.get("keys", ()))
    file = _build(
        EndpointFile,
        {
            **content,
            "log": _build(LogSettings, log, "log"),
            "deployments": tuple(_build(DeploymentEntry, e, "deployments") for e in entries),
        },
        "endpoint",
    )
    _check(file)
    return file


def _build(kind: type[_T], values: Any, where: str) -> _T:
    if not isinstance(values, Mapping):
        raise EndpointFileInvalid(f"an entry of '{where}' is no object")
    try:
        return kind(**values)
    except TypeError as error:
        raise EndpointFileInvalid(f"in '{where}': {error}") from None


def _check(file: EndpointFile) -> None:
    if not isinstance(file.endpoint, str) or not file.endpoint:
        raise EndpointFileInvalid("'endpoint' must be a name")
    for name in (
        "port",
        "max_body_bytes",
        "max_pixels",
        "max_in_flight",
        "num_workers",
    ):
        value = getattr(file, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise EndpointFileInvalid(f"'{name}' is {value!r}, expected a whole number")
    names = [entry.name for entry in file.deployments]
    if len(set(names)) != len(names):
        raise EndpointFileInvalid("two deployments have the same name")
    for entry in file.deployments:
        for share in (entry.weight, entry.mirror):
            if not isinstance(share, int) or not 0 <= share <= 100:
                raise EndpointFileInvalid(f"a share of '{entry.name}' is not in 0 to 100")
