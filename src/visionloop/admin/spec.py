"""``visionloop.yaml``: one file that describes a project from label schema to monitors.

Reading it is pure: text in, a checked description or a list of every mistake out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from visionloop.admin.entities import Category, Role, TaskType
from visionloop.admin.errors import InvalidSpec
from visionloop.admin.projects import color_of, hotkey_of
from visionloop.admin.rules import is_good_name

DEFAULT_WORKSPACES = ("dev", "staging", "prod")
_KEYS = {
    "project", "task", "description", "labels", "workspaces", "users", "datastores", "endpoints",
    "monitors", "settings",
}  # fmt: skip


@dataclass(frozen=True)
class UserSpec:
    """A user and the roles in this project."""

    name: str
    roles: tuple[tuple[str, Role], ...]
    email: str | None = None


@dataclass(frozen=True)
class ResourceSpec:
    """Something that a domain above administration owns: datastore, endpoint, monitor."""

    kind: str
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ProjectSpec:
    """A project file that was read without mistakes."""

    project: str
    task: TaskType
    description: str
    categories: tuple[Category, ...]
    workspaces: tuple[str, ...]
    users: tuple[UserSpec, ...]
    resources: tuple[ResourceSpec, ...]
    settings: Mapping[str, Any]


def read_spec(text: str) -> ProjectSpec:
    """Read a project file.

    Args:
        text: Content of ``visionloop.yaml``.

    Raises:
        InvalidSpec: With every mistake that was found, not only the first.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidSpec([f"It is no YAML: {error}."]) from error
    if not isinstance(document, dict):
        raise InvalidSpec(["It must be a mapping that begins with 'project: NAME'."])
    problems = [
        f"Unknown key '{key}'; known are {', '.join(sorted(_KEYS))}."
        for key in document
        if key not in _KEYS
    ]
    workspaces = tuple(document.get("workspaces") or DEFAULT_WORKSPACES)
    spec = ProjectSpec(
        project=_name(document.get("project"), "project", problems),
        task=_task(document.get("task"), problems),
        description=str(document.get("description") or ""),
        categories=_categories(document.get("labels"), problems),
        workspaces=workspaces,
        users=tuple(_users(document.get("users") or [], workspaces, problems)),
        resources=tuple(_resources(document, problems)),
        settings=dict(document.get("settings") or {}),
    )
    if problems:
        raise InvalidSpec(problems)
    return spec


def _name(value: Any, kind: str, problems: list[str]) -> str:
    if not isinstance(value, str) or not is_good_name(value):
        problems.append(
            f"'{value}' cannot name a {kind}: use 2 to 63 lower-case letters, digits and hyphens."
        )
    return str(value)


def _task(value: Any, problems: list[str]) -> TaskType:
    try:
        return TaskType(value)
    except ValueError:
        found = "is missing" if value is None else f"is '{value}'"
        problems.append(f"'task' {found}; choose {', '.join(TaskType)}.")
        return TaskType.CLASSIFICATION


def _categories(value: Any, problems: list[str]) -> tuple[Category, ...]:
    if not isinstance(value, list) or not value:
        problems.append("'labels' must list at least one class.")
        return ()
    categories: list[Category] = []
    for i, item in enumerate(value):
        entry = item if isinstance(item, dict) else {"name": item}
        name = str(entry.get("name", "")).strip()
        if not name:
            problems.append(f"Label {i + 1} has no name.")
        if name in {category.name for category in categories}:
            problems.append(f"The label '{name}' is listed twice.")
        hotkey = entry.get("hotkey", hotkey_of(i))
        categories.append(
            Category(name, str(entry.get("color") or color_of(i)), hotkey and str(hotkey))
        )
    return tuple(categories)


def _users(value: Any, workspaces: tuple[str, ...], problems: list[str]) -> list[UserSpec]:
    users = []
    for entry in value:
        if not isinstance(entry, dict):
            problems.append(f"The user '{entry}' must be a mapping with 'name' and 'roles'.")
            continue
        name = _name(entry.get("name"), "user", problems)
        roles = _roles(name, entry.get("roles") or {}, workspaces, problems)
        users.append(UserSpec(name=name, roles=tuple(roles), email=entry.get("email")))
    return users


def _roles(
    user: str, value: Any, workspaces: tuple[str, ...], problems: list[str]
) -> list[tuple[str, Role]]:
    """Read ``{dev: [labeler], prod: [viewer]}``, or a list of roles for every workspace."""
    by_workspace = dict.fromkeys(workspaces, value) if isinstance(value, list) else value
    roles: list[tuple[str, Role]] = []
    for workspace, names in dict(by_workspace).items():
        if workspace not in workspaces:
            problems.append(f"User '{user}' has roles in '{workspace}', which is no workspace.")
        for name in names if isinstance(names, list) else [names]:
            try:
                roles.append((workspace, Role(name)))
            except ValueError:
                problems.append(f"'{name}' of user '{user}' is no role; choose {', '.join(Role)}.")
    return roles


def _resources(document: Mapping[str, Any], problems: list[str]) -> list[ResourceSpec]:
    resources: list[ResourceSpec] = []
    for key in ("datastores", "endpoints", "monitors"):
        kind = key.removesuffix("s")
        for entry in document.get(key) or []:
            if not isinstance(entry, dict):
                problems.append(f"Each of '{key}' must be a mapping with 'name'.")
                continue
            name = _name(entry.get("name"), kind, problems)
            if any(other.kind == kind and other.name == name for other in resources):
                problems.append(f"The {kind} '{name}' is listed twice.")
            values = {k: v for k, v in entry.items() if k != "name"}
            resources.append(ResourceSpec(kind=kind, name=name, values=values))
    return resources
