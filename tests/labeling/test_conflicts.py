from __future__ import annotations

import json

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.errors import PermissionDenied
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.annotations import save_labels
from visionloop.labeling.conflicts import list_conflicts, resolve_conflict
from visionloop.labeling.entities import LabelTask
from visionloop.labeling.errors import ConflictNotFound, ConflictResolved, StaleLabels
from visionloop.storage.database import Database

NUT = AnnotationDraft(category="nut", kind="class")
BOLT = AnnotationDraft(category="bolt", kind="class")


@pytest.fixture
def refused(database: Database, queued: list[LabelTask], labeler: Actor) -> StaleLabels:
    """Lena's save of a bolt, refused because an import had saved a nut."""
    save_annotations(database, SYSTEM, "parts", queued[0].image_id, [NUT], expected_revision=0)
    with pytest.raises(StaleLabels) as caught:
        save_labels(database, labeler, "parts", queued[0].id, [BOLT], expected_revision=0)
    return caught.value


def test_a_stale_save_returns_both_versions_and_keeps_them(
    database: Database, queued: list[LabelTask], labeler: Actor, refused: StaleLabels
) -> None:
    details = json.loads(json.dumps(refused.details))
    assert [item["category"] for item in details["current"]["annotations"]] == ["nut"]
    assert [item["category"] for item in details["yours"]["annotations"]] == ["bolt"]
    assert (details["expected_revision"], details["current_revision"]) == (0, 1)
    (kept,) = list_conflicts(database, labeler, "parts")
    assert (kept.id, kept.author, kept.task_id) == (details["conflict_id"], "lena", queued[0].id)
    assert kept.annotations[0].category == "bolt"
    assert get_annotations(database, labeler, "parts", kept.image_id).revision == 1


def test_the_refused_version_can_be_adopted_once(
    database: Database, labeler: Actor, refused: StaleLabels
) -> None:
    conflict_id = refused.details["conflict_id"]
    labels = resolve_conflict(database, labeler, "parts", conflict_id, resolution="adopted")
    assert [item.category for item in labels.annotations] == ["bolt"]
    assert labels.revision == 2
    assert list_conflicts(database, labeler, "parts") == []
    assert len(list_conflicts(database, labeler, "parts", open_only=False)) == 1
    with pytest.raises(ConflictResolved):
        resolve_conflict(database, labeler, "parts", conflict_id, resolution="discarded")


def test_others_decide_only_as_reviewers(
    database: Database, refused: StaleLabels, reviewer: Actor, make_actor: ActorFactory
) -> None:
    conflict_id = refused.details["conflict_id"]
    lars = make_actor("labeler", name="lars")
    with pytest.raises(PermissionDenied):
        resolve_conflict(database, lars, "parts", conflict_id, resolution="adopted")
    labels = resolve_conflict(database, reviewer, "parts", conflict_id, resolution="discarded")
    assert [item.category for item in labels.annotations] == ["nut"]
    with pytest.raises(ConflictNotFound):
        resolve_conflict(database, reviewer, "parts", "conflict_0", resolution="adopted")
