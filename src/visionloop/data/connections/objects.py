"""Object stores as datastores: Azure Blob and ADLS Gen2, S3 and compatible, Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, S3Store

from visionloop.data.connections.addresses import Address
from visionloop.data.connections.network import HostUnknown, resolve
from visionloop.data.connections.problems import explain, unavailable
from visionloop.data.connections.reading import StoredFile
from visionloop.data.errors import DatastoreUnavailable

_RETRY: Final = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_STORES: Final = {"azure": AzureStore, "s3": S3Store, "gcs": GCSStore}
_CREDENTIAL_TYPES: Final = {
    "account_key": "access_key",
    "sas": "sas_token",
    "service_principal": "client_secret",
    "managed_identity": "managed_identity",
    "workload_identity": "workload_identity",
}
# Our words for what obstore calls otherwise; the rest has the same name there.
_RENAMED: Final = {
    "account": "account_name",
    "sas_token": "sas_key",
    "identity_endpoint": "msi_endpoint",
}
_ENDPOINTS: Final = ("endpoint", "base_url", "msi_endpoint", "metadata_endpoint", "authority_host")


class ObjectDatastore:
    """Lists and reads objects below one prefix of one container.

    Args:
        name: the datastore's name, for error messages.
        address: where the objects are.
        config: as ``object_config`` made it.
        allow_private: an administrator allows an endpoint inside our own network.

    Raises:
        DatastoreUnavailable: the store cannot be opened so.
        AddressRefused: an endpoint lies inside our own network.
    """

    def __init__(
        self, name: str, address: Address, config: Mapping[str, str], *, allow_private: bool
    ) -> None:
        self.name = name
        self.url = address.url
        try:
            _check_endpoints(config, allow_private=allow_private)
            self._store: Any = _open(address, tuple(sorted(config.items())), allow_private)
        except (BaseError, ValueError, HostUnknown) as error:
            raise self._unavailable(error) from error

    def list_files(self, path: str = "", *, after: str | None = None) -> Iterator[StoredFile]:
        """Yield every object below ``path``; see ``OpenDatastore``."""
        try:
            pages = obstore.list(self._store, prefix=path.strip("/") or None, offset=after)
            for page in pages:
                for item in page:
                    mark = item["e_tag"] or item["last_modified"].isoformat()
                    yield StoredFile(item["path"], item["size"], mark.strip('"')[:40])
        except (BaseError, OSError) as error:
            raise self._unavailable(error) from error

    def read(self, path: str) -> bytes:
        """Return the content of one object; see ``OpenDatastore``."""
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except (FileNotFoundError, InvalidPathError, ValueError) as error:
            raise FileNotFoundError(path) from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            if explain(str(error), action="read").code == "no_read_right":
                raise PermissionError(path) from error
            raise self._unavailable(error) from error
        except (BaseError, OSError) as error:
            raise self._unavailable(error) from error

    def local_path(self, path: str) -> Path | None:
        """Objects are no files."""
        return None

    def _unavailable(self, error: Exception) -> DatastoreUnavailable:
        return unavailable(self.name, self.url, explain(str(error)))


def object_config(
    address: Address, auth: str, options: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """Say in obstore's words how to reach and sign in to a store."""
    config = {
        _RENAMED.get(name, name): value for name, value in (*options.items(), *secrets.items())
    }
    if address.account:
        config.setdefault("account_name", address.account)
    if auth == "anonymous":
        config["skip_signature"] = "true"
    if auth in _CREDENTIAL_TYPES:
        config["credential_type"] = _CREDENTIAL_TYPES[auth]
    if address.kind == "s3":
        path_style = config.pop("path_style", "true" if "endpoint" in config else "false")
        config["virtual_hosted_style_request"] = "false" if path_style == "true" else "true"
    if address.kind == "gcs" and "endpoint" in config:
        config["base_url"] = config.pop("endpoint")
    return config


def _check_endpoints(config: Mapping[str, str], *, allow_private: bool) -> None:
    for name in _ENDPOINTS:
        if name not in config:
            continue
        parts = urlsplit(config[name])
        port = parts.port or (80 if parts.scheme == "http" else 443)
        resolve(parts.hostname or "", port, allow_private=allow_private)


# Opening means a new connection pool; a page of thumbnails would open one for each picture.
@lru_cache(maxsize=64)
def _open(address: Address, config: tuple[tuple[str, str], ...], allow_http: bool) -> Any:
    store = _STORES[address.kind]
    options = {
        "allow_http": allow_http,
        "connect_timeout": timedelta(seconds=10),
        "timeout": timedelta(seconds=120),
    }
    return store(
        address.container,
        prefix=address.prefix or None,
        config=dict(config),
        client_options=options,
        retry_config=_RETRY,
    )
