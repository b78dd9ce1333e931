from __future__ import annotations

from pathlib import Path

import pytest

from visionloop.storage.database import Database
from visionloop.storage.secrets import Keyring, SecretUnreadable


def test_a_secret_opens_in_its_own_context_only(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys" / "secrets.key")
    sealed = keyring.seal(b"swordfish", context="datastore a")
    assert "swordfish" not in sealed
    assert keyring.open(sealed, context="datastore a") == b"swordfish"
    with pytest.raises(SecretUnreadable, match="moved"):
        keyring.open(sealed, context="datastore b")


def test_equal_secrets_look_different(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "secrets.key")
    assert keyring.seal(b"x", context="c") != keyring.seal(b"x", context="c")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    sealed = Keyring(path).seal(b"x", context="c")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring(path).open(sealed, context="c") == b"x"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "secrets.key")
    sealed = keyring.seal(b"x", context="c")
    other = Keyring(tmp_path / "other.key")
    with pytest.raises(SecretUnreadable, match="missing"):
        other.open(sealed, context="c")
    other.seal(b"x", context="c")
    with pytest.raises(SecretUnreadable, match="sealed with key"):
        other.open(sealed, context="c")
    with pytest.raises(SecretUnreadable, match="altered"):
        keyring.open(sealed[:-6] + "AAAA==", context="c")
    with pytest.raises(SecretUnreadable, match="form"):
        keyring.open("plain text", context="c")
    (tmp_path / "secrets.key").write_bytes(b"short")
    with pytest.raises(SecretUnreadable, match="damaged"):
        keyring.open(sealed, context="c")


def test_a_database_without_a_key_keeps_no_secrets(sqlite_url: str) -> None:
    with pytest.raises(SecretUnreadable, match="without a key"):
        _ = Database(sqlite_url).keyring
