from __future__ import annotations

from pathlib import Path

import pytest

from visionloop.data.connections.addresses import Address, parse_address
from visionloop.data.errors import DatastoreInvalid


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://bucket/photos/2026/", ("s3", "bucket", "photos/2026", "")),
        ("gs://bucket", ("gcs", "bucket", "", "")),
        ("az://photos/line-1", ("azure", "photos", "line-1", "")),
        (
            "abfss://photos@lake.dfs.core.windows.net/line-1",
            ("azure", "photos", "line-1", "lake"),
        ),
        ("abfs://photos/line-1", ("azure", "photos", "line-1", "")),
        ("https://lake.blob.core.windows.net/photos/a/b", ("azure", "photos", "a/b", "lake")),
        ("https://example.com/list.CSV", ("https", "", "", "")),
    ],
)
def test_addresses_are_understood(url: str, expected: tuple[str, str, str, str]) -> None:
    found = parse_address(url)
    assert (found.kind, found.container, found.prefix, found.account) == expected
    assert found.url == url.rstrip("/")


def test_a_folder_is_made_absolute(tmp_path: Path) -> None:
    assert parse_address(f"{tmp_path}/x/..") == Address("folder", str(tmp_path))
    assert parse_address(f"file://{tmp_path}").url == str(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "s3://",
        "s3:///photos",
        "https://lake.blob.core.windows.net/",
        "https://example.com/photos",
        "s3://evil.example:443/x",
        "s3://a b/x",
        "az://evil.example\\x",
        "https://example.com:port/list.txt",
        "s3://key:hush@bucket/x",
        "https://lake.blob.core.windows.net/c?sig=hush",
        "https://hush@example.com/list.txt",
    ],
)
def test_what_cannot_be_used_is_refused_without_repeating_secrets(url: str) -> None:
    with pytest.raises(DatastoreInvalid) as caught:
        parse_address(url)
    assert "hush" not in caught.value.message
