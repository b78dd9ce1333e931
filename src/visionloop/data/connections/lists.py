"""Lists of image addresses on the web as datastores: a text file, or a CSV with a column url."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from visionloop.data.connections.errors import AddressRefused, FileRefused
from visionloop.data.connections.network import HostUnknown, guarded_client
from visionloop.data.connections.problems import Problem, explain, unavailable
from visionloop.data.connections.reading import MAX_FILE_BYTES, UNKNOWN_SIZE, StoredFile

MAX_LIST_BYTES: Final = 64 * 1024 * 1024
_COLUMNS: Final = ("url", "uri", "image", "image_url")
_REMEDY: Final = "Open the address in a browser and check that it answers without a login."
_MARKS: Final = ("sha256", "etag", "modified", "last_modified")


class ListDatastore:
    """Reads the images that a list on the web names.

    A file's path is its address without the scheme. Lists tell no sizes; a column sha256, etag or
    modified tells when an image has changed.

    Args:
        name: the datastore's name, for error messages.
        url: address of the list, .txt or .csv.
        allow_private: an administrator allows addresses inside our own network, and plain HTTP.
    """

    def __init__(self, name: str, url: str, *, allow_private: bool) -> None:
        self.name = name
        self.url = url
        self._scheme = urlsplit(url).scheme
        self._client = guarded_client(allow_private=allow_private)

    def list_files(self, path: str = "", *, after: str | None = None) -> Iterator[StoredFile]:
        """Yield every image that the list names; see ``OpenDatastore``."""
        try:
            text = _fetch(self._client, self.url, MAX_LIST_BYTES).decode("utf-8-sig")
        except (FileNotFoundError, PermissionError, FileRefused, UnicodeDecodeError) as error:
            problem = Problem("no_list_right", f"the list cannot be read ({_why(error)})", _REMEDY)
            raise unavailable(self.name, self.url, problem) from error
        except (httpx.HTTPError, HostUnknown) as error:
            raise unavailable(self.name, self.url, explain(_why(error))) from error
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        for file in parse_list(text, self.url):
            if file.path.startswith(prefix) and (after is None or file.path > after):
                yield file

    def read(self, path: str) -> bytes:
        """Fetch one image; see ``OpenDatastore``."""
        if "://" in path:
            raise FileRefused(path, f"the list is read over {self._scheme}, this address is not")
        try:
            return _fetch(self._client, f"{self._scheme}://{path}", MAX_FILE_BYTES)
        except AddressRefused as error:
            raise FileRefused(path, str(error.details["reason"])) from error
        except (httpx.HTTPError, HostUnknown) as error:
            raise unavailable(self.name, self.url, explain(f"{path}: {_why(error)}")) from error

    def local_path(self, path: str) -> Path | None:
        """Web addresses are no files."""
        return None


def parse_list(text: str, base: str) -> Iterator[StoredFile]:
    """Yield the images that a list names.

    Args:
        text: one address a line, ``#`` begins a remark; or CSV with a column url.
        base: address of the list, against which relative addresses count.
    """
    for address, mark in _csv_rows(text) if base.lower().endswith(".csv") else _lines(text):
        full = urljoin(base, address)
        scheme, _, path = full.partition("://")
        # An address of another scheme keeps it, and is refused by name when it is read.
        shown = path if scheme == urlsplit(base).scheme else full
        yield StoredFile(shown.partition("#")[0], UNKNOWN_SIZE, mark[:40])


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        address = line.strip()
        if address and not address.startswith("#"):
            yield address, ""


def _csv_rows(text: str) -> Iterator[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(text))
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    column = next((names[name] for name in _COLUMNS if name in names), None)
    marks = [names[name] for name in _MARKS if name in names]
    if column is None:  # a CSV without a header is a list of addresses
        yield from _lines("\n".join(line.partition(",")[0] for line in text.splitlines()))
        return
    for row in rows:
        address = (row[column] or "").strip()
        if address:
            yield address, next((row[mark] for mark in marks if row[mark]), "")


def _fetch(client: httpx.Client, url: str, max_bytes: int) -> bytes:
    with client.stream("GET", url) as response:
        if response.status_code in (404, 410):
            raise FileNotFoundError(url)
        if response.status_code in (401, 403):
            raise PermissionError(url)
        if 400 <= response.status_code < 500:
            raise FileRefused(url, f"the server answered {response.status_code}")
        response.raise_for_status()
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > max_bytes:
                raise FileRefused(url, f"it is larger than {max_bytes >> 20} MiB")
            parts.append(part)
    return b"".join(parts)


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "not found"
    if isinstance(error, PermissionError):
        return "access denied"
    if isinstance(error, FileRefused):
        return str(error.details["reason"])
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    if isinstance(error, httpx.HTTPStatusError):
        return f"the server answered {error.response.status_code}"
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
