"""The first administrator of a new installation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from visionloop.admin import store
from visionloop.admin.entities import SYSTEM
from visionloop.admin.sessions import actor_of, create_token
from visionloop.admin.users import create_user
from visionloop.storage.database import Database

ADMIN_NAME = "admin"
_TOKEN_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class FirstLogin:
    """Credentials of the first administrator, shown once."""

    name: str
    password: str
    token: str


def create_first_admin(database: Database, *, password: str | None = None) -> FirstLogin | None:
    """Create the first administrator, unless there are users already.

    Args:
        database: Where users are kept.
        password: The password to set; a random one by default.
    """
    with database.read() as tx:
        if store.list_users(tx):
            return None
    password = password or secrets.token_urlsafe(9)
    user = create_user(database, SYSTEM, name=ADMIN_NAME, password=password, is_admin=True)
    _, token = create_token(database, actor_of(user), name="command line", lifetime=_TOKEN_LIFETIME)
    return FirstLogin(ADMIN_NAME, password, token)
