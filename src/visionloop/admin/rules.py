"""Pure decisions of administration: what a role may do, what a good name and password are."""

from __future__ import annotations

import re

from visionloop.admin.entities import Actor, Permission, Role

_R = Permission.READ

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DATA_ENGINEER: frozenset({_R, Permission.MANAGE_DATA}),
    Role.LABELER: frozenset({_R, Permission.LABEL}),
    Role.REVIEWER: frozenset({_R, Permission.LABEL, Permission.REVIEW}),
    Role.DATA_SCIENTIST: frozenset(
        {_R, Permission.MANAGE_DATA, Permission.LABEL, Permission.TRAIN, Permission.REGISTER_MODEL}
        | {Permission.REVIEW, Permission.REQUEST_PROMOTION}
    ),
    Role.ML_ENGINEER: frozenset(
        {_R, Permission.TRAIN, Permission.REGISTER_MODEL, Permission.REQUEST_PROMOTION}
        | {Permission.DEPLOY}
    ),
    Role.APPROVER: frozenset({_R, Permission.APPROVE_PROMOTION}),
    Role.INFRA: frozenset({_R, Permission.OPERATE, Permission.DEPLOY}),
    Role.VIEWER: frozenset({_R}),
    Role.ADMIN: frozenset(Permission),
    Role.SERVICE: frozenset({_R}),
}

# Reading is not split by workspace: who may read one workspace of a project may read the project.
_PROJECT_WIDE = frozenset({Permission.READ})

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


def is_allowed(actor: Actor, permission: Permission, project: str, workspace: str) -> bool:
    """Decide whether an actor holds a permission in a workspace of a project."""
    if actor.is_admin:
        return True
    return any(
        permission in ROLE_PERMISSIONS[role]
        and granted_project == project
        and (granted_workspace == workspace or permission in _PROJECT_WIDE)
        for granted_project, granted_workspace, role in actor.grants
    )


def is_good_name(name: str) -> bool:
    """Names are 2 to 63 lower-case letters, digits and hyphens, so they fit URLs and DNS."""
    return _NAME.fullmatch(name) is not None
