from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.conftest import ActorFactory, make_project
from tests.data.pictures import CLASSES, encoded, picture, write_class_folders, write_coco
from tests.data.workbench import Bench, prepared
from visionloop.admin.entities import Actor, Project, Role
from visionloop.admin.errors import BadName, PermissionDenied
from visionloop.data.comparison import diff_versions
from visionloop.data.datastores import register_folder
from visionloop.data.entities import DatasetVersion, ImageQuery
from visionloop.data.errors import (
    GroupRuleInvalid,
    VersionInUse,
    VersionNotFound,
    VersionNotFreezable,
)
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.images import exclude_image, list_images
from visionloop.data.manifests import content_digest, read_rows
from visionloop.data.query.errors import FilterInvalid
from visionloop.data.verification import verify_version
from visionloop.data.versions import (
    Page,
    delete_version,
    get_version,
    list_rows,
    list_versions,
    mark_version_used,
    read_manifest,
    release_version,
)
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

Freeze = Callable[..., DatasetVersion]


def test_a_version_holds_images_labels_and_splits(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    bench = prepared(database, blobs, admin_actor, tmp_path)
    version = bench.freeze(notes="first")
    assert (version.reference, version.num_images, version.num_annotations) == ("base:1", 60, 60)
    assert version.classes == CLASSES
    assert sum(version.splits.values()) == 60
    assert abs(version.splits["test"] - 9) <= 2
    rows = list(read_manifest(database, blobs, admin_actor, "parts", "base"))
    assert [row.image_id for row in rows] == sorted(row.image_id for row in rows)
    for row in rows:
        assert row.label == row.name.split("/")[0] == row.annotations[0].category
        assert len(row.statistics or ()) == 14
    for split, counts in version.class_counts.items():
        for name, count in counts.items():
            assert count == sum(row.split == split and row.label == name for row in rows)
    tests, total = list_rows(
        database, blobs, admin_actor, "parts", "base:1", page=Page(split="test", limit=3, offset=1)
    )
    assert (len(tests), total) == (3, version.splits["test"])
    assert {row.split for row in tests} == {"test"}
    assert list_versions(database, admin_actor, "parts") == [version]
    assert get_version(database, admin_actor, "parts", version.id) == version


def test_freezing_the_same_again_is_the_same_version(bench: Bench) -> None:
    first = bench.freeze()
    assert bench.freeze() == first
    other = bench.freeze("other")
    assert other.digest == first.digest
    assert other.id != first.id
    assert bench.freeze("third", seed=7).digest != first.digest


def test_the_digest_does_not_depend_on_where_the_files_lie(
    bench: Bench, sqlite_database: Database
) -> None:
    make_project(sqlite_database, "copy")
    bench.ingest(bench.folder, "copy", managed=True)
    here, there = bench.freeze(), bench.freeze(project="copy")
    rows = list(read_manifest(bench.database, bench.blobs, bench.actor, "copy", "base"))
    assert rows[0].uri.startswith("blob://")
    # Authors are content; everything else is equal.
    digest = content_digest(
        (
            replace(
                row,
                annotations=tuple(replace(a, author="import:photos") for a in row.annotations),
            )
            for row in rows
        ),
        task=there.task,
        classes=there.classes,
    )
    assert digest == here.digest


def test_one_changed_label_changes_the_digest_and_is_named(bench: Bench) -> None:
    first = bench.freeze()
    image_id = bench.relabel("bolt_3.jpg", "nut")
    second = bench.freeze()
    assert (second.reference, second.parent_id) == ("base:2", first.id)
    assert second.digest != first.digest
    diff = diff_versions(
        bench.database, bench.blobs, bench.actor, "parts", base="base:1", other="base:2"
    )
    assert (diff.num_relabeled, diff.num_added, diff.num_removed, diff.num_moved) == (1, 0, 0, 0)
    assert diff.num_unchanged == 59
    change = diff.relabeled[0]
    assert (change.image_id, change.before, change.after) == (image_id, "bolt", "nut")
    # The first version still says what it said.
    rows = read_manifest(bench.database, bench.blobs, bench.actor, "parts", "base:1")
    assert {row.image_id: row.label for row in rows}[image_id] == "bolt"


def test_new_images_join_and_old_ones_never_move(bench: Bench, tmp_path: Path) -> None:
    bench.freeze()
    bench.ingest(write_class_folders(tmp_path / "more", per_class=10, first_seed=1000))
    query = ImageQuery(text="gear_0", where=("datastore=photos",))
    gone = list_images(bench.database, bench.actor, "parts", query)[0][0].image.id
    exclude_image(bench.database, bench.actor, "parts", gone)
    second = bench.freeze(seed=99)
    assert second.num_images == 99
    rows = list(read_manifest(bench.database, bench.blobs, bench.actor, "parts", "base:1"))
    kept = {row.image_id: row.split for row in rows}
    for row in read_manifest(bench.database, bench.blobs, bench.actor, "parts", "base:2"):
        assert kept.get(row.image_id, row.split) == row.split
    assert abs(second.splits["test"] - 15) <= 3
    diff = diff_versions(
        bench.database, bench.blobs, bench.actor, "parts", base="base:1", other="base:2"
    )
    assert (diff.num_added, diff.num_removed, diff.num_unchanged) == (40, 1, 59)


def test_groups_are_never_torn(bench: Bench, tmp_path: Path) -> None:
    bench.ingest(bench.folder, group_by="path:_(\\d+)\\.jpg")
    version = bench.freeze()
    rows = list(read_manifest(bench.database, bench.blobs, bench.actor, "parts", "base"))
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(row.group_key, set()).add(row.split)
    assert len(sides) == 15
    assert all(len(side) == 1 for side in sides.values())
    assert not any("Group" in warning for warning in version.warnings)


def test_groups_by_rules_that_only_this_version_uses(bench: Bench) -> None:
    version = bench.freeze(group_by=("path:_(\\d+)\\.jpg", "near-duplicate"))
    assert version.group_by == ("path:_(\\d+)\\.jpg", "near-duplicate")
    sides: dict[str, set[str]] = {}
    for name, split in bench.splits("base").items():
        sides.setdefault(name.rsplit("_", 1)[1], set()).add(split)
    assert len(sides) == 15
    assert all(len(side) == 1 for side in sides.values())
    with pytest.raises(GroupRuleInvalid):
        bench.freeze("other", group_by=("person",))


def test_a_frozen_test_split_takes_nothing_new(bench: Bench, tmp_path: Path) -> None:
    bench.freeze()
    before = _test_split(bench)
    example = bench.folder / sorted(before.values())[0]
    more = write_class_folders(tmp_path / "more", per_class=10, first_seed=1000)
    pixels = np.asarray(PillowImage.open(example).convert("RGB")).astype(int)
    for number in (1, 2):
        similar = (pixels + number).clip(0, 255).astype("uint8")
        (more / "washer" / f"again_{number}.jpg").write_bytes(encoded(similar))
    bench.ingest(more)
    version = bench.freeze(keep_test=True)
    assert _test_split(bench) == before
    assert version.num_images == 100
    assert any(line.startswith("2 new images belong to groups") for line in version.warnings)


def _test_split(bench: Bench) -> dict[str, str]:
    rows = read_manifest(*bench.where, "base", split="test")
    return {row.image_id: row.name for row in rows}


def test_lookalikes_without_a_group_stay_on_one_side(bench: Bench) -> None:
    for number in range(8):
        brighter = (picture(0).astype(int) + 1 + number).clip(0, 255).astype("uint8")
        (bench.folder / "washer" / f"again_{number}.jpg").write_bytes(encoded(brighter))
    bench.ingest(bench.folder)
    bench.freeze()
    splits = bench.splits("base")
    sides = {split for name, split in splits.items() if "again" in name or "washer_0." in name}
    assert len(sides) == 1


def test_a_large_group_of_lookalikes_and_an_unmeasured_class_are_named(bench: Bench) -> None:
    for number in range(30):
        similar = (picture(0) * 0.8 + number).astype("uint8")
        (bench.folder / "washer" / f"again_{number}.jpg").write_bytes(encoded(similar))
    bench.ingest(bench.folder)
    version = bench.freeze(filters=("name~again|bolt|nut|gear",))
    assert any(line.startswith("30 of 75 images look alike") for line in version.warnings)
    assert any(line.startswith("No test image shows 'washer'") for line in version.warnings)
    assert not any("'bolt'" in line for line in version.warnings)


def test_filters_select(bench: Bench) -> None:
    version = bench.freeze(filters=("name~_1?[0-9]\\.jpg", "name!~gear"), allow_empty_classes=True)
    assert version.num_images == 45
    assert any("'gear'" in warning for warning in version.warnings)
    with pytest.raises(FilterInvalid):
        bench.freeze(filters=("colour=red",))


def test_splits_of_the_source_can_be_kept(
    bench: Bench, sqlite_database: Database, tmp_path: Path
) -> None:
    make_project(sqlite_database, "sorted")
    for split in ("train", "test"):
        seed = 0 if split == "train" else 500
        write_class_folders(tmp_path / "s" / split, per_class=5, first_seed=seed)
    bench.ingest(tmp_path / "s", "sorted")
    bench.freeze(project="sorted", use_source_splits=True)
    splits = bench.splits("base", "sorted")
    assert all(name.startswith(split) for name, split in splits.items())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"filters": ("name=nothing",)}, "no active image"),
        ({"filters": ("name~bolt",)}, "no training image shows 'washer', 'nut', 'gear'"),
    ],
)
def test_what_no_model_could_learn_is_refused(
    bench: Bench, options: dict[str, object], words: str
) -> None:
    with pytest.raises(VersionNotFreezable, match=words):
        bench.freeze(**options)
    assert list_versions(bench.database, bench.actor, "parts") == []


