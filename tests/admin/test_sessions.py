from __future__ import annotations

from datetime import timedelta

import pytest

from visionloop.admin import sessions, store
from visionloop.admin.entities import SYSTEM
from visionloop.admin.errors import BadCredentials, BadName
from visionloop.admin.installation import create_first_admin
from visionloop.admin.users import UserExists, WeakPassword, create_user, set_password
from visionloop.kernel.errors import Forbidden
from visionloop.storage.database import Database


@pytest.fixture
def lena(database: Database) -> None:
    create_user(database, SYSTEM, name="lena", password="blue-horse-7")


def test_name_and_password_open_a_session(database: Database, lena: None) -> None:
    user, secret = sessions.sign_in(database, name="lena", password="blue-horse-7")
    actor = sessions.authenticate(database, secret)
    assert (actor.name, actor.user_id, actor.is_admin) == ("lena", user.id, False)
    sessions.sign_out(database, secret)
    with pytest.raises(BadCredentials):
        sessions.authenticate(database, secret)


@pytest.mark.parametrize(("name", "password"), [("lena", "wrong"), ("nobody", "blue-horse-7")])
def test_wrong_credentials_tell_nothing(
    database: Database, lena: None, name: str, password: str
) -> None:
    with pytest.raises(BadCredentials) as caught:
        sessions.sign_in(database, name=name, password=password)
    assert name not in caught.value.message


def test_secrets_are_stored_as_hashes_only(database: Database, lena: None) -> None:
    _, secret = sessions.sign_in(database, name="lena", password="blue-horse-7")
    with database.read() as tx:
        rows = str([tx.execute(table.select()).all() for table in (store.tokens, store.users)])
    assert secret not in rows
    assert "blue-horse-7" not in rows


def test_tokens_expire_and_can_be_revoked(database: Database, lena: None) -> None:
    user, secret = sessions.sign_in(database, name="lena", password="blue-horse-7")
    actor = sessions.actor_of(user)
    _, stale = sessions.create_token(database, actor, name="old", lifetime=timedelta(seconds=-1))
    with pytest.raises(BadCredentials):
        sessions.authenticate(database, stale)
    token, fresh = sessions.create_token(database, actor, name="ci", lifetime=timedelta(days=1))
    assert sessions.authenticate(database, fresh).name == "lena"
    sessions.revoke_token(database, actor, token.id)
    with pytest.raises(BadCredentials):
        sessions.authenticate(database, fresh)
    assert sessions.authenticate(database, secret).name == "lena"


def test_a_locked_user_is_out_at_once(database: Database, lena: None) -> None:
    user, secret = sessions.sign_in(database, name="lena", password="blue-horse-7")
    with database.begin() as tx:
        store.update_user(tx, user.id, is_active=False)
    with pytest.raises(BadCredentials):
        sessions.authenticate(database, secret)


def test_bad_names_weak_passwords_and_duplicates_are_refused(
    database: Database, lena: None
) -> None:
    with pytest.raises(BadName):
        create_user(database, SYSTEM, name="Lena Müller", password="long-enough")
    with pytest.raises(WeakPassword):
        create_user(database, SYSTEM, name="mia", password="short")
    with pytest.raises(UserExists):
        create_user(database, SYSTEM, name="lena", password="long-enough")


def test_only_administrators_act_for_others(database: Database, lena: None) -> None:
    user, _ = sessions.sign_in(database, name="lena", password="blue-horse-7")
    actor = sessions.actor_of(user)
    create_user(database, SYSTEM, name="mia", password="green-horse-8")
    with pytest.raises(Forbidden):
        set_password(database, actor, name="mia", password="stolen-horse-9")
    with pytest.raises(Forbidden):
        sessions.create_token(
            database, actor, name="x", lifetime=timedelta(days=1), user_name="mia"
        )
    set_password(database, actor, name="lena", password="red-horse-1")
    assert sessions.sign_in(database, name="lena", password="red-horse-1")[0].name == "lena"


def test_the_first_administrator_is_made_once(database: Database) -> None:
    first = create_first_admin(database)
    assert first is not None
    assert sessions.authenticate(database, first.token).is_admin
    assert create_first_admin(database) is None
