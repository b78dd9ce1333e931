"""The ways to prove to a store who we are, and what each of them needs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from visionloop.data.connections.addresses import Address, DatastoreKind
from visionloop.data.connections.errors import CredentialsInvalid, OptionInvalid

AMBIENT: Final = "environment"
"""The server's own environment: its variables, role or workload identity."""


@dataclass(frozen=True)
class AuthMethod:
    """One way to prove who we are.

    Attributes:
        secrets: fields that must be given, and are kept sealed.
        optional: secrets that may be given.
        options: fields that are no secret and that readers may see.
    """

    summary: str
    secrets: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


_ANONYMOUS: Final = AuthMethod("public data, no signature")
_ENVIRONMENT: Final = AuthMethod("variables and identity of the server")

METHODS: Final[Mapping[DatastoreKind, Mapping[str, AuthMethod]]] = {
    "folder": {"none": AuthMethod("a folder of the server")},
    "https": {"none": AuthMethod("addresses that need no login")},
    "azure": {
        AMBIENT: _ENVIRONMENT,
        "account_key": AuthMethod("key of the storage account", ("account_key",)),
        "sas": AuthMethod("shared access signature", ("sas_token",)),
        "service_principal": AuthMethod(
            "an application of Microsoft Entra",
            ("client_secret",),
            options=("client_id", "tenant_id"),
        ),
        "managed_identity": AuthMethod(
            "identity of the machine", options=("client_id", "identity_endpoint")
        ),
        "workload_identity": AuthMethod(
            "federated identity of the pod",
            options=("client_id", "tenant_id", "federated_token_file", "authority_host"),
        ),
        "anonymous": _ANONYMOUS,
    },
    "s3": {
        AMBIENT: _ENVIRONMENT,
        "access_key": AuthMethod(
            "key pair of a user", ("access_key_id", "secret_access_key"), ("session_token",)
        ),
        "instance_role": AuthMethod("role of the machine", options=("metadata_endpoint",)),
        "anonymous": _ANONYMOUS,
    },
    "gcs": {
        AMBIENT: _ENVIRONMENT,
        "service_account": AuthMethod("key file of a service account", ("service_account_key",)),
        "default": AuthMethod("application default credentials of the server"),
        "anonymous": _ANONYMOUS,
    },
}

_KIND_OPTIONS: Final[Mapping[DatastoreKind, tuple[str, ...]]] = {
    "folder": (),
    "https": (),
    "azure": ("account", "endpoint"),
    "s3": ("endpoint", "region", "path_style"),
    "gcs": ("endpoint",),
}
# These make the server fetch tokens from an address, or send a file of its own somewhere.
_ADMIN_OPTIONS: Final = frozenset(
    {"identity_endpoint", "metadata_endpoint", "federated_token_file", "authority_host"}
)
# These become part of a host name, where a slash would send the request to another host.
_PLAIN_OPTIONS: Final = frozenset({"account", "region", "client_id", "tenant_id"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{1,128}")
_ENDPOINT_OPTIONS: Final = frozenset(
    {"endpoint", "identity_endpoint", "metadata_endpoint", "authority_host"}
)
# What of a Google key file proves identity; the rest could send the key elsewhere.
_GOOGLE_FIELDS: Final = ("type", "project_id", "private_key_id", "private_key", "client_email")


def default_method(kind: DatastoreKind) -> str:
    """Return the method that is used when none was chosen."""
    return "none" if kind in ("folder", "https") else AMBIENT


def find_method(address: Address, auth: str) -> AuthMethod:
    """Return a method of the kind of store.

    Raises:
        OptionInvalid: this kind of store knows no such method.
    """
    known = METHODS[address.kind]
    if auth not in known:
        raise OptionInvalid("auth", auth, f"for {address.kind} choose {', '.join(known)}")
    return known[auth]


def known_options(kind: DatastoreKind, auth: str) -> tuple[str, ...]:
    """Return the options that a kind of store takes with a method."""
    return (*_KIND_OPTIONS[kind], *METHODS[kind][auth].options)


def check_options(address: Address, auth: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options without empty ones.

    Raises:
        OptionInvalid: one is not known for this kind and method, or one is missing.
    """
    find_method(address, auth)
    known = known_options(address.kind, auth)
    given = {name: str(value).strip() for name, value in options.items() if value not in (None, "")}
    for name, value in given.items():
        if name not in known:
            expected = ", ".join(known) or "none"
            raise OptionInvalid(name, value, f"{address.kind} with {auth!r} takes: {expected}")
        problem = _problem(name, value)
        if problem is not None:
            raise OptionInvalid(name, value, problem)
    if auth == "service_principal" and not {"client_id", "tenant_id"} <= given.keys():
        raise OptionInvalid("client_id", "", "service_principal needs client_id and tenant_id")
    if address.kind == "azure" and auth != AMBIENT and not (address.account or "account" in given):
        raise OptionInvalid("account", "", "name the storage account, here or in the address")
    return given


def _problem(name: str, value: str) -> str | None:
    """Say what is wrong with the value of an option."""
    if name == "path_style":
        return None if value.lower() in ("true", "false") else "write true or false"
    if name in _PLAIN_OPTIONS:
        return None if _PLAIN.fullmatch(value) else "only letters, digits and hyphens make it up"
    if name in _ENDPOINT_OPTIONS and not _is_endpoint(value):
        return "expected https://HOST or https://HOST:PORT, without user, password and query"
    return None


def _is_endpoint(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("https", "http") and bool(parts.hostname) and is_plain


def admin_options(options: Mapping[str, str]) -> list[str]:
    """Return the options that only an administrator may set."""
    return sorted(_ADMIN_OPTIONS & options.keys())


def check_credentials(address: Address, auth: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return credentials that are complete for the method.

    Raises:
        CredentialsInvalid: a field is missing, unknown, or not of the right form; never quotes it.
    """
    method = find_method(address, auth)
    given = {name: value.strip() for name, value in secrets.items() if value and value.strip()}
    unknown = sorted(given.keys() - {*method.secrets, *method.optional})
    missing = [name for name in method.secrets if name not in given]
    if unknown or missing:
        raise CredentialsInvalid(auth, expected=method.secrets, missing=missing, unknown=unknown)
    if "sas_token" in given:
        given["sas_token"] = given["sas_token"].lstrip("?")
        if "sig=" not in given["sas_token"]:
            raise CredentialsInvalid(auth, problem="a SAS token contains sig=")
    if "service_account_key" in given:
        given["service_account_key"] = _google_key(given["service_account_key"])
    return given


def _google_key(text: str) -> str:
    try:
        document: Any = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not {"private_key", "client_email"} <= document.keys():
        problem = "service_account_key must be the JSON key file with private_key and client_email"
        raise CredentialsInvalid("service_account", problem=problem)
    return json.dumps({name: document[name] for name in _GOOGLE_FIELDS if name in document})
