"""Ed25519 signatures over package digests; the private key never leaves the home folder."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from visionloop.registry.entities import PublicKey
from visionloop.storage.home import Home

ALGORITHM = "ed25519"
_KEY_FILE = "signing.pem"


def load_public_key(home: Home) -> PublicKey:
    """Return the key that checks this installation's signatures, making the pair at first."""
    return describe_key(_load_private_key(home).public_key())


def sign_digest(home: Home, digest: str) -> dict[str, Any]:
    """Return the content of ``signature.json`` for a package digest."""
    private = _load_private_key(home)
    key = describe_key(private.public_key())
    return {
        "algorithm": ALGORITHM,
        "key_id": key.key_id,
        "public_key": key.pem,
        "digest": digest,
        "signature": base64.b64encode(private.sign(digest.encode())).decode(),
    }


def find_signature_problem(signature: dict[str, Any], digest: str, key: PublicKey) -> str | None:
    """Return what is wrong with a signature, None when it holds.

    The key inside the signature is information only: trust comes from ``key``.
    """
    if signature.get("key_id") != key.key_id:
        return f"it is signed with key {signature.get('key_id')}, not with {key.key_id}"
    if signature.get("digest") != digest:
        return "its signature is for another digest"
    public = serialization.load_pem_public_key(key.pem.encode())
    if not isinstance(public, Ed25519PublicKey):
        return f"key {key.key_id} is no Ed25519 key"
    try:
        public.verify(base64.b64decode(str(signature.get("signature"))), digest.encode())
    except (InvalidSignature, ValueError):
        return "its signature does not hold"
    return None


def describe_key(public: Ed25519PublicKey) -> PublicKey:
    """Return a public key in the form that is shown and stored."""
    raw = public.public_bytes_raw()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicKey(
        key_id=hashlib.sha256(raw).hexdigest()[:16], algorithm=ALGORITHM, pem=pem.decode()
    )


def _load_private_key(home: Home) -> Ed25519PrivateKey:
    path = home.keys_dir / _KEY_FILE
    if not path.exists():
        _create_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    return key


def _create_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # Written beside and linked into place, so that of two makers one wins and none reads half.
    # The temporary file is readable by its owner only, and a link keeps that.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