def test_images_without_labels_are_refused_or_left_out(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "x.jpg").write_bytes(encoded(picture(900)))
    bench.ingest(tmp_path / "plain")
    with pytest.raises(VersionNotFreezable, match="none of the 1 images has usable labels"):
        bench.freeze(filters=("datastore=plain",))
    version = bench.freeze()
    assert version.num_images == 60
    assert any(line.startswith("1 of 61 images") for line in version.warnings)


def test_only_accepted_labels_on_request(bench: Bench) -> None:
    bench.relabel("bolt_3.jpg", "nut")
    assert bench.freeze("all").num_images == 60
    assert bench.freeze("sure", accepted_only=True).num_images == 59


def test_names_rights_and_parents_are_checked(bench: Bench, make_actor: ActorFactory) -> None:
    with pytest.raises(BadName):
        bench.freeze("My Data")
    with pytest.raises(VersionNotFound, match="NAME:NUMBER"):
        bench.freeze(parent="nothing:3")
    request = FreezeRequest("base")
    with pytest.raises(PermissionDenied):
        freeze_version(bench.database, bench.blobs, make_actor(Role.LABELER), "parts", request)


def test_a_version_in_use_cannot_be_deleted(bench: Bench) -> None:
    version = bench.freeze()
    with bench.database.begin() as tx:
        for _ in range(2):
            mark_version_used(tx, version.id, user_kind="run", user_id="run_1")
    with pytest.raises(VersionInUse, match="run run_1"):
        delete_version(bench.database, bench.actor, "parts", "base:1")
    with bench.database.begin() as tx:
        release_version(tx, version.id, user_kind="run", user_id="run_1")
    bench.relabel("bolt_3.jpg", "nut")
    bench.freeze()
    with pytest.raises(VersionInUse, match="base:2"):
        delete_version(bench.database, bench.actor, "parts", "base:1")
    delete_version(bench.database, bench.actor, "parts", "base:2")
    delete_version(bench.database, bench.actor, "parts", "base:1")
    for reference in ("base:1", "base", version.id, "base:x"):
        with pytest.raises(VersionNotFound):
            get_version(bench.database, bench.actor, "parts", reference)


