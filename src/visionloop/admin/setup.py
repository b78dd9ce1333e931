"""``plan`` and ``apply``: make the installation what a project file says.

Nothing is ever deleted by leaving it out of the file; that takes an explicit command.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from visionloop.admin import store
from visionloop.admin.access import require, require_admin
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.ports import ResourceApplier
from visionloop.admin.projects import save_project
from visionloop.admin.spec import ProjectSpec, ResourceSpec, UserSpec
from visionloop.admin.users import create_user, grant_roles
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Invalid
from visionloop.storage.database import Database


@dataclass(frozen=True)
class Change:
    """One thing that applying a project file changes."""

    kind: str
    name: str
    action: str
    summary: str


@dataclass(frozen=True)
class Applied:
    """What applying a project file changed.

    Attributes:
        project: Name of the project.
        changes: In the order they were made.
        passwords: First passwords of users that were created, by name; shown this once.
    """

    project: str
    changes: tuple[Change, ...]
    passwords: dict[str, str] = field(default_factory=dict)


def plan(
    database: Database, actor: Actor, spec: ProjectSpec, *, appliers: Sequence[ResourceApplier]
) -> list[Change]:
    """Return what :func:`apply` would change, without changing anything."""
    _authorise(database, actor, spec)
    changes: list[Change] = []
    with database.read() as tx:
        before = store.find_project(tx, spec.project)
        users = {user.name: user for user in store.list_users(tx)}
    if before is None:
        classes = ", ".join(category.name for category in spec.categories)
        changes.append(Change("project", spec.project, "create", f"{spec.task}: {classes}"))
    elif _project(spec, before) != before:
        changes.append(Change("project", spec.project, "change", "label schema or settings"))
    for user in spec.users:
        wanted = sorted((spec.project, workspace, role) for workspace, role in user.roles)
        known = users.get(user.name)
        summary = ", ".join(f"{workspace}: {role}" for _, workspace, role in wanted)
        if known is None:
            changes.append(Change("user", user.name, "create", summary))
        elif sorted(g for g in known.grants if g[0] == spec.project) != wanted:
            changes.append(Change("user", user.name, "change", summary))
    for resource, action in _resource_changes(spec, appliers):
        changes.append(Change(resource.kind, resource.name, action, _summary(resource)))
    return changes


def apply(
    database: Database, actor: Actor, spec: ProjectSpec, *, appliers: Sequence[ResourceApplier]
) -> Applied:
    """Make the installation what the project file says; doing it twice changes nothing more.

    Raises:
        PermissionDenied: Creating projects and users takes an administrator.
        LabelSchemaInUse: A class would vanish or move.
    """
    changes = plan(database, actor, spec, appliers=appliers)
    with database.read() as tx:
        before = store.find_project(tx, spec.project)
        known = {user.name for user in store.list_users(tx)}
    save_project(database, actor, _project(spec, before))
    passwords = {
        user.name: _create_user(database, actor, user)
        for user in spec.users
        if user.name not in known
    }
    for user in spec.users:
        grant_roles(database, actor, name=user.name, project=spec.project, roles=user.roles)
    by_kind = {applier.kind: applier for applier in appliers}
    for resource, _ in _resource_changes(spec, appliers):
        by_kind[resource.kind].apply(actor, spec.project, resource)
    return Applied(spec.project, tuple(changes), passwords)


def _authorise(database: Database, actor: Actor, spec: ProjectSpec) -> None:
    with database.read() as tx:
        exists = store.find_project(tx, spec.project) is not None
    if exists:
        require(actor, Permission.ADMINISTER, spec.project)
    else:
        require_admin(actor)


def _project(spec: ProjectSpec, before: Project | None) -> Project:
    return Project(
        name=spec.project,
        task=spec.task,
        description=spec.description,
        categories=spec.categories,
        workspaces=spec.workspaces,
        settings=dict(spec.settings),
        created_at=before.created_at if before else utc_now(),
    )


def _create_user(database: Database, actor: Actor, user: UserSpec) -> str:
    password = secrets.token_urlsafe(9)
    create_user(database, actor, name=user.name, password=password, email=user.email)
    return password


def _resource_changes(
    spec: ProjectSpec, appliers: Sequence[ResourceApplier]
) -> list[tuple[ResourceSpec, str]]:
    by_kind = {applier.kind: applier for applier in appliers}
    changes = []
    for resource in spec.resources:
        if resource.kind not in by_kind:
            raise Invalid(f"Nothing here can set up a {resource.kind}.", kind=resource.kind)
        applier = by_kind[resource.kind]
        current = applier.current(spec.project).get(resource.name)
        wanted = applier.normalise(resource.values)
        if current is None:
            changes.append((resource, "create"))
        elif any(current.get(key) != value for key, value in wanted.items()):
            changes.append((resource, "change"))
    # Monitors name endpoints, so the order of kinds in the file format is the order to apply.
    order = {"datastore": 0, "endpoint": 1, "monitor": 2}
    return sorted(changes, key=lambda change: order.get(change[0].kind, 9))


def _summary(resource: ResourceSpec) -> str:
    return ", ".join(f"{key}: {value}" for key, value in resource.values.items())
