"""Embedding spaces: begin one, look at them, delete one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.errors import BadName
from visionloop.admin.events import publish
from visionloop.admin.rules import is_good_name
from visionloop.data.embeddings import store
from visionloop.data.embeddings.entities import EmbeddingSpace
from visionloop.data.embeddings.errors import SpaceNotFound, SpaceTaken
from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, Transaction


@dataclass(frozen=True)
class EmbeddingModel:
    """The model that a space belongs to; see ``EmbeddingSpace`` for the fields."""

    kind: Literal["model", "checkpoint"]
    name: str
    digest: str = ""


def open_space(
    database: Database, actor: Actor, project: str, name: str, model: EmbeddingModel
) -> EmbeddingSpace:
    """Return the space of this name and model, begun when there is none.

    Raises:
        BadName: the name cannot be one.
        SpaceTaken: it stands for another model.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if not is_good_name(name):
        raise BadName("embedding space", name)
    with database.begin() as tx:
        found = store.find_space(tx, project, name)
        if found is not None:
            if (found.kind, found.model, found.digest) != (model.kind, model.name, model.digest):
                raise SpaceTaken(name, found.model)
            return found
        space = EmbeddingSpace(
            project=project,
            name=name,
            kind=model.kind,
            model=model.name,
            digest=model.digest,
            dimension=0,
            num_images=0,
            index=None,
            index_images=0,
            created_by=actor.name,
            created_at=utc_now(),
        )
        store.insert_space(tx, space)
        publish(
            tx,
            type="visionloop.embeddings.begun",
            project=project,
            subject=f"embeddings/{name}",
            actor=actor,
            data={"model": model.name, "kind": model.kind},
        )
    return space


def list_spaces(database: Database, actor: Actor, project: str) -> list[EmbeddingSpace]:
    """Return the embedding spaces of a project by name."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_spaces(tx, project)


def get_space(database: Database, actor: Actor, project: str, name: str) -> EmbeddingSpace:
    """Return an embedding space.

    Raises:
        SpaceNotFound: there is none of this name.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return find_space(tx, project, name)


def find_space(tx: Transaction, project: str, name: str) -> EmbeddingSpace:
    """Return an embedding space inside the caller's transaction and authorisation.

    Raises:
        SpaceNotFound: there is none of this name.
    """
    found = store.find_space(tx, project, name)
    if found is None:
        known = [space.name for space in store.list_spaces(tx, project)]
        raise SpaceNotFound(project, name, known)
    return found


def delete_space(database: Database, actor: Actor, project: str, name: str) -> None:
    """Delete a space; the images stay.

    Raises:
        SpaceNotFound: there is none of this name.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        find_space(tx, project, name)
        store.delete_space(tx, project, name)
        publish(
            tx,
            type="visionloop.embeddings.deleted",
            project=project,
            subject=f"embeddings/{name}",
            actor=actor,
        )
