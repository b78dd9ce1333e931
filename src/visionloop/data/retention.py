"""Delete dataset versions that a policy no longer keeps, and never one that something needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import DatasetVersion
from visionloop.data.errors import VersionInUse, VersionNotFound
from visionloop.data.store import versions as store
from visionloop.data.versions import erase_version, find_version, list_reasons_to_keep
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Invalid
from visionloop.storage.blobs import BlobNotFound, BlobStore
from visionloop.storage.database import Database, Transaction


class RetentionInvalid(Invalid):
    """A retention policy makes no sense."""

    code = "retention_invalid"

    def __init__(self, keep_newest: int, older_than_days: float) -> None:
        super().__init__(
            f"A policy that keeps {keep_newest} versions and those younger than "
            f"{older_than_days:g} days cannot be used: at least one version of every dataset is "
            "kept, and days are not negative.",
            keep_newest=keep_newest,
            older_than_days=older_than_days,
        )


@dataclass(frozen=True)
class RetentionPolicy:
    """Which versions are kept although nothing needs them.

    Attributes:
        keep_newest: so many of every dataset.
        older_than_days: younger ones are kept.
        name: look at this dataset only.
    """

    keep_newest: int = 5
    older_than_days: float = 0.0
    name: str | None = None


@dataclass(frozen=True)
class RetentionDecision:
    """One version, and why it is kept; no reasons mean that it is deleted."""

    version: DatasetVersion
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RetentionReport:
    """What a policy deletes and keeps.

    Attributes:
        freed_bytes: size of the manifests that no other version shares.
        applied: False for a dry run.
    """

    deleted: tuple[DatasetVersion, ...]
    kept: tuple[RetentionDecision, ...]
    freed_bytes: int
    applied: bool


def prune_versions(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    policy: RetentionPolicy,
    *,
    dry_run: bool = True,
) -> RetentionReport:
    """Delete the versions that the policy lets go, with their manifests; images stay.

    A version that a run, a model, a tag or a kept version depends on is kept whatever the policy
    says; that is looked at again in the transaction that deletes it.

    Raises:
        RetentionInvalid: the policy would keep nothing, or makes no sense.
    """
    require(actor, Permission.MANAGE_DATA, project)
    if policy.keep_newest < 1 or policy.older_than_days < 0:
        raise RetentionInvalid(policy.keep_newest, policy.older_than_days)
    with database.read() as tx:
        versions = store.list_versions(tx, project, policy.name)
        listed = {version.reference for version in versions}
        needs = {version.id: _needs(tx, version, listed) for version in versions}
    decisions = decide(versions, needs, policy, now=utc_now())
    kept = [item for item in decisions if item.reasons]
    deleted = [item.version for item in decisions if not item.reasons]
    if dry_run:
        return RetentionReport(tuple(deleted), tuple(kept), _freed(database, blobs, deleted), False)
    gone, freed = [], 0
    for version in deleted:
        try:
            freed += _delete(database, blobs, actor, version)
        except VersionNotFound:
            continue
        except VersionInUse as error:
            kept.append(RetentionDecision(version, tuple(error.details["uses"])))
        else:
            gone.append(version)
    return RetentionReport(tuple(gone), tuple(kept), freed, True)


def decide(
    versions: Sequence[DatasetVersion],
    needs: Mapping[str, Sequence[str]],
    policy: RetentionPolicy,
    *,
    now: datetime,
) -> list[RetentionDecision]:
    """Decide about every version, newest first, so that children come before their parents.

    Args:
        versions: of one project, newest first.
        needs: version id to what depends on it, children left out.
        policy: what is kept although nothing needs it.
        now: when.
    """
    youngest = now - timedelta(days=policy.older_than_days)
    seen: dict[str, int] = {}
    children: dict[str, list[str]] = {}
    decisions = []
    for version in versions:
        position = seen[version.name] = seen.get(version.name, 0) + 1
        reasons = [*needs[version.id]]
        if position <= policy.keep_newest:
            reasons.append(f"one of the newest {policy.keep_newest}")
        if version.created_at > youngest:
            reasons.append(f"younger than {policy.older_than_days:g} days")
        reasons += [f"dataset version {name}" for name in children.get(version.id, ())]
        if reasons and version.parent_id is not None:
            children.setdefault(version.parent_id, []).append(version.reference)
        decisions.append(RetentionDecision(version, tuple(reasons)))
    return decisions


def _needs(tx: Transaction, version: DatasetVersion, listed: Set[str]) -> list[str]:
    """Name what depends on a version, apart from versions that are decided about themselves."""
    own = {f"dataset version {reference}" for reference in listed}
    return [reason for reason in list_reasons_to_keep(tx, version) if reason not in own]


def _freed(database: Database, blobs: BlobStore, deleted: Sequence[DatasetVersion]) -> int:
    """Add up the manifests that only the versions to be deleted use."""
    manifests = [version.manifest for version in deleted]
    with database.read() as tx:
        unshared = {
            manifest
            for manifest in manifests
            if store.count_manifest_uses(tx, manifest) == manifests.count(manifest)
        }
    return sum(_size(blobs, manifest) for manifest in unshared)


def _delete(database: Database, blobs: BlobStore, actor: Actor, version: DatasetVersion) -> int:
    """Delete a version, and its manifest unless another version has the same; tell the bytes."""
    with database.begin() as tx:
        erase_version(tx, actor, find_version(tx, version.project, version.id))
    # Not before the row is surely gone; dying in between leaves a file that nothing points at.
    with database.begin() as tx:
        store.lock_manifest(tx, version.manifest)
        if store.count_manifest_uses(tx, version.manifest):
            return 0
        size = _size(blobs, version.manifest)
        blobs.delete(version.manifest)
    return size


def _size(blobs: BlobStore, digest: str) -> int:
    try:
        return blobs.size_bytes(digest)
    except BlobNotFound:
        return 0
