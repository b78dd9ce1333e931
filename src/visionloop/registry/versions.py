"""Register a trained model as a signed package, and find versions again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visionloop import __version__
from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.data import versions as dataset_versions
from visionloop.data.store import versions as dataset_store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import canonical_json, write_atomically
from visionloop.kernel.ids import new_id
from visionloop.registry import packages, rules
from visionloop.registry.entities import (
    DatasetReference,
    ModelPackage,
    ModelVersion,
    PackageFacts,
    ParityEvidence,
    RegisteredModel,
    VerifiedPackage,
    VersionComparison,
)
from visionloop.registry.errors import (
    DigestTaken,
    ModelNotFound,
    ModelVersionNotFound,
    PackageMissing,
    VersionUnsigned,
)
from visionloop.registry.model_card import render_model_card
from visionloop.registry.parity import check_parity
from visionloop.registry.signing import load_public_key, sign_digest
from visionloop.registry.store import catalog as catalog_store
from visionloop.registry.store import versions as store
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.jobs import finished_run


@dataclass(frozen=True)
class Registration:
    """What to register, and how to call it.

    Attributes:
        name: of the model; a new one starts with version 1.
        folder: what a training left: see ``packages.REQUIRED_FILES``.
    """

    name: str
    folder: Path
    run_id: str | None = None
    evaluation_id: str | None = None
    dataset: DatasetReference | None = None
    notes: str = ""


def register_run(
    database: Database,
    home: Home,
    actor: Actor,
    project: str,
    *,
    name: str,
    run_id: str,
    notes: str = "",
) -> ModelVersion:
    """Register the model that a finished run left.

    Raises:
        RunNotFound, RunUnfinished: No finished run of the project.
        ModelNameBad, PackageIncomplete, PackageUnsafe, GraphUnfit, ParityFailed: see
            ``register_version``.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    run = finished_run(database, actor, project, run_id)
    dataset = None
    if run.dataset_version_id is not None:
        used = dataset_versions.get_version(database, actor, project, run.dataset_version_id)
        dataset = DatasetReference(used.id, used.name, used.version, used.digest)
    registration = Registration(
        name=name,
        folder=Path(str(run.package_dir)),
        run_id=run.id,
        evaluation_id=run.evaluation_id,
        dataset=dataset,
        notes=notes,
    )
    return register_version(database, home, actor, project, registration=registration)


def register_version(
    database: Database, home: Home, actor: Actor, project: str, *, registration: Registration
) -> ModelVersion:
    """Pack, check, sign and record a model; the same content again returns the same version.

    Raises:
        ModelNameBad: The name does not fit.
        PackageIncomplete, PackageUnsafe: The folder lacks files, or holds some that may not be in.
        GraphUnfit: The graph does not load or does not fit its labels.
        ParityFailed: The graph does not give what the checkpoint gave.
        DigestTaken: The same package has another name in this project.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    rules.check_model_name(registration.name)
    task = get_project(database, project).task.value
    staging = home.packages_dir / f".{new_id('staging')}"
    staging.mkdir()
    try:
        packages.collect_files(registration.folder, staging)
        parity = check_parity(staging, packages.read_labels(staging))
        package = _build(staging, task, registration, parity)
        with database.read() as tx:
            known = store.find_by_digest(tx, project, package.digest)
        if known is not None and (home.packages_dir / known.digest).is_dir():
            return _same_name(known, registration.name)
        seal = sign_digest(home, package.digest)
        write_atomically(staging / packages.SIGNATURE_FILE, canonical_json(seal))
        size_bytes = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
        packages.move_into_place(staging, home.packages_dir / package.digest)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    draft = ModelVersion(
        id=new_id("model"),
        project=project,
        model=registration.name,
        version=0,
        digest=package.digest,
        task=task,
        labels=package.labels,
        run_id=registration.run_id,
        evaluation_id=registration.evaluation_id,
        dataset=registration.dataset,
        metrics=package.metrics,
        parity=parity,
        size_bytes=size_bytes,
        num_files=len(package.files),
        key_id=str(seal["key_id"]),
        notes=registration.notes,
        created_by=actor.name,
        created_at=utc_now(),
    )
    return _record(database, actor, draft)


def list_models(database: Database, actor: Actor, project: str) -> list[RegisteredModel]:
    """Return the models of a project by name, with their aliases."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_models(tx, project)


def get_model(database: Database, actor: Actor, project: str, model: str) -> RegisteredModel:
    """Return one model.

    Raises:
        ModelNotFound: The project has none of this name.
    """
    require(actor, Permission.READ, project)
    with database.read() as tx:
        found = store.find_model(tx, project, model)
    if found is None:
        raise ModelNotFound(project, model)
    return found


def describe_model(
    database: Database, actor: Actor, project: str, model: str, *, description: str
) -> RegisteredModel:
    """Say what a model is for.

    Raises:
        ModelNotFound: The project has none of this name.
    """
    require(actor, Permission.REGISTER_MODEL, project)
    get_model(database, actor, project, model)
    with database.begin() as tx:
        store.update_description(tx, project, model, description)
        publish(
            tx,
            type="visionloop.model.described",
            project=project,
            subject=f"model/{model}",
            actor=actor,
            data={"description": description},
        )
    return get_model(database, actor, project, model)


