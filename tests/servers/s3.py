"""An S3 server with users and rights, from the package moto."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.processes import free_port, running

BUCKET = "photos"
_RIGHTS = {
    "owner": ["s3:*"],
    "lister": ["s3:ListBucket"],
    "reader": ["s3:GetObject"],
}


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket and a user for each set of rights.

    Attributes:
        keys: user name to the credentials of its access key.
    """

    endpoint: str
    keys: dict[str, dict[str, str]]

    def options(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "region": "us-east-1", "path_style": "true"}


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Run a server that checks keys and rights."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1"]
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1"}
    with running(
        [*command, "-p", str(port)], port, log=folder / "moto.log", environment=environment
    ):
        endpoint = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=endpoint, trust_env=False, timeout=60) as http:
            http.put(f"/{BUCKET}").raise_for_status()
            keys = {name: _create_user(http, name, rights) for name, rights in _RIGHTS.items()}
            http.post("/moto-api/reset-auth", content=b"0").raise_for_status()
        yield S3Server(endpoint, keys)


def _create_user(http: httpx.Client, name: str, rights: list[str]) -> dict[str, str]:
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": rights, "Resource": "*"}],
    }
    _call(http, "CreateUser", UserName=name)
    _call(http, "PutUserPolicy", UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    made = _call(http, "CreateAccessKey", UserName=name)
    return {
        "access_key_id": _between(made, "AccessKeyId"),
        "secret_access_key": _between(made, "SecretAccessKey"),
    }


def _call(http: httpx.Client, action: str, **values: Any) -> str:
    # Before rights are checked any signature will do, but it must name the service.
    scope = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, Signature=x"
    form = {"Action": action, "Version": "2010-05-08", **values}
    answer = http.post("/", data=form, headers={"Authorization": scope})
    answer.raise_for_status()
    return answer.text


def _between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
