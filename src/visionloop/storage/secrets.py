"""Secrets at rest: sealed with a key that lies in the home, never in the database.

A sealed text is bound to its context (whose secret it is, and where it may be sent), so that a
row copied or edited in the database does not open. AES-256-GCM, with a fresh nonce each time.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from visionloop.kernel.errors import Unavailable

KEY_FILE: Final = "secrets.key"
_FORM: Final = "v1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class SecretUnreadable(Unavailable):
    """A stored secret cannot be opened with the key of this home."""

    code = "secret_unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A stored secret cannot be opened: {reason}. Put the {KEY_FILE} of the installation "
            "that stored it back into its keys folder, or store the secret again.",
            reason=reason,
        )


class Keyring:
    """Seals and opens secrets with the key in one file, which is made at the first seal.

    Args:
        path: The key file, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, secret: bytes, *, context: str) -> str:
        """Return the sealed form of ``secret``; it opens in the same ``context`` only."""
        key = self._key(make=True)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, secret, context.encode())
        return ".".join((_FORM, _key_id(key), base64.urlsafe_b64encode(sealed).decode()))

    def open(self, sealed: str, *, context: str) -> bytes:
        """Return the secret.

        Raises:
            SecretUnreadable: It was sealed with another key, in another context, or is damaged.
        """
        key = self._key(make=False)
        form, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        if form != _FORM:
            raise SecretUnreadable("it has an unknown form")
        if key_id != _key_id(key):
            raise SecretUnreadable(f"it was sealed with key {key_id}, this is key {_key_id(key)}")
        try:
            data = base64.urlsafe_b64decode(text)
            return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise SecretUnreadable("it was altered, or moved from where it belongs") from None

    def _key(self, *, make: bool) -> bytes:
        if make and not self._path.exists():
            _create(self._path)
        try:
            key = self._path.read_bytes()
        except OSError:
            raise SecretUnreadable(f"the key file {self._path} is missing or locked") from None
        if len(key) != _KEY_BYTES:
            raise SecretUnreadable(f"the key file {self._path} is damaged")
        return key


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"visionloop key id" + key).hexdigest()[:8]


def _create(path: Path) -> None:
    # Written beside and linked into place, so that of two makers one wins and none reads half.
    # The temporary file is readable by its owner only, and a link keeps that.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
