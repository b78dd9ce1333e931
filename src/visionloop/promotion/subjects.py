"""What a promotion asks of the registry, and what it tells it."""

from __future__ import annotations

from visionloop.admin.entities import SYSTEM
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import Champion, Pipeline
from visionloop.promotion.ports import GateContext
from visionloop.promotion.rules import deployment_name
from visionloop.registry import aliases, versions
from visionloop.registry.entities import CHAMPION, VerifiedPackage
from visionloop.storage.database import Database
from visionloop.storage.home import Home


def find_digest(database: Database, project: str, model: str, version: int) -> str:
    """Return the digest of a registered version.

    Raises:
        ModelNotFound, ModelVersionNotFound: There is no such version.
    """
    found = versions.get_version(database, SYSTEM, project, model=model, version=version)
    return found.digest


def find_registered(database: Database, project: str, digest: str) -> Champion | None:
    """Return what a deployed package is registered as, None when it is not."""
    found = versions.find_by_digest(database, SYSTEM, project, digest)
    return Champion(found.model, found.version, digest) if found else None


def find_champion(database: Database, project: str, model: str) -> Champion | None:
    """Return the version under the alias ``champion``, None at first."""
    found = aliases.find_alias(database, SYSTEM, project, model=model, alias=CHAMPION)
    return Champion(model, found.version, found.digest) if found else None


def set_champion(database: Database, project: str, champion: Champion) -> None:
    """Point the alias ``champion`` to a version; doing it twice is doing it once."""
    aliases.set_alias(
        database,
        SYSTEM,
        project,
        model=champion.model,
        alias=CHAMPION,
        version=champion.version,
    )


def verify_package(
    database: Database, home: Home, project: str, model: str, version: int
) -> VerifiedPackage:
    """Read every byte of the package again and check its signature.

    Raises:
        PackageMissing, PackageDamaged: It cannot be read at all.
    """
    return versions.verify_version(database, home, SYSTEM, project, model=model, version=version)


def describe_candidate(context: PromotionContext, pipeline: Pipeline, gate: str) -> GateContext:
    """Collect what a gate may look at."""
    return GateContext(
        database=context.database,
        blobs=context.blobs,
        home=context.home,
        project=pipeline.project,
        model=pipeline.model,
        version=pipeline.version,
        digest=pipeline.digest,
        package_dir=context.home.packages_dir / pipeline.digest,
        endpoint=str(pipeline.policy.staging_endpoint),
        deployment=deployment_name(pipeline),
        champion=find_champion(context.database, pipeline.project, pipeline.model),
        settings=pipeline.policy.gate_settings.get(gate, {}),
    )
