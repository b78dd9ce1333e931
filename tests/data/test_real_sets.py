"""The real sets beside the checkout, as users would bring them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import make_project
from visionloop.admin.entities import Actor
from visionloop.data.entities import ImageQuery, IngestReport, ManifestRow
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.images import data_summary, list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.query.facts import facts_of_row, matches
from visionloop.data.verification import verify_version
from visionloop.data.versions import read_manifest
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


class Importer:
    def __init__(self, database: Database, blobs: BlobStore, actor: Actor, shared: Path) -> None:
        self.database, self.blobs, self.actor, self.sets = (
            database,
            blobs,
            actor,
            shared / "datasets",
        )

    def run(self, name: str, task: str, *classes: str, **options: object) -> IngestReport:
        make_project(self.database, "real", *classes, task=task)
        request = IngestRequest(folder=str(self.sets / name), **options)  # type: ignore[arg-type]
        return ingest_folder(self.database, self.blobs, self.actor, "real", request)

    def source_splits(self) -> dict[str, int]:
        found = {}
        for split in ("train", "val", "test"):
            query = ImageQuery(where=(f"metadata.source_split={split}",))
            found[split] = list_images(self.database, self.actor, "real", query, limit=1)[1]
        return found

    def freeze(self, **options: object) -> list[ManifestRow]:
        request = FreezeRequest("base", **options)  # type: ignore[arg-type]
        freeze_version(self.database, self.blobs, self.actor, "real", request)
        return list(read_manifest(self.database, self.blobs, self.actor, "real", "base"))


@pytest.fixture
def importer(
    sqlite_database: Database, blobs: BlobStore, admin_actor: Actor, shared_data: Path
) -> Importer:
    return Importer(sqlite_database, blobs, admin_actor, shared_data)


def test_signdigits_split_by_person(importer: Importer) -> None:
    report = importer.run("signdigits", "classification", *"0123456789", group_by="exif-session")
    assert (report.added, report.annotations, report.format) == (2062, 2062, "class_folders")
    assert report.grouping is not None
    # 218 people with ten digits each are promised; 206 groups of ten can be in 2,062 images.
    assert 200 <= report.grouping["num_groups"] <= 210
    assert report.grouping["certainty"] > 0.9
    rows = importer.freeze(filters=("exif.Model=iPhone 7",))
    assert len(rows) == 1851
    assert all(matches(facts_of_row(row), "exif.Model=iPhone 7") for row in rows)
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(row.group_key, set()).add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    tests = Counter(row.label for row in rows if row.split == "test")
    assert len(tests) == 10
    assert max(tests.values()) - min(tests.values()) <= 2
    cameras = data_summary(importer.database, importer.actor, "real").by_camera
    assert cameras == {"Canon EOS 550D": 211, "iPhone 7": 1851}
    found, total = list_images(
        importer.database, importer.actor, "real", ImageQuery(camera="Canon EOS 550D"), limit=1
    )
    assert (total, found[0].image.camera) == (211, "Canon EOS 550D")
    assert verify_version(importer.database, importer.blobs, importer.actor, "real", "base").intact


def test_bccd_from_voc(importer: Importer) -> None:
    report = importer.run("bccd", "detection", "RBC", "WBC", "Platelets")
    assert (report.format, report.added, report.annotations) == ("voc", 364, 4886)
    assert report.warnings == (
        "Boxes of less than one pixel were left out: 2 "
        "(BCCD/JPEGImages/BloodImage_00338.jpg, BCCD/JPEGImages/BloodImage_00343.jpg)",
    )
    rows = importer.freeze(use_source_splits=True)
    names = [
        row.name.rpartition("/")[2].removesuffix(".jpg") for row in rows if row.split == "test"
    ]
    lists = importer.sets / "bccd" / "BCCD" / "ImageSets" / "Main" / "test.txt"
    assert sorted(names) == sorted(lists.read_text().split())


def test_rbc_wbc_from_coco(importer: Importer) -> None:
    report = importer.run("rbc_wbc", "detection", "rbc", "wbc")
    assert (report.format, report.added, report.annotations) == ("coco", 240, 5638)
    rows = importer.freeze(use_source_splits=True)
    assert Counter(a.category for row in rows for a in row.annotations) == {"rbc": 5387, "wbc": 251}
    assert all(row.name.startswith(("train", "valid", "test")) for row in rows)
    assert all((row.split == "val") == row.name.startswith("valid") for row in rows)


def test_facade_small_from_coco_polygons(importer: Importer) -> None:
    report = importer.run(
        "facade_small", "instance_segmentation", "facade", "window", add_classes=True
    )
    assert (report.format, report.added) == ("coco", 191)
    assert len(report.classes_added) == 8
    shapes = [a for row in importer.freeze() for a in row.annotations]
    assert len(shapes) == report.annotations == 6691
    assert Counter(shape.kind for shape in shapes)["polygon"] > 6000
    for shape in shapes:
        assert shape.bbox is not None
        x1, y1, x2, y2 = shape.bbox
        assert 0 <= x1 < x2 <= 640
        assert 0 <= y1 < y2 <= 640


def test_cones_from_yolo(importer: Importer) -> None:
    report = importer.run("cones", "detection", "cone", "cube")
    assert (report.format, report.added, report.annotations) == ("yolo_detect", 622, 1452)
    assert report.warnings == ()
    # Its data.yaml says ../train/images, which would lead out of the set.
    assert importer.source_splits() == {"train": 435, "val": 124, "test": 63}


def test_kudzu_from_the_vgg_annotator(importer: Importer) -> None:
    report = importer.run("kudzu", "instance_segmentation", "kudzu")
    assert (report.format, report.added) == ("via", 40)
    # Its validation part names no class at all; the only class of the project is taken, and said.
    assert any("named no class" in line or "name no class" in line for line in report.warnings)
    assert report.annotations > 850
    assert importer.source_splits() == {"train": 24, "val": 16, "test": 0}


def test_trashnet80_from_class_folders(importer: Importer) -> None:
    report = importer.run("trashnet80", "classification", add_classes=True)
    assert (report.format, report.added, report.annotations) == ("class_folders", 480, 480)
    assert set(report.classes_added) == {"cardboard", "glass", "metal", "paper", "plastic", "trash"}
