from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import ActorFactory, make_project
from tests.data.workbench import Bench
from visionloop.admin.entities import Role
from visionloop.admin.errors import PermissionDenied
from visionloop.data.entities import DatasetVersion
from visionloop.data.retention import RetentionInvalid, RetentionPolicy, decide, prune_versions
from visionloop.data.tags import set_tag
from visionloop.data.versions import list_versions, mark_version_used
from visionloop.kernel.clock import utc_now


def _versions(bench: Bench, count: int) -> list[DatasetVersion]:
    """Versions that do not descend from each other."""
    made = []
    for number in range(count):
        made.append(bench.freeze())
        bench.relabel(f"bolt_{number}.jpg", "nut")
    return made


def test_a_dry_run_deletes_nothing_and_tells_the_same(bench: Bench) -> None:
    for number in range(4):
        bench.freeze(f"set-{number}")
        bench.relabel(f"bolt_{number}.jpg", "nut")
    policy = RetentionPolicy(keep_newest=1)
    kept_all = prune_versions(*bench.where, policy)
    assert (kept_all.deleted, kept_all.applied) == ((), False)
    assert all(item.reasons == ("one of the newest 1",) for item in kept_all.kept)


def test_parents_of_kept_versions_stay(bench: Bench) -> None:
    _versions(bench, 4)
    report = prune_versions(*bench.where, RetentionPolicy(keep_newest=1), dry_run=False)
    assert report.deleted == ()
    reasons = {item.version.reference: item.reasons for item in report.kept}
    assert reasons["base:1"] == ("dataset version base:2",)
    assert reasons["base:4"] == ("one of the newest 1",)


def test_what_nothing_needs_goes_with_its_manifest(bench: Bench) -> None:
    versions = _versions(bench, 4)
    with bench.database.begin() as tx:
        mark_version_used(tx, versions[1].id, user_kind="model_version", user_id="parts:3")
    other = bench.freeze("other")
    set_tag(bench.database, bench.actor, "parts", other.id, tag="golden")
    # Without its youngest two, the chain ends at the version that a model was trained on.
    policy = RetentionPolicy(keep_newest=1, name="base")
    for version in versions[2:]:
        _forget_parent(bench, version)
    dry = prune_versions(*bench.where, policy)
    assert [item.reference for item in dry.deleted] == ["base:3"]
    assert dry.freed_bytes > 1000
    done = prune_versions(*bench.where, policy, dry_run=False)
    assert (done.deleted, done.freed_bytes, done.applied) == (dry.deleted, dry.freed_bytes, True)
    assert not bench.blobs.has(versions[2].manifest)
    for version in (versions[0], versions[1], versions[3]):
        assert bench.blobs.has(version.manifest)
    reasons = {item.version.reference: item.reasons for item in done.kept}
    assert reasons["base:2"] == ("model version parts:3",)
    left = {item.reference for item in list_versions(bench.database, bench.actor, "parts")}
    assert left == {"base:1", "base:2", "base:4", "other:1"}


def test_a_manifest_that_another_version_shares_stays(bench: Bench) -> None:
    first = bench.freeze("first")
    bench.freeze("second", parent="first")
    bench.relabel("bolt_3.jpg", "nut")
    newest = bench.freeze("first")
    _forget_parent(bench, newest)
    second = next(
        item for item in list_versions(bench.database, bench.actor, "parts", name="second")
    )
    assert second.manifest == first.manifest
    _forget_parent(bench, second)
    report = prune_versions(
        *bench.where, RetentionPolicy(keep_newest=1, name="first"), dry_run=False
    )
    assert [item.reference for item in report.deleted] == ["first:1"]
    assert report.freed_bytes == 0
    assert bench.blobs.has(first.manifest)


def test_age_and_count_decide(bench: Bench) -> None:
    base = bench.freeze()
    now = utc_now()
    versions = [
        replace(base, id=str(n), version=n, parent_id=None, created_at=now - timedelta(days=10 - n))
        for n in (3, 2, 1)
    ]
    needs: dict[str, list[str]] = {"1": [], "2": [], "3": []}
    policy = RetentionPolicy(keep_newest=1, older_than_days=8.5)
    decisions = decide(versions, needs, policy, now=now)
    assert [bool(item.reasons) for item in decisions] == [True, True, False]


def test_policies_and_rights_are_checked(bench: Bench, make_actor: ActorFactory) -> None:
    make_project(bench.database, "empty")
    with pytest.raises(RetentionInvalid):
        prune_versions(*bench.where, RetentionPolicy(keep_newest=0))
    where = (bench.database, bench.blobs, make_actor(Role.VIEWER), "parts")
    with pytest.raises(PermissionDenied):
        prune_versions(*where, RetentionPolicy())
    assert prune_versions(*bench.where[:3], "empty", RetentionPolicy()).kept == ()


def _forget_parent(bench: Bench, version: DatasetVersion) -> None:
    from visionloop.data.store.tables import dataset_versions

    with bench.database.begin() as tx:
        own = dataset_versions.c.id == version.id
        tx.execute(dataset_versions.update().where(own).values(parent_id=None))