def test_verify_finds_one_changed_byte_and_a_lost_file(bench: Bench) -> None:
    bench.freeze()
    whole = verify_version(bench.database, bench.blobs, bench.actor, "parts", "base")
    assert (whole.intact, whole.num_checked, whole.broken) == (True, 60, ())
    path = bench.folder / "bolt" / "bolt_3.jpg"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    (bench.folder / "nut" / "nut_0.jpg").unlink()
    broken = verify_version(bench.database, bench.blobs, bench.actor, "parts", "base")
    assert not broken.intact
    assert broken.manifest_intact
    problems = {item.name: item.problem for item in broken.broken}
    assert set(problems) == {"bolt/bolt_3.jpg", "nut/nut_0.jpg"}
    assert "content changed" in problems["bolt/bolt_3.jpg"]
    assert problems["nut/nut_0.jpg"] == "the file is gone"


@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_verify_finds_a_damaged_manifest(bench: Bench, damage: str) -> None:
    version = bench.freeze()
    path = bench.blobs.local_path(version.manifest)
    assert path is not None
    data = bytearray(path.read_bytes())
    if damage == "delete":
        path.unlink()
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data if damage == "flip" else data[:100])
    report = verify_version(bench.database, bench.blobs, bench.actor, "parts", "base")
    assert not report.manifest_intact
    assert not report.intact


