"""Datastores on real object stores."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import httpx
import obstore
import pytest
from obstore.store import AzureStore, S3Store

from tests.servers.azurite import ACCOUNT, KEY, Azurite
from tests.servers.s3 import BUCKET, S3Server
from visionloop.admin.entities import Actor, Project
from visionloop.data import datastores
from visionloop.data.datastores import DatastoreRequest, register
from visionloop.data.entities import DatastoreCheck
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database

Check = Callable[..., DatastoreCheck]
_VERSION = "2021-08-06"


@pytest.fixture
def check(sqlite_database: Database, sqlite_project: Project, admin_actor: Actor) -> Check:
    """Register a datastore inside our own network and test it."""

    def run(url: str, auth: str = "", *, allow_private: bool = True, **values: object) -> object:
        request = DatastoreRequest(
            name=new_id("d").replace("_", "-"),
            url=url,
            auth=auth,
            allow_private=allow_private,
            **values,  # type: ignore[arg-type]
        )
        register(sqlite_database, admin_actor, "parts", request)
        return datastores.test_datastore(sqlite_database, admin_actor, "parts", request.name)

    return run  # type: ignore[return-value]


@pytest.fixture
def container(azurite: Azurite) -> str:
    """A new container with two files below line-1."""
    name = new_id("c").replace("_", "-")
    make_container(azurite, name)
    store = AzureStore(
        name,
        config={"account_name": ACCOUNT, "account_key": KEY, "endpoint": azurite.endpoint},
        client_options={"allow_http": True},
    )
    for path in ("line-1/a b ü.jpg", "line-1/deep/b.jpg"):
        obstore.put(store, path, path.encode())
    return name


@pytest.fixture
def bucket_prefix(s3_server: S3Server) -> str:
    """A new prefix of the bucket with two files."""
    prefix = new_id("p")
    store = S3Store(
        BUCKET,
        config={**s3_server.keys["owner"], "endpoint": s3_server.endpoint, "region": "us-east-1"},
        client_options={"allow_http": True},
    )
    for path in (f"{prefix}/a.jpg", f"{prefix}/deep/b ü.jpg"):
        obstore.put(store, path, path.encode())
    return f"s3://{BUCKET}/{prefix}"


def make_container(azurite: Azurite, name: str) -> None:
    """Create a container, signed with the account key."""
    date = utc_now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    lines = ["PUT", *[""] * 11, f"x-ms-date:{date}", f"x-ms-version:{_VERSION}"]
    text = "\n".join([*lines, f"/{ACCOUNT}/{ACCOUNT}/{name}", "restype:container"])
    headers = {
        "x-ms-date": date,
        "x-ms-version": _VERSION,
        "Authorization": f"SharedKey {ACCOUNT}:{_sign(text)}",
    }
    address = f"{azurite.endpoint}/{name}?restype=container"
    httpx.put(address, headers=headers, trust_env=False).raise_for_status()


def sas_token(container: str, rights: str, *, hours: float = 1.0) -> str:
    """Return a signature that grants rights on a container for some hours."""
    expires = (utc_now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    resource = f"/blob/{ACCOUNT}/{container}"
    fields = [rights, "", expires, resource, "", "", "https,http", _VERSION, "c", *[""] * 7]
    values = {"sv": _VERSION, "sp": rights, "se": expires, "sr": "c", "spr": "https,http"}
    values["sig"] = _sign("\n".join(fields))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())


def _sign(text: str) -> str:
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
