"""Aliases: names that move from version to version, such as the champion."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.registry import rules
from visionloop.registry.catalog import get_entry
from visionloop.registry.entities import CHALLENGER, CHAMPION, ModelVersion
from visionloop.registry.errors import AliasNotFound, VersionUnsigned
from visionloop.registry.store import versions as store
from visionloop.registry.versions import get_model, get_version
from visionloop.storage.database import Database


def set_alias(
    database: Database, actor: Actor, project: str, *, model: str, alias: str, version: int | str
) -> ModelVersion:
    """Point an alias to a version; doing it twice is doing it once.

    Raises:
        AliasBad: The alias does not fit.
        ModelNotFound, ModelVersionNotFound: There is no such version.
        PermissionDenied: The champion is named by promotions, or an administrator.
    """
    permission, workspace = rules.alias_right(alias)
    require(actor, permission, project, workspace)
    rules.check_alias(alias)
    chosen = get_version(database, actor, project, model=model, version=version)
    point_alias(database, actor, project, model=model, alias=alias, version=chosen.version)
    return get_version(database, actor, project, model=model, version=chosen.version)


def point_alias(
    database: Database, actor: Actor, project: str, *, model: str, alias: str, version: int
) -> None:
    """Point an alias to a version by number, signed or not; the champion is always signed.

    Raises:
        AliasBad: The alias does not fit.
        ModelNotFound, ModelVersionNotFound: There is no such version.
        VersionUnsigned: The champion would be no package.
        PermissionDenied: The champion is named by promotions, or an administrator.
    """
    permission, workspace = rules.alias_right(alias)
    require(actor, permission, project, workspace)
    rules.check_alias(alias)
    entry = get_entry(database, actor, project, model=model, version=version)
    if alias in (CHAMPION, CHALLENGER) and not entry.is_signed:
        raise VersionUnsigned(model, version)
    with database.begin() as tx:
        before = store.find_alias(tx, project, model, alias)
        if before == version:
            return
        store.set_alias(tx, (project, model, alias), version, set_by=actor.name, set_at=utc_now())
        publish(
            tx,
            type="visionloop.model_alias.set",
            project=project,
            subject=f"model/{model}/{version}",
            actor=actor,
            data={"alias": alias, "version": version, "previous": before},
        )


def delete_alias(database: Database, actor: Actor, project: str, *, model: str, alias: str) -> None:
    """Take an alias away.

    Raises:
        ModelNotFound, AliasNotFound: It does not exist.
        PermissionDenied: The champion is named by promotions, or an administrator.
    """
    permission, workspace = rules.alias_right(alias)
    require(actor, permission, project, workspace)
    get_model(database, actor, project, model)
    with database.begin() as tx:
        before = store.find_alias(tx, project, model, alias)
        if before is None or not store.delete_alias(tx, project, model, alias):
            raise AliasNotFound(model, alias)
        publish(
            tx,
            type="visionloop.model_alias.deleted",
            project=project,
            subject=f"model/{model}/{before}",
            actor=actor,
            data={"alias": alias, "version": before},
        )


def find_alias(
    database: Database, actor: Actor, project: str, model: str, alias: str
) -> ModelVersion | None:
    """Return the version under an alias, None when nothing is there yet.

    Raises:
        ModelNotFound: The project has no such model.
    """
    require(actor, Permission.READ, project)
    aliases = get_model(database, actor, project, model).aliases
    if alias not in aliases:
        return None
    return get_version(database, actor, project, model=model, version=aliases[alias])
