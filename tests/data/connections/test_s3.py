"""S3 and compatible stores, with users and rights."""

from __future__ import annotations

import pytest

from tests.data.connections.conftest import Check
from tests.servers.s3 import BUCKET, S3Server
from visionloop.admin.entities import Actor, Project
from visionloop.data import datastores
from visionloop.data.datastores import (
    DatastoreRequest,
    open_datastore,
    register,
    rotate_credentials,
)
from visionloop.data.errors import DatastoreUnavailable
from visionloop.storage.database import Database


def test_files_are_listed_and_read(
    sqlite_database: Database,
    sqlite_project: Project,
    admin_actor: Actor,
    s3_server: S3Server,
    bucket_prefix: str,
) -> None:
    request = DatastoreRequest(
        "line", bucket_prefix, "access_key", s3_server.options(), s3_server.keys["owner"], True
    )
    made = register(sqlite_database, admin_actor, "parts", request)
    opened = open_datastore(sqlite_database, made)
    assert sorted(file.path for file in opened.list_files()) == ["a.jpg", "deep/b ü.jpg"]
    assert [file.path for file in opened.list_files(after="a.jpg")] == ["deep/b ü.jpg"]
    assert opened.read("deep/b ü.jpg").endswith("deep/b ü.jpg".encode())
    with pytest.raises(FileNotFoundError):
        opened.read("gone.jpg")


def test_what_is_wrong_is_said(check: Check, s3_server: S3Server, bucket_prefix: str) -> None:
    owner = s3_server.keys["owner"]
    cases = {
        "ok": (bucket_prefix, owner),
        "no_such_container": ("s3://no-such-bucket/x", owner),
        "empty": (f"s3://{BUCKET}/nothing-here", owner),
        "key_refused": (bucket_prefix, owner | {"secret_access_key": "wrong"}),
        "no_list_right": (bucket_prefix, s3_server.keys["reader"]),
        "no_read_right": (bucket_prefix, s3_server.keys["lister"]),
    }
    for code, (url, key) in cases.items():
        found = check(url, "access_key", options=s3_server.options(), credentials=key)
        assert found.code == code, found
        assert bool(found.remedy) == (code != "ok")


def test_rotated_credentials_replace_those_before(
    sqlite_database: Database,
    sqlite_project: Project,
    admin_actor: Actor,
    s3_server: S3Server,
    bucket_prefix: str,
) -> None:
    old = s3_server.keys["owner"] | {"access_key_id": "AKIAWITHDRAWN"}
    request = DatastoreRequest("line", bucket_prefix, "access_key", s3_server.options(), old, True)
    made = register(sqlite_database, admin_actor, "parts", request)
    with pytest.raises(DatastoreUnavailable, match="refused the key"):
        list(open_datastore(sqlite_database, made).list_files())
    changed = rotate_credentials(
        sqlite_database, admin_actor, "parts", "line", s3_server.keys["owner"]
    )
    assert changed.rotated_by == admin_actor.name
    assert datastores.test_datastore(sqlite_database, admin_actor, "parts", "line").code == "ok"
