from __future__ import annotations

import json

import pytest

from visionloop.data.connections.addresses import parse_address
from visionloop.data.connections.credentials import (
    METHODS,
    check_credentials,
    check_options,
    find_method,
    known_options,
)
from visionloop.data.connections.errors import CredentialsInvalid, OptionInvalid
from visionloop.data.connections.objects import object_config

S3 = parse_address("s3://bucket/x")
AZURE = parse_address("abfss://photos@lake.dfs.core.windows.net")
GCS = parse_address("gs://bucket")


def test_credentials_must_be_complete_and_are_never_repeated() -> None:
    with pytest.raises(CredentialsInvalid, match="secret_access_key is missing") as caught:
        check_credentials(S3, "access_key", {"access_key_id": "hush"})
    assert "hush" not in caught.value.message
    with pytest.raises(CredentialsInvalid, match="password is not part"):
        check_credentials(AZURE, "account_key", {"account_key": "hush", "password": "hush"})
    with pytest.raises(CredentialsInvalid, match="sig="):
        check_credentials(AZURE, "sas", {"sas_token": "?sv=2024"})
    assert check_credentials(AZURE, "sas", {"sas_token": "?sv=1&sig=x"}) == {
        "sas_token": "sv=1&sig=x"
    }


def test_a_google_key_file_keeps_what_proves_identity_only() -> None:
    key = {"private_key": "p", "client_email": "e", "gcs_base_url": "http://inside", "x": 1}
    kept = check_credentials(GCS, "service_account", {"service_account_key": json.dumps(key)})
    assert json.loads(kept["service_account_key"]) == {"private_key": "p", "client_email": "e"}
    for wrong in ("no json", "[]", "{}"):
        with pytest.raises(CredentialsInvalid, match="JSON key file"):
            check_credentials(GCS, "service_account", {"service_account_key": wrong})


def test_options_are_checked_against_kind_and_method() -> None:
    assert check_options(S3, "access_key", {"region": " eu-west-1 ", "endpoint": ""}) == {
        "region": "eu-west-1"
    }
    wrong = [
        (S3, "access_key", {"account": "lake"}),
        (S3, "access_key", {"path_style": "perhaps"}),
        (S3, "access_key", {"region": "evil.example/x"}),
        (S3, "access_key", {"endpoint": "https://user:hush@minio.example"}),
        (S3, "access_key", {"endpoint": "file:///etc/passwd"}),
        (S3, "access_key", {"endpoint": "https://minio.example/?x=hush"}),
        (parse_address("az://photos"), "account_key", {"account": "evil.example/"}),
        (S3, "kerberos", {}),
        (AZURE, "service_principal", {"client_id": "c"}),
        (parse_address("az://photos"), "account_key", {}),
    ]
    for address, auth, options in wrong:
        with pytest.raises(OptionInvalid):
            check_options(address, auth, options)


def test_every_method_is_turned_into_what_the_library_takes() -> None:
    for kind, methods in METHODS.items():
        if kind in ("folder", "https"):
            continue
        address = {"azure": AZURE, "s3": S3, "gcs": GCS}[kind]
        for auth in methods:
            method = find_method(address, auth)
            given = dict.fromkeys((*method.secrets, *method.optional), "s")
            options = dict.fromkeys(known_options(kind, auth), "true")
            config = object_config(address, auth, options, given)
            assert ("skip_signature" in config) == (auth == "anonymous")
            assert "path_style" not in config
            assert not {"account", "sas_token", "identity_endpoint"} & config.keys()


def test_requests_to_other_s3_servers_name_the_bucket_in_the_path() -> None:
    plain = object_config(S3, "access_key", {}, {})
    assert plain["virtual_hosted_style_request"] == "true"
    other = object_config(S3, "access_key", {"endpoint": "https://minio.example"}, {})
    assert other["virtual_hosted_style_request"] == "false"
