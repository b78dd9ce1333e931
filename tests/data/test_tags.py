from __future__ import annotations

import pytest

from tests.conftest import ActorFactory
from tests.data.workbench import Bench
from visionloop.admin.entities import Role
from visionloop.admin.errors import BadName, PermissionDenied
from visionloop.admin.events import list_events
from visionloop.data.errors import TagNotFound, VersionInUse, VersionNotFound
from visionloop.data.lineage import get_lineage
from visionloop.data.tags import list_tags, remove_tag, set_tag, tags_by_version
from visionloop.data.versions import delete_version, get_version, mark_version_used


def test_a_tag_names_a_version_moves_and_protects_it(bench: Bench) -> None:
    first = bench.freeze()
    bench.relabel("bolt_3.jpg", "nut")
    second = bench.freeze(parent=None)
    where = (bench.database, bench.actor, "parts")
    set_tag(*where, "base:1", tag="golden")
    assert get_version(*where, "base@golden") == first
    moved = set_tag(*where, "base", tag="golden")
    assert set_tag(*where, "base:2", tag="golden") == moved
    assert get_version(*where, "base@golden") == second
    assert tags_by_version(*where) == {second.id: ["golden"]}
    with pytest.raises(VersionInUse, match="tag golden"):
        delete_version(*where, "base:2")
    events = list_events(*where, type_prefix="visionloop.dataset_version_tag")
    assert [event.data["moved_from"] for event in events] == [None, first.id]
    remove_tag(*where, name="base", tag="golden")
    assert list_tags(*where) == []
    with pytest.raises(TagNotFound):
        remove_tag(*where, name="base", tag="golden")
    with pytest.raises(VersionNotFound):
        get_version(*where, "base@golden")
    delete_version(*where, "base:2")


def test_tags_are_checked(bench: Bench, make_actor: ActorFactory) -> None:
    bench.freeze()
    with pytest.raises(BadName):
        set_tag(bench.database, bench.actor, "parts", "base", tag="My Tag")
    with pytest.raises(VersionNotFound):
        set_tag(bench.database, bench.actor, "parts", "base:7", tag="golden")
    with pytest.raises(PermissionDenied):
        set_tag(bench.database, make_actor(Role.VIEWER), "parts", "base", tag="golden")


def test_the_family_of_a_version_and_its_users_are_told(bench: Bench) -> None:
    first = bench.freeze()
    bench.relabel("bolt_3.jpg", "nut")
    second = bench.freeze()
    bench.relabel("bolt_4.jpg", "nut")
    third = bench.freeze()
    with bench.database.begin() as tx:
        mark_version_used(tx, second.id, user_kind="run", user_id="run_1")
        mark_version_used(tx, third.id, user_kind="model_version", user_id="parts:4")
    lineage = get_lineage(bench.database, bench.actor, "parts", "base:2")
    assert lineage.parents == (first,)
    assert lineage.children == (third,)
    found = [(use.version, use.kind, use.id) for use in lineage.uses]
    assert found == [("base:2", "run", "run_1"), ("base:3", "model_version", "parts:4")]
    assert get_lineage(bench.database, bench.actor, "parts", "base:3").parents == (second, first)
