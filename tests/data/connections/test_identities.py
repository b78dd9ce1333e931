"""Signing in without keys: as the machine, the pod, or an application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.data.connections.conftest import Check
from tests.servers.identity import Cloud, running_cloud
from visionloop.data.connections.addresses import parse_address
from visionloop.data.connections.objects import ObjectDatastore, object_config
from visionloop.data.errors import DatastoreUnavailable


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running_cloud() as server:
        yield server


def azure(cloud: Cloud, **more: str) -> dict[str, str]:
    return {"account": "lake", "endpoint": f"{cloud.url}/lake", **more}


def test_a_machine_signs_in_to_azure(check: Check, cloud: Cloud) -> None:
    options = azure(cloud, identity_endpoint=f"{cloud.url}/identity")
    assert check("az://photos", "managed_identity", options=options).code == "ok"
    assert cloud.seen[0] == ("GET", "/identity", "")


def test_a_pod_signs_in_to_azure(check: Check, cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "federated").write_text("token-of-the-pod")
    options = azure(
        cloud,
        client_id="me",
        tenant_id="us",
        federated_token_file=str(tmp_path / "federated"),
        authority_host=cloud.url,
    )
    assert check("az://photos", "workload_identity", options=options).code == "ok"
    method, path, form = cloud.seen[0]
    assert (method, path) == ("POST", "/us/oauth2/v2.0/token")
    assert parse_qs(form)["client_assertion"] == ["token-of-the-pod"]


def test_a_machine_signs_in_to_s3(check: Check, cloud: Cloud) -> None:
    options = {"endpoint": cloud.url, "metadata_endpoint": cloud.url, "path_style": "true"}
    assert check("s3://photos", "instance_role", options=options).code == "ok"
    assert ("PUT", "/latest/api/token", "") in cloud.seen


def test_a_machine_without_an_identity_is_told(check: Check, cloud: Cloud) -> None:
    nowhere = "http://127.0.0.1:9/identity"
    options = azure(cloud, identity_endpoint=nowhere)
    found = check("az://photos", "managed_identity", options=options)
    assert found.code == "identity_missing"


def test_public_data_is_read_unsigned(check: Check, cloud: Cloud) -> None:
    found = check("s3://photos", "anonymous", options={"endpoint": cloud.url})
    assert found.code == "no_list_right"
    assert all(path.startswith("/photos") for _, path, _ in cloud.seen)


def test_a_google_key_is_taken(cloud: Cloud) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    document = {"private_key": pem, "private_key_id": "1", "client_email": "a@b"}
    address = parse_address("gs://photos")
    config = object_config(
        address,
        "service_account",
        {"endpoint": cloud.url},
        {"service_account_key": json.dumps(document)},
    )
    opened = ObjectDatastore("g", address, config, allow_private=True)
    # The key signs a token of its own, which this store does not know.
    with pytest.raises(DatastoreUnavailable, match="may not list"):
        list(opened.list_files())
    assert cloud.seen[0][1] == "/photos"