def test_a_vanished_datastore_is_named_for_every_image(bench: Bench) -> None:
    bench.freeze()
    bench.folder.rename(bench.folder.with_name("moved"))
    report = verify_version(bench.database, bench.blobs, bench.actor, "parts", "base")
    assert len(report.broken) == 60


def test_shapes_survive_parquet(
    sqlite_database: Database, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    make_project(sqlite_database, "shapes", "nut", task="instance_segmentation")
    polygon = [[1.25, 1.0, 10.0, 1.0, 10.0, 8.0]]
    rle = {"size": [36, 48], "counts": "a'b\"c"}
    folder = write_coco(
        tmp_path / "photos",
        {
            f"{number}.jpg": [
                {
                    "category": "nut",
                    "segmentation": polygon,
                    "attributes": {"wet": True},
                    "keypoints": [2, 2, 2, 0, 0, 0],
                },
                {"category": "nut", "segmentation": rle, "bbox": [2, 3, 4, 5], "iscrowd": 1},
            ]
            for number in range(6)
        },
        categories=("nut",),
    )
    bench = Bench(sqlite_database, blobs, admin_actor, folder)
    bench.ingest(folder, "shapes", metadata={"note": "it's 5 µm"})
    version = bench.freeze(project="shapes")
    row = next(read_manifest(sqlite_database, blobs, admin_actor, "shapes", "base"))
    assert row.label is None
    assert row.metadata == {"note": "it's 5 µm"}
    shape, mask = row.annotations
    assert (shape.segmentation, shape.attributes) == (polygon, {"wet": True})
    assert (shape.kind, shape.keypoints) == ("polygon", [[2, 2, 2], [0, 0, 0]])
    assert shape.external_id is not None
    assert shape.bbox == (1.25, 1.0, 10.0, 8.0)
    assert (mask.segmentation, mask.attributes) == (rle, {"iscrowd": 1})
    path = blobs.local_path(version.manifest)
    assert path is not None
    digest = content_digest(read_rows(path), task=version.task, classes=version.classes)
    assert digest == version.digest
    assert register_folder(sqlite_database, admin_actor, "shapes", str(folder)).name == "photos"
