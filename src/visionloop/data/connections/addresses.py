"""What the address of a datastore says: which kind of store, and where in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from visionloop.data.errors import DatastoreInvalid

DatastoreKind = Literal["folder", "azure", "s3", "gcs", "https"]

_AZURE_HOSTS: Final = (".blob.core.windows.net", ".dfs.core.windows.net")
_CONTAINER: Final = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]{1,254}")
_KINDS: Final[dict[str, DatastoreKind]] = {
    "s3": "s3",
    "gs": "gcs",
    "az": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "https": "https",
    "http": "https",
}


@dataclass(frozen=True)
class Address:
    """A parsed datastore address.

    Attributes:
        url: the address in the one form that is stored.
        container: Azure container, S3 or GCS bucket; empty for folders and lists.
        prefix: only what lies below it belongs to the datastore.
        account: Azure storage account, where the address names one.
    """

    kind: DatastoreKind
    url: str
    container: str = ""
    prefix: str = ""
    account: str = ""

    @property
    def is_plain_http(self) -> bool:
        """Whether everybody on the way can read along."""
        return self.url.startswith("http://")


def parse_address(url: str) -> Address:
    """Read the address of a datastore.

    Args:
        url: a folder, ``s3://BUCKET/PREFIX``, ``gs://BUCKET/PREFIX``, ``az://CONTAINER/PREFIX``,
            ``abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX``,
            ``https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX``, or the ``https://`` address
            of a list of image addresses that ends in .txt or .csv.

    Raises:
        DatastoreInvalid: of no known kind, incomplete, or with a secret inside.
    """
    if "://" not in url or url.startswith("file://"):
        folder = Path(url.removeprefix("file://")).expanduser()
        return Address("folder", str(folder.resolve()))
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise DatastoreInvalid("", str(error)) from error
    if parts.scheme not in _KINDS:
        raise DatastoreInvalid(_shown(parts), f"{parts.scheme!r} is no known kind of store")
    # Readers see datastore addresses, so an address must never carry a key or a SAS token.
    if parts.password or parts.query or (parts.username and not parts.scheme.startswith("abfs")):
        reason = "it contains credentials; give them with 'visionloop datastores add --credential'"
        raise DatastoreInvalid(_shown(parts), reason)
    address = _read(parts, url.rstrip("/"))
    if address.kind != "https" and not address.container:
        raise DatastoreInvalid(url, "it names no bucket or container")
    # A container becomes part of a host name, where other characters could lead elsewhere.
    if address.container and not _CONTAINER.fullmatch(address.container):
        raise DatastoreInvalid(url, f"{address.container!r} is no name of a bucket or container")
    return address


def _read(parts: SplitResult, url: str) -> Address:
    kind = _KINDS[parts.scheme]
    host = (parts.hostname or "").lower()
    prefix = parts.path.strip("/")
    if parts.scheme.startswith("abfs"):
        # Of abfss://CONTAINER@ACCOUNT... the container is what a web address calls the user.
        if not parts.username:
            return Address("azure", url, parts.netloc, prefix)
        return Address("azure", url, parts.username, prefix, host.partition(".")[0])
    if kind == "https" and host.endswith(_AZURE_HOSTS):
        container, _, below = prefix.partition("/")
        return Address("azure", url, container, below, host.partition(".")[0])
    if kind == "https":
        if not parts.path.lower().endswith((".txt", ".csv")):
            raise DatastoreInvalid(url, "the list of images must be a file .txt or .csv")
        return Address("https", url)
    return Address(kind, url, parts.netloc, prefix)


def _shown(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
