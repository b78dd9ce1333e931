"""Projects: one task, one label schema, three workspaces."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.admin import store
from visionloop.admin.access import require, require_admin
from visionloop.admin.entities import Actor, Category, Permission, Project
from visionloop.admin.errors import BadName, LabelSchemaInUse, ProjectNotFound
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.storage.database import Database


def get_project(database: Database, name: str) -> Project:
    """Return a project by name.

    Raises:
        ProjectNotFound: No project has this name.
    """
    with database.read() as tx:
        project = store.find_project(tx, name)
    if project is None:
        raise ProjectNotFound(name)
    return project


def read_project(database: Database, actor: Actor, name: str) -> Project:
    """Return a project that the actor may read."""
    require(actor, Permission.READ, name)
    return get_project(database, name)


def list_projects(database: Database, actor: Actor) -> list[Project]:
    """Return the projects that the actor may read."""
    with database.read() as tx:
        projects = store.list_projects(tx)
    if actor.is_admin:
        return projects
    own = {project for project, _, _ in actor.grants}
    return [project for project in projects if project.name in own]


def save_project(database: Database, actor: Actor, project: Project) -> Project:
    """Create a project, or change its description, settings and label schema.

    Classes can be recoloured, get other keys, and be added at the end; they cannot be removed or
    reordered, because labels name them and models index them.

    Raises:
        BadName: The name does not fit.
        LabelSchemaInUse: A class would vanish or move.
    """
    if not is_good_name(project.name):
        raise BadName("project", project.name)
    with database.begin() as tx:
        before = store.find_project(tx, project.name)
        if before is None:
            require_admin(actor)
        else:
            require(actor, Permission.ADMINISTER, project.name)
            _check_schema(before, project)
        if before is not None and _same(before, project):
            return before
        store.upsert_project(tx, project)
        publish(
            tx,
            type="visionloop.project.created" if before is None else "visionloop.project.changed",
            project=project.name,
            subject=f"project/{project.name}",
            actor=actor,
            data={"task": project.task.value, "classes": list(project.classes)},
        )
    return project


def add_categories(
    database: Database, actor: Actor, project: Project, names: Sequence[str]
) -> Project:
    """Add classes at the end of the label schema; names already there are left alone."""
    new = [name for name in dict.fromkeys(names) if name not in project.classes]
    taken = len(project.categories)
    added = tuple(
        Category(name, color_of(taken + i), hotkey_of(taken + i)) for i, name in enumerate(new)
    )
    changed = Project(**{**vars(project), "categories": project.categories + added})
    return save_project(database, actor, changed)


# Twelve hues of equal lightness, told apart by people with colour-vision deficiency as well as
# twelve can be; taken in this order so that neighbours differ most.
_COLORS = (
    "#4c6ef5", "#f76707", "#12b886", "#e64980", "#fab005", "#15aabf",
    "#be4bdb", "#82c91e", "#fa5252", "#7950f2", "#868e96", "#a9673f",
)  # fmt: skip


def color_of(index: int) -> str:
    """Return the default colour of the class with this index."""
    return _COLORS[index % len(_COLORS)]


def hotkey_of(index: int) -> str | None:
    """Return the default key of the class with this index: 1 to 9, then 0, then none."""
    return str((index + 1) % 10) if index < 10 else None


def _check_schema(before: Project, after: Project) -> None:
    kept = after.classes[: len(before.classes)]
    if kept != before.classes:
        moved = [
            name
            for i, name in enumerate(before.classes)
            if i >= len(after.classes) or after.classes[i] != name
        ]
        raise LabelSchemaInUse(before.name, moved)


def _same(before: Project, after: Project) -> bool:
    return Project(**{**vars(after), "created_at": before.created_at}) == before
