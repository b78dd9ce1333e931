from __future__ import annotations

import pytest

from tests.conftest import ActorFactory
from tests.data.workbench import Bench
from visionloop.admin.entities import Category, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationSet, ImageQuery
from visionloop.data.images import exclude_image, list_images
from visionloop.data.live_labels import freeze_live_labels
from visionloop.data.manifests import manifest_file
from visionloop.data.restoring import (
    VersionNotRestorable,
    preview_restoration,
    restore_labels,
    start_restoration,
)
from visionloop.data.versions import get_version, list_versions


def _labels(bench: Bench, image_id: str) -> AnnotationSet:
    return get_annotations(bench.database, bench.actor, "parts", image_id)


def _clear(bench: Bench, name: str) -> str:
    record = list_images(bench.database, bench.actor, "parts", ImageQuery(text=name))[0][0]
    save_annotations(
        bench.database,
        bench.actor,
        "parts",
        record.image.id,
        [],
        expected_revision=record.revision,
    )
    return record.image.id


def test_labels_go_back_and_forth(bench: Bench) -> None:
    version = bench.freeze()
    relabeled, cleared = bench.relabel("bolt_3.jpg", "nut"), _clear(bench, "gear_2.jpg")
    before = {image_id: _labels(bench, image_id) for image_id in (relabeled, cleared)}
    preview = preview_restoration(*bench.where, "base:1", limit=1)
    assert (preview.num_images, preview.num_changed, preview.num_missing) == (60, 2, 0)
    assert len(preview.changes) == 1
    facts = restore_labels(*bench.where, "base:1", purpose="job_1")
    assert facts == {
        "version": "base:1",
        "num_restored": 2,
        "num_skipped": 0,
        "num_missing": 0,
        "undo": "undo-base:1",
    }
    assert [a.category for a in _labels(bench, relabeled).annotations] == ["bolt"]
    assert [a.category for a in _labels(bench, cleared).annotations] == ["gear"]
    assert _labels(bench, cleared).status == "accepted"
    assert preview_restoration(*bench.where, "base:1").num_changed == 0
    # The same labels freeze to the same digest: authors, reviews and all are back.
    assert bench.freeze().digest == version.digest
    undone = restore_labels(*bench.where, "undo-base:1", purpose="job_2")
    assert (undone["num_restored"], undone["undo"]) == (2, "undo-undo-base:1")
    for image_id, labels in before.items():
        now = _labels(bench, image_id)
        assert (now.annotations, now.status) == (labels.annotations, labels.status)
        assert now.revision == labels.revision + 2
    events = list_events(
        bench.database, bench.actor, "parts", type_prefix="visionloop.annotations.restored"
    )
    assert len(events) == 4


def test_nothing_to_restore_leaves_nothing_behind(bench: Bench) -> None:
    bench.freeze()
    facts = restore_labels(*bench.where, "base", purpose="job_1")
    assert (facts["num_restored"], facts["undo"]) == (0, None)
    assert len(list_versions(bench.database, bench.actor, "parts")) == 1


def test_a_second_attempt_goes_on_with_the_first_undo(bench: Bench) -> None:
    version = bench.freeze()
    bench.relabel("bolt_3.jpg", "nut")
    # The first attempt dies after it kept what was there.
    with manifest_file(bench.blobs, version.manifest) as path:
        kept = freeze_live_labels(
            bench.database, bench.blobs, bench.actor, version, manifest=path, purpose="job_1"
        )
    assert kept is not None
    facts = restore_labels(*bench.where, "base:1", purpose="job_1")
    assert (facts["num_restored"], facts["undo"]) == (1, kept.reference)
    again = restore_labels(*bench.where, "base:1", purpose="job_1")
    assert (again["num_restored"], again["undo"]) == (0, kept.reference)


def test_what_someone_saves_meanwhile_is_left_alone(bench: Bench) -> None:
    version = bench.freeze()
    bench.relabel("bolt_3.jpg", "nut")
    with manifest_file(bench.blobs, version.manifest) as path:
        freeze_live_labels(
            bench.database, bench.blobs, bench.actor, version, manifest=path, purpose="job_1"
        )
    late = bench.relabel("bolt_4.jpg", "gear")
    facts = restore_labels(*bench.where, "base:1", purpose="job_1")
    assert (facts["num_restored"], facts["num_skipped"]) == (1, 1)
    assert [a.category for a in _labels(bench, late).annotations] == ["gear"]


def test_excluded_images_get_their_labels_too(bench: Bench) -> None:
    bench.freeze()
    image_id = bench.relabel("bolt_3.jpg", "nut")
    exclude_image(bench.database, bench.actor, "parts", image_id)
    assert restore_labels(*bench.where, "base:1", purpose="x")["num_restored"] == 1


def test_a_version_that_no_longer_fits_is_refused(bench: Bench, make_actor: ActorFactory) -> None:
    version = bench.freeze()
    with pytest.raises(PermissionDenied):
        start_restoration(bench.database, make_actor(Role.LABELER), "parts", "base")
    from dataclasses import replace

    from visionloop.admin.projects import get_project
    from visionloop.data.restoring import _check_fit

    schema = get_project(bench.database, "parts")
    other = replace(schema, categories=(Category("bolt", "#ff0000", "b"),))
    with pytest.raises(VersionNotRestorable, match="the label schema lacks 'washer'"):
        _check_fit(get_version(bench.database, bench.actor, "parts", version.id), other)
