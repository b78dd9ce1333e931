"""Set up labeling projects and read them."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin import store as admin_store
from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.admin.rules import is_allowed
from visionloop.admin.sessions import actor_of
from visionloop.labeling.errors import AssigneeUnfit
from visionloop.labeling.projects import rules, store
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import LabelingProjectNotFound
from visionloop.storage.database import Database, Transaction


def save_labeling_project(
    database: Database, actor: Actor, wanted: LabelingProject
) -> LabelingProject:
    """Create a labeling project, or change its settings; tasks that exist keep their own.

    Raises:
        QueueNameBad, FilterInvalid, LabelingProjectInvalid: A setting does not fit.
        AssigneeUnfit: A member may not label in the project.
    """
    require(actor, Permission.MANAGE_DATA, wanted.project)
    rules.check_labeling_project(wanted, get_project(database, wanted.project).classes)
    with database.begin() as tx:
        before = store.find_labeling_project(tx, wanted.project, wanted.name)
        if before is not None:
            wanted = replace(wanted, created_by=before.created_by, created_at=before.created_at)
        if before == wanted:
            return before
        for member in wanted.members:
            check_may_label(tx, wanted.project, member)
        store.upsert_labeling_project(tx, wanted)
        publish(
            tx,
            type="visionloop.labeling_project." + ("created" if before is None else "changed"),
            project=wanted.project,
            subject=f"labeling_project/{wanted.name}",
            actor=actor,
            data={
                "name": wanted.name,
                "members": list(wanted.members),
                "num_annotators": wanted.num_annotators,
                "gold_share": wanted.gold_share,
            },
        )
    return wanted


def get_labeling_project(
    database: Database, actor: Actor, project: str, name: str
) -> LabelingProject:
    """Return a labeling project by name.

    Raises:
        LabelingProjectNotFound: There is none.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        found = store.find_labeling_project(tx, project, name)
    if found is None:
        raise LabelingProjectNotFound(project, name)
    return found


def list_labeling_projects(database: Database, actor: Actor, project: str) -> list[LabelingProject]:
    """Return the labeling projects of a project by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_labeling_projects(tx, project)


def check_may_label(tx: Transaction, project: str, person: str) -> None:
    """Refuse a person who has no right to label.

    Raises:
        AssigneeUnfit: No such user, or without the role.
    """
    user = admin_store.find_user(tx, name=person)
    if user is None or not is_allowed(actor_of(user), Permission.LABEL, project, "dev"):
        raise AssigneeUnfit(person, project)
