from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from visionloop.admin import setup
from visionloop.admin.access import require
from visionloop.admin.entities import SYSTEM, Actor, Permission, Role
from visionloop.admin.errors import InvalidSpec, LabelSchemaInUse, PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.projects import add_categories, get_project
from visionloop.admin.sessions import actor_of, sign_in
from visionloop.admin.spec import ResourceSpec, read_spec
from visionloop.storage.database import Database

SPEC = """
project: parts
task: classification
labels: [washer, {name: bolt, color: "#ff0000", hotkey: b}]
users:
  - name: lena
    roles: {dev: [labeler]}
  - name: aki
    roles: {staging: approver, prod: approver}
endpoints:
  - name: parts
    workspace: prod
"""


class EndpointsInMemory:
    """An applier of the port, as a domain above would bring it."""

    kind = "endpoint"

    def __init__(self) -> None:
        self.values: dict[str, Mapping[str, Any]] = {}

    def current(self, project: str) -> Mapping[str, Mapping[str, Any]]:
        return self.values

    def normalise(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def apply(self, actor: Actor, project: str, resource: ResourceSpec) -> None:
        self.values[resource.name] = resource.values


def test_plan_shows_what_apply_then_does_once(database: Database) -> None:
    spec, endpoints = read_spec(SPEC), EndpointsInMemory()
    planned = setup.plan(database, SYSTEM, spec, appliers=[endpoints])
    assert [(change.action, change.kind, change.name) for change in planned] == [
        ("create", "project", "parts"),
        ("create", "user", "lena"),
        ("create", "user", "aki"),
        ("create", "endpoint", "parts"),
    ]
    applied = setup.apply(database, SYSTEM, spec, appliers=[endpoints])
    assert list(applied.changes) == planned
    assert set(applied.passwords) == {"lena", "aki"}
    assert endpoints.values == {"parts": {"workspace": "prod"}}
    assert get_project(database, "parts").classes == ("washer", "bolt")
    before = len(list_events(database, SYSTEM, "parts"))
    assert setup.plan(database, SYSTEM, spec, appliers=[endpoints]) == []
    assert setup.apply(database, SYSTEM, spec, appliers=[endpoints]).changes == ()
    assert len(list_events(database, SYSTEM, "parts")) == before


def test_roles_hold_in_their_workspace_only(database: Database) -> None:
    applied = setup.apply(database, SYSTEM, read_spec(SPEC), appliers=[EndpointsInMemory()])
    user, _ = sign_in(database, name="lena", password=applied.passwords["lena"])
    lena = actor_of(user)
    require(lena, Permission.LABEL, "parts", "dev")
    require(lena, Permission.READ, "parts", "prod")
    with pytest.raises(PermissionDenied, match="'lena' has no role that may label"):
        require(lena, Permission.LABEL, "parts", "prod")
    with pytest.raises(PermissionDenied):
        require(lena, Permission.READ, "other")
    with pytest.raises(PermissionDenied):
        setup.apply(database, lena, read_spec(SPEC), appliers=[EndpointsInMemory()])


def test_classes_are_added_at_the_end_and_never_removed(database: Database) -> None:
    setup.apply(database, SYSTEM, read_spec(SPEC), appliers=[EndpointsInMemory()])
    project = get_project(database, "parts")
    grown = add_categories(database, SYSTEM, project, ["bolt", "gear"])
    assert grown.classes == ("washer", "bolt", "gear")
    with pytest.raises(LabelSchemaInUse, match="gear"):
        setup.apply(database, SYSTEM, read_spec(SPEC), appliers=[EndpointsInMemory()])


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    text = """
project: My Parts
task: clasification
labels: [washer, washer]
colour: red
users:
  - name: lena
    roles: {developement: [labeler], dev: [labeller]}
"""
    with pytest.raises(InvalidSpec) as caught:
        read_spec(text)
    problems = " ".join(caught.value.details["problems"])
    for word in ("My Parts", "clasification", "washer", "colour", "developement", "labeller"):
        assert word in problems


@pytest.mark.parametrize("text", ["- a list", "key: [unclosed", "", "project: parts"])
def test_what_is_no_project_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec):
        read_spec(text)


def test_a_list_of_roles_counts_for_every_workspace() -> None:
    spec = read_spec(SPEC.replace("roles: {dev: [labeler]}", "roles: [viewer]"))
    assert spec.users[0].roles == tuple((w, Role.VIEWER) for w in ("dev", "staging", "prod"))
