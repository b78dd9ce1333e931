"""The catalogue that MLflow's clients see: every named version, signed or registered from outside.

A signed version stays what it was registered as; people may describe and tag it. A version from
outside is files under a name: it can be loaded and deleted, never promoted.
"""

from __future__ import annotations

from collections.abc import Mapping

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.registry import rules
from visionloop.registry.entities import (
    CatalogEntry,
    ExternalVersion,
    ModelVersion,
    RegisteredModel,
    VersionMark,
)
from visionloop.registry.errors import (
    ModelExists,
    ModelNotFound,
    ModelTagNotFound,
    ModelVersionNotFound,
    VersionPermanent,
)
from visionloop.registry.store import catalog as store
from visionloop.registry.store import versions as version_store
from visionloop.storage.database import Database, Transaction


def create_model(
    database: Database,
    actor: Actor,
    project: str,
    *,
    name: str,
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> RegisteredModel:
    """Reserve a name for versions to come.

    Raises:
        ModelNameBad: The name does not fit.
        ModelExists: The name is taken.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    rules.check_model_name(name)
    with database.begin() as tx:
        if version_store.find_model(tx, project, name) is not None:
            raise ModelExists(project, name)
        version_store.ensure_model(tx, project, name, created_by=actor.name, created_at=utc_now())
        version_store.update_description(tx, project, name, description)
        store.update_tags(tx, project, name, dict(tags or {}))
        publish(
            tx,
            type="visionloop.model.created",
            project=project,
            subject=f"model/{name}",
            actor=actor,
            data={"model": name},
        )
        return _find_model(tx, project, name)


def tag_model(
    database: Database, actor: Actor, project: str, *, model: str, tags: Mapping[str, str | None]
) -> RegisteredModel:
    """Set tags of a model, or take those away whose value is None.

    Raises:
        ModelNotFound, ModelTagNotFound: There is none.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    with database.begin() as tx:
        found = _find_model(tx, project, model)
        changed = _changed(f"Model {model!r}", found.tags, tags)
        store.update_tags(tx, project, model, changed)
        publish(
            tx,
            type="visionloop.model.tagged",
            project=project,
            subject=f"model/{model}",
            actor=actor,
            data={"tags": changed},
        )
        return _find_model(tx, project, model)


def delete_model(database: Database, actor: Actor, project: str, model: str) -> None:
    """Delete a model that has no signed version.

    Raises:
        ModelNotFound: The project has none of this name.
        VersionPermanent: It has signed versions.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    with database.begin() as tx:
        if _find_model(tx, project, model).num_versions:
            raise VersionPermanent(model)
        store.delete_model(tx, project, model)
        publish(
            tx,
            type="visionloop.model.deleted",
            project=project,
            subject=f"model/{model}",
            actor=actor,
            data={"model": model},
        )


def register_external(
    database: Database,
    actor: Actor,
    project: str,
    *,
    model: str,
    source: str,
    run_id: str | None = None,
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> CatalogEntry:
    """Register files that outside code logged as the next version of a model.

    Raises:
        ModelNotFound: The project has none of this name.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    now = utc_now()
    with database.begin() as tx:
        _find_model(tx, project, model)
        version_store.ensure_model(tx, project, model, created_by=actor.name, created_at=now)
        number = version_store.next_version(tx, project, model)
        store.insert_external(
            tx, ExternalVersion(project, model, number, source, run_id, actor.name, now)
        )
        key = (project, model, number)
        store.put_mark(tx, key, description=description, tags=dict(tags or {}), now=now)
        facts = {"model": model, "version": number, "source": source, "run_id": run_id}
        subject = f"model/{model}/{number}"
        publish(
            tx,
            type="visionloop.model_version.registered_external",
            project=project,
            subject=subject,
            actor=actor,
            data=facts,
        )
    return get_entry(database, actor, project, model=model, version=number)


def list_entries(
    database: Database, actor: Actor, project: str, *, model: str | None = None
) -> list[CatalogEntry]:
    """Return every version, newest first; of all models with None.

    Raises:
        ModelNotFound: The project has none of this name.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        if model is not None:
            _find_model(tx, project, model)
        entries = _entries(tx, project)
    return [entry for entry in entries if model in (None, entry.model)]


def get_entry(
    database: Database, actor: Actor, project: str, *, model: str, version: int
) -> CatalogEntry:
    """Return one version, signed or not.

    Raises:
        ModelNotFound, ModelVersionNotFound: There is none.
    """
    for entry in list_entries(database, actor, project, model=model):
        if entry.version == version:
            return entry
    raise ModelVersionNotFound(project, model, version)


def annotate_entry(
    database: Database,
    actor: Actor,
    project: str,
    *,
    model: str,
    version: int,
    description: str | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> CatalogEntry:
    """Describe a version, set its tags, or take those away whose value is None.

    Raises:
        ModelNotFound, ModelVersionNotFound, ModelTagNotFound: There is none.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    entry = get_entry(database, actor, project, model=model, version=version)
    changed = _changed(f"Version {version} of model {model!r}", entry.tags, tags or {})
    told = entry.description if description is None else description
    with database.begin() as tx:
        key = (project, model, version)
        store.put_mark(tx, key, description=told, tags=changed, now=utc_now())
        facts = {"description": told, "tags": changed}
        subject = f"model/{model}/{version}"
        publish(
            tx,
            type="visionloop.model_version.annotated",
            project=project,
            subject=subject,
            actor=actor,
            data=facts,
        )
    return get_entry(database, actor, project, model=model, version=version)


def delete_entry(
    database: Database, actor: Actor, project: str, *, model: str, version: int
) -> None:
    """Delete a version that outside code registered; the files of its run stay.

    Raises:
        ModelNotFound, ModelVersionNotFound: There is none.
        VersionPermanent: It is signed.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    if get_entry(database, actor, project, model=model, version=version).is_signed:
        raise VersionPermanent(model)
    with database.begin() as tx:
        store.delete_external(tx, (project, model, version))
        subject = f"model/{model}/{version}"
        publish(
            tx,
            type="visionloop.model_version.deleted",
            project=project,
            subject=subject,
            actor=actor,
            data={"version": version},
        )


def _entries(tx: Transaction, project: str) -> list[CatalogEntry]:
    marks, aliases = store.list_marks(tx, project), version_store.list_aliases(tx, project)
    named: list[ModelVersion | ExternalVersion] = [
        *version_store.list_versions(tx, project, None),
        *store.list_external(tx, project),
    ]
    entries = [
        _entry(
            version,
            marks.get((version.model, version.version)),
            tuple(name for name, n in aliases.get(version.model, []) if n == version.version),
        )
        for version in named
    ]
    return sorted(entries, key=lambda entry: entry.created_at, reverse=True)


def _entry(
    version: ModelVersion | ExternalVersion, mark: VersionMark | None, aliases: tuple[str, ...]
) -> CatalogEntry:
    own = version.notes if isinstance(version, ModelVersion) else ""
    described = mark is not None and mark.description is not None
    return CatalogEntry(
        model=version.model,
        version=version.version,
        source=None if isinstance(version, ModelVersion) else version.source,
        run_id=version.run_id,
        description=str(mark.description) if mark is not None and described else own,
        tags=mark.tags if mark is not None else {},
        aliases=aliases,
        created_by=version.created_by,
        created_at=version.created_at,
        changed_at=mark.changed_at if mark is not None else version.created_at,
    )


def _changed(
    owner: str, tags: Mapping[str, str], changes: Mapping[str, str | None]
) -> dict[str, str]:
    for key, value in changes.items():
        if value is None and key not in tags:
            raise ModelTagNotFound(owner, key)
    joined = {**tags, **changes}
    return {key: value for key, value in joined.items() if value is not None}


def _find_model(tx: Transaction, project: str, model: str) -> RegisteredModel:
    found = version_store.find_model(tx, project, model)
    if found is None:
        raise ModelNotFound(project, model)
    return found
