"""Signing in: passwords open sessions, and sessions and API tokens are the same thing.

A token is 256 random bits, shown once and stored as its SHA-256; it expires and can be revoked.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from visionloop.admin import store
from visionloop.admin.entities import Actor, Token, User
from visionloop.admin.errors import BadCredentials, UserNotFound
from visionloop.admin.users import hash_password, is_password
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.errors import Forbidden, NotFound
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database

SESSION_LIFETIME = timedelta(days=7)
_TOUCH_EVERY = timedelta(minutes=1)
_decoy_hash: str | None = None


class TokenNotFound(NotFound):
    """The caller has no such token."""

    code = "token_not_found"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"You have no token {token_id}.", token_id=token_id)


def sign_in(database: Database, *, name: str, password: str) -> tuple[User, str]:
    """Exchange name and password for a session.

    Returns:
        The user and the session's secret.

    Raises:
        BadCredentials: They do not match; nothing tells which of the two was wrong.
    """
    with database.read() as tx:
        user = store.find_user(tx, name=name)
        password_hash = store.find_password_hash(tx, user.id) if user else None
    if not is_password(password_hash or _decoy(), password):
        raise BadCredentials
    if user is None or password_hash is None or not user.is_active:
        raise BadCredentials
    _, secret = _issue(database, user, "console session", SESSION_LIFETIME)
    return user, secret


def create_token(
    database: Database, actor: Actor, *, name: str, lifetime: timedelta, user_name: str = ""
) -> tuple[Token, str]:
    """Create an API token for oneself, or for ``user_name`` as an administrator.

    Returns:
        The token and its secret, which cannot be read again.
    """
    owner = user_name or actor.name
    if owner != actor.name and not actor.is_admin:
        raise Forbidden("Only an administrator creates tokens for others.", user=owner)
    with database.read() as tx:
        user = store.find_user(tx, name=owner)
    if user is None:
        raise UserNotFound(owner)
    return _issue(database, user, name, lifetime)


def authenticate(database: Database, secret: str) -> Actor:
    """Return who holds a session or token.

    Raises:
        BadCredentials: It is unknown, has expired, or its user is locked.
    """
    now = utc_now()
    with database.read() as tx:
        token = store.find_token(tx, sha256_bytes(secret.encode()))
        user = store.find_user(tx, user_id=token.user_id) if token else None
    if token is None or user is None or token.expires_at <= now or not user.is_active:
        raise BadCredentials
    if token.last_used_at is None or now - token.last_used_at > _TOUCH_EVERY:
        with database.begin() as tx:
            store.touch_token(tx, token.id, now)
    return actor_of(user)


def list_tokens(database: Database, actor: Actor) -> list[Token]:
    """Return the caller's own tokens, newest first."""
    with database.read() as tx:
        return store.list_tokens(tx, actor.user_id)


def revoke_token(database: Database, actor: Actor, token_id: str) -> None:
    """Revoke one of the caller's own tokens.

    Raises:
        TokenNotFound: The caller has no such token.
    """
    with database.begin() as tx:
        if not store.delete_token(tx, token_id, actor.user_id):
            raise TokenNotFound(token_id)


def sign_out(database: Database, secret: str) -> None:
    """End the session with this secret, if there is one."""
    with database.begin() as tx:
        token = store.find_token(tx, sha256_bytes(secret.encode()))
        if token is not None:
            store.delete_token(tx, token.id, token.user_id)


def actor_of(user: User) -> Actor:
    """Return the actor that a user is."""
    return Actor(
        user_id=user.id, name=user.name, is_admin=user.is_admin, grants=frozenset(user.grants)
    )


def _issue(database: Database, user: User, name: str, lifetime: timedelta) -> tuple[Token, str]:
    secret = f"vl_{secrets.token_urlsafe(32)}"
    now = utc_now()
    token = Token(
        id=new_id("token"), user_id=user.id, name=name, created_at=now, expires_at=now + lifetime
    )
    with database.begin() as tx:
        store.insert_token(tx, token, sha256_bytes(secret.encode()))
    return token, secret


def _decoy() -> str:
    # An unknown name must take as long as a wrong password, or names could be found by timing.
    global _decoy_hash
    if _decoy_hash is None:
        _decoy_hash = hash_password(secrets.token_urlsafe(16))
    return _decoy_hash
