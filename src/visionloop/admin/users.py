"""Users and their roles."""

from __future__ import annotations

from collections.abc import Sequence

from argon2 import PasswordHasher

from visionloop.admin import store
from visionloop.admin.access import require, require_admin
from visionloop.admin.entities import Actor, Permission, Role, User
from visionloop.admin.errors import BadName, UserNotFound
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Conflict, Invalid
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database

_HASHER = PasswordHasher()
_MINIMUM_PASSWORD_LENGTH = 8


class UserExists(Conflict):
    """The name is taken."""

    code = "user_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a user named '{name}'. Choose another.", user=name)


class WeakPassword(Invalid):
    """The password is too short."""

    code = "weak_password"

    def __init__(self) -> None:
        super().__init__(f"A password has at least {_MINIMUM_PASSWORD_LENGTH} characters.")


def create_user(
    database: Database,
    actor: Actor,
    *,
    name: str,
    password: str | None,
    email: str | None = None,
    is_admin: bool = False,
) -> User:
    """Create a user; without a password only tokens and single sign-on open the door.

    Raises:
        PermissionDenied: The actor is no administrator.
        BadName: The name does not fit.
        UserExists: The name is taken.
        WeakPassword: The password is too short.
    """
    require_admin(actor)
    if not is_good_name(name):
        raise BadName("user", name)
    user = User(
        id=new_id("user"),
        name=name,
        email=email,
        is_admin=is_admin,
        is_active=True,
        created_at=utc_now(),
    )
    password_hash = None if password is None else hash_password(password)
    with database.begin() as tx:
        if store.find_user(tx, name=name) is not None:
            raise UserExists(name)
        store.insert_user(tx, user, password_hash)
        publish(
            tx,
            type="visionloop.user.created",
            project="*",
            subject=f"user/{name}",
            actor=actor,
            data={"is_admin": is_admin},
        )
    return user


def set_password(database: Database, actor: Actor, *, name: str, password: str) -> None:
    """Change a password: one's own, or anybody's for an administrator.

    Raises:
        UserNotFound: No such user.
        WeakPassword: The password is too short.
    """
    if actor.name != name:
        require_admin(actor)
    password_hash = hash_password(password)
    with database.begin() as tx:
        user = store.find_user(tx, name=name)
        if user is None:
            raise UserNotFound(name)
        store.update_user(tx, user.id, password_hash=password_hash)
        publish(
            tx,
            type="visionloop.user.password_changed",
            project="*",
            subject=f"user/{name}",
            actor=actor,
        )


def grant_roles(
    database: Database, actor: Actor, *, name: str, project: str, roles: Sequence[tuple[str, Role]]
) -> User:
    """Make (workspace, role) pairs the only roles of a user in a project.

    Raises:
        UserNotFound: No such user.
    """
    require(actor, Permission.ADMINISTER, project)
    with database.begin() as tx:
        user = store.find_user(tx, name=name)
        if user is None:
            raise UserNotFound(name)
        before = [grant for grant in user.grants if grant[0] == project]
        after = sorted({(project, workspace, role) for workspace, role in roles})
        if sorted(before) != after:
            store.replace_grants(tx, user.id, project, roles)
            publish(
                tx,
                type="visionloop.user.roles_granted",
                project=project,
                subject=f"user/{name}",
                actor=actor,
                data={"roles": [f"{workspace}:{role}" for workspace, role in roles]},
            )
        changed = store.find_user(tx, name=name)
    assert changed is not None
    return changed


def list_users(database: Database, actor: Actor, project: str | None = None) -> list[User]:
    """Return the members of a project; all users for an administrator."""
    if project is None:
        require_admin(actor)
    else:
        require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_users(tx, project)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password.

    Raises:
        WeakPassword: It is too short.
    """
    if len(password) < _MINIMUM_PASSWORD_LENGTH:
        raise WeakPassword
    return _HASHER.hash(password)


def is_password(password_hash: str, password: str) -> bool:
    """Tell whether a password matches its Argon2id hash."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