def list_versions(
    database: Database, actor: Actor, project: str, *, model: str | None = None
) -> list[ModelVersion]:
    """Return versions, newest first; of every model with None.

    Raises:
        ModelNotFound: The project has none of this name.
    """
    require(actor, Permission.READ, project)
    if model is not None:
        get_model(database, actor, project, model)
    with database.read() as tx:
        return store.list_versions(tx, project, model)


def get_version(
    database: Database, actor: Actor, project: str, model: str, version: int | str
) -> ModelVersion:
    """Return a version by number, alias or "latest".

    Raises:
        ModelNotFound: The project has no such model.
        ModelVersionNotFound: The model has no such version.
        VersionUnsigned: It is no package.
    """
    found = get_model(database, actor, project, model)
    number = rules.choose_version(found, version)
    with database.read() as tx:
        chosen = store.find_version(tx, project, model, number)
        external = catalog_store.find_external(tx, project, model, number)
    if external is not None:
        raise VersionUnsigned(model, number)
    if chosen is None:
        raise ModelVersionNotFound(project, model, version)
    return chosen


def find_by_digest(
    database: Database, actor: Actor, project: str, digest: str
) -> ModelVersion | None:
    """Return the version that a package is registered as, None when it is not."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.find_by_digest(tx, project, digest)


def compare_versions(
    database: Database, actor: Actor, project: str, *, model: str, versions: Sequence[int | str]
) -> VersionComparison:
    """Put versions of a model side by side.

    Raises:
        ModelNotFound, ModelVersionNotFound: One of them does not exist.
    """
    return rules.compare_versions(
        [
            get_version(database, actor, project, model=model, version=version)
            for version in versions
        ]
    )


def open_package(home: Home, version: ModelVersion) -> ModelPackage:
    """Return the manifest of a version's package.

    Raises:
        PackageMissing: Its folder is not on this machine.
        PackageDamaged: Its manifest cannot be read.
    """
    folder = home.packages_dir / version.digest
    if not folder.is_dir():
        raise PackageMissing(version.digest)
    return packages.load_package(folder)


def verify_version(
    database: Database, home: Home, actor: Actor, project: str, *, model: str, version: int | str
) -> VerifiedPackage:
    """Read every byte of a registered package and check its signature.

    Raises:
        ModelNotFound, ModelVersionNotFound: It does not exist.
        PackageMissing, PackageDamaged: It cannot be read at all.
    """
    found = get_version(database, actor, project, model=model, version=version)
    open_package(home, found)
    folder = home.packages_dir / found.digest
    verified = packages.verify_package(folder, load_public_key(home))
    if verified.digest != found.digest:
        problem = f"its manifest has digest {verified.digest[:12]}, not {found.digest[:12]}"
        verified = replace(verified, problems=(*verified.problems, problem))
    return verified


def read_model_card(home: Home, version: ModelVersion) -> str:
    """Return the card of a version as Markdown.

    Raises:
        PackageMissing, PackageDamaged: It cannot be read.
    """
    return (open_package(home, version).folder / packages.CARD_FILE).read_text(encoding="utf-8")


def _build(
    folder: Path, task: str, registration: Registration, parity: ParityEvidence
) -> ModelPackage:
    evaluation = _read_json(folder / "evaluation.json")
    facts = PackageFacts(
        name=registration.name,
        task=task,
        run_id=registration.run_id,
        dataset=registration.dataset,
        code_version=__version__,
        metrics={name: float(value) for name, value in evaluation.get("metrics", {}).items()},
    )
    card = render_model_card(
        facts,
        parity,
        preprocessing=_read_json(folder / "preprocessing.json"),
        evaluation=evaluation,
        training=_read_json(folder / "training.json"),
    )
    return packages.build_package(folder, facts, parity, card=card)


def _record(database: Database, actor: Actor, draft: ModelVersion) -> ModelVersion:
    with database.begin() as tx:
        store.ensure_model(
            tx,
            draft.project,
            draft.model,
            created_by=draft.created_by,
            created_at=draft.created_at,
        )
        if known := store.find_by_digest(tx, draft.project, draft.digest):
            return _same_name(known, draft.model)
        version = replace(draft, version=store.next_version(tx, draft.project, draft.model))
        store.insert_version(tx, version)
        if version.dataset is not None:
            dataset_store.insert_use(tx, version.dataset.id, "model_version", version.reference)
        publish(
            tx,
            type="visionloop.model_version.registered",
            project=version.project,
            subject=f"model/{version.model}/{version.version}",
            actor=actor,
            data={
                "model": version.model,
                "version": version.version,
                "digest": version.digest,
                "run_id": version.run_id,
                "dataset": version.dataset and version.dataset.digest,
                "metrics": dict(version.metrics),
            },
        )
    return version


def _same_name(known: ModelVersion, name: str) -> ModelVersion:
    if known.model != name:
        raise DigestTaken(known.digest, known.model)
    return known


def _read_json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
