"""The one check that every use case makes first."""

from __future__ import annotations

from visionloop.admin.entities import Actor, Permission, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.rules import is_allowed


def require(actor: Actor, permission: Permission, project: str, workspace: str = "dev") -> None:
    """Refuse unless the actor holds ``permission`` in ``workspace`` of ``project``.

    Raises:
        PermissionDenied: No granted role carries the permission there.
    """
    if not is_allowed(actor, permission, project, workspace):
        raise PermissionDenied(actor.name, permission, project, workspace)


def require_admin(actor: Actor) -> None:
    """Refuse unless the actor administers the whole installation.

    Raises:
        PermissionDenied: The actor is no administrator.
    """
    if not actor.is_admin:
        raise PermissionDenied(actor.name, Permission.ADMINISTER, "*", "*")


def require_operator(actor: Actor) -> None:
    """Refuse unless the actor runs infrastructure somewhere, or is a service account.

    Raises:
        PermissionDenied: The actor is neither, nor an administrator.
    """
    operators = (Role.INFRA, Role.SERVICE, Role.ADMIN)
    if not actor.is_admin and not any(role in operators for _, _, role in actor.grants):
        raise PermissionDenied(actor.name, Permission.OPERATE, "*", "*")
