from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ActorFactory, make_project
from tests.data.pictures import write_coco
from tests.data.workbench import Bench
from visionloop.admin.entities import Role
from visionloop.admin.errors import PermissionDenied
from visionloop.data.annotations import get_annotations, review_annotations, save_annotations
from visionloop.data.comparison import diff_versions, list_changes
from visionloop.data.entities import Annotation, AnnotationDraft, ImageQuery
from visionloop.data.errors import VersionNotFound
from visionloop.data.images import exclude_image, list_images, update_metadata
from visionloop.data.row_changes import match_labels


def _id(bench: Bench, name: str) -> str:
    return list_images(bench.database, bench.actor, "parts", ImageQuery(text=name))[0][0].image.id


def test_every_change_is_named_with_before_and_after(bench: Bench) -> None:
    bench.freeze()
    relabeled = bench.relabel("bolt_3.jpg", "nut")
    removed, edited = _id(bench, "nut_1.jpg"), _id(bench, "gear_2.jpg")
    exclude_image(bench.database, bench.actor, "parts", removed)
    update_metadata(bench.database, bench.actor, "parts", edited, {"line": 3})
    reviewed = _id(bench, "washer_4.jpg")
    found = get_annotations(bench.database, bench.actor, "parts", reviewed)
    review_annotations(
        bench.database,
        bench.actor,
        "parts",
        reviewed,
        accepted=True,
        expected_revision=found.revision,
    )
    bench.freeze()
    changes, total = list_changes(*bench.where, base="base:1", other="base:2")
    assert total == len(changes) == 4
    assert [change.image_id for change in changes] == sorted(change.image_id for change in changes)
    by_id = {change.image_id: change for change in changes}
    assert by_id[relabeled].kinds == ("relabeled",)
    (gone,), (came,) = by_id[relabeled].labels_removed, by_id[relabeled].labels_added
    assert (gone.category, came.category) == ("bolt", "nut")
    assert by_id[removed].kinds == ("removed",)
    assert by_id[removed].after is None
    assert by_id[edited].fields == {"metadata": ({}, {"line": 3})}
    assert by_id[reviewed].kinds == ("edited",)
    assert by_id[reviewed].fields == {"reviewed_by": ([], [bench.actor.name])}
    diff = diff_versions(*bench.where, base="base:1", other="base:2")
    counts = (diff.num_added, diff.num_removed, diff.num_relabeled, diff.num_moved, diff.num_edited)
    assert counts == (0, 1, 1, 0, 2)
    assert diff.num_unchanged == 56
    assert diff.class_counts_before != diff.class_counts_after
    assert sum(diff.splits_after.values()) == 59


def test_changes_are_paged_and_filtered_by_kind(bench: Bench) -> None:
    bench.freeze()
    for number in range(5):
        bench.relabel(f"bolt_{number}.jpg", "nut")
    exclude_image(bench.database, bench.actor, "parts", _id(bench, "gear_2.jpg"))
    bench.freeze(seed=5, parent="base:1")
    span = {"base": "base:1", "other": "base:2"}
    everything, total = list_changes(*bench.where, **span)
    assert total == 6
    pages = [list_changes(*bench.where, **span, limit=2, offset=at)[0] for at in (0, 2, 4)]
    assert [change for page in pages for change in page] == everything
    assert list_changes(*bench.where, **span, kind="relabeled")[1] == 5
    assert list_changes(*bench.where, **span, kind="added") == ([], 0)
    # The other way round, what went has come.
    back, _ = list_changes(*bench.where, base="base:2", other="base:1", kind="added")
    assert [change.name for change in back] == ["gear/gear_2.jpg"]


def test_a_moved_split_is_told(bench: Bench) -> None:
    bench.freeze("one")
    bench.freeze("two", seed=3)
    diff = diff_versions(*bench.where, base="one", other="two")
    before, after = bench.splits("one"), bench.splits("two")
    assert diff.num_moved == sum(before[name] != after[name] for name in before) > 0
    change = list_changes(*bench.where, base="one", other="two", kind="moved")[0][0]
    assert change.before is not None
    assert change.after is not None
    assert before[change.name] == change.before.split != change.after.split == after[change.name]


def test_the_same_files_elsewhere_are_no_change(bench: Bench) -> None:
    bench.freeze()
    for path in sorted((bench.folder / "nut").iterdir()):
        path.rename(path.with_name(f"renamed_{path.name}"))
    bench.ingest(bench.folder)
    bench.freeze("again")
    assert list_changes(*bench.where, base="base", other="again")[1] == 0


def test_a_moved_box_keeps_its_identity(bench: Bench, tmp_path: Path) -> None:
    make_project(bench.database, "boxes", "nut", "bolt", task="detection")
    boxes = [
        {"category": "nut", "bbox": [2, 3, 8, 9]},
        {"category": "bolt", "bbox": [20, 3, 8, 9]},
    ]
    folder = write_coco(
        tmp_path / "boxes", {f"{n}.jpg": boxes for n in range(4)}, categories=("nut", "bolt")
    )
    bench.ingest(folder, "boxes")
    bench.freeze(project="boxes", fractions={"train": 1.0})
    record = list_images(bench.database, bench.actor, "boxes")[0][0]
    saved = get_annotations(bench.database, bench.actor, "boxes", record.image.id)
    nut = next(item for item in saved.annotations if item.category == "nut")
    drafts = [AnnotationDraft("nut", "box", bbox=(3.0, 3.0, 11.0, 12.0), id=nut.id)]
    save_annotations(
        bench.database,
        bench.actor,
        "boxes",
        record.image.id,
        drafts,
        expected_revision=saved.revision,
    )
    bench.freeze(project="boxes", fractions={"train": 1.0})
    changes, _ = list_changes(
        bench.database, bench.blobs, bench.actor, "boxes", base="base:1", other="base:2"
    )
    (change,) = changes
    ((was, now),) = change.labels_changed
    assert (was.id, was.bbox, now.bbox) == (now.id, (2.0, 3.0, 10.0, 12.0), (3.0, 3.0, 11.0, 12.0))
    assert [item.category for item in change.labels_removed] == ["bolt"]
    assert change.labels_added == ()


def test_equal_labels_are_matched_before_ids() -> None:
    first, second = Annotation("a", "i", "nut", "class"), Annotation("b", "i", "bolt", "class")
    swapped = [Annotation("b", "i", "nut", "class"), Annotation("c", "i", "gear", "class")]
    gone, came, changed = match_labels([first, second], swapped)
    assert (gone, [item.id for item in came], changed) == ((second,), ["c"], ())


def test_rights_and_names_are_checked(bench: Bench, make_actor: ActorFactory) -> None:
    bench.freeze()
    with pytest.raises(VersionNotFound):
        list_changes(*bench.where, base="base", other="base:9")
    stranger = make_actor(Role.VIEWER, project="other")
    with pytest.raises(PermissionDenied):
        list_changes(bench.database, bench.blobs, stranger, "parts", base="base", other="base")
