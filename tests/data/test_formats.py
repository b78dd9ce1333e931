from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_project
from tests.data.pictures import camera_exif, encoded, picture, write_coco, write_voc
from visionloop.admin.entities import Actor
from visionloop.data.annotations import get_annotations
from visionloop.data.entities import Annotation, ImageQuery, IngestReport
from visionloop.data.formats.coco.reader import looks_like_coco
from visionloop.data.formats.json_text import walk
from visionloop.data.formats.voc import parse_voc
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


class Importer:
    """Ingests folders into a project and reads the annotations back by file name."""

    def __init__(self, database: Database, blobs: BlobStore, actor: Actor) -> None:
        self.database, self.blobs, self.actor = database, blobs, actor

    def run(self, folder: Path, task: str = "detection", **options: Any) -> IngestReport:
        make_project(self.database, "boxes", task=task)
        request = IngestRequest(folder=str(folder), **options)
        return ingest_folder(self.database, self.blobs, self.actor, "boxes", request)

    def found(self) -> dict[str, tuple[Annotation, ...]]:
        records, _ = list_images(self.database, self.actor, "boxes", ImageQuery(), limit=500)
        return {
            record.image.name: get_annotations(
                self.database, self.actor, "boxes", record.image.id
            ).annotations
            for record in records
        }


@pytest.fixture
def importer(sqlite_database: Database, blobs: BlobStore, admin_actor: Actor) -> Importer:
    return Importer(sqlite_database, blobs, admin_actor)


def test_coco_boxes_become_corners(importer: Importer, tmp_path: Path) -> None:
    shape = {"category": "nut", "bbox": [10, 5, 20, 15], "iscrowd": 1, "attributes": {"wet": True}}
    report = importer.run(write_coco(tmp_path / "c", {"a.jpg": [shape], "empty.jpg": []}))
    assert (report.format, report.annotations, report.warnings) == ("coco", 1, ())
    found = importer.found()
    (box,) = found["a.jpg"]
    assert (box.kind, box.bbox, box.category) == ("box", (10, 5, 30, 20), "nut")
    assert box.attributes == {"iscrowd": 1, "wet": True}
    assert found["empty.jpg"] == ()


def test_coco_shapes_keep_what_they_are(importer: Importer, tmp_path: Path) -> None:
    polygons = [[1.0, 1.0, 10.0, 1.0, 10.0, 8.0], [20.0, 20.0, 30.0, 20.0, 30.0, 30.0]]
    rle = {"size": [36, 48], "counts": [100, 20, 1608]}
    points = [5, 6, 2, 0, 0, 0, 9, 12, 1]
    folder = write_coco(
        tmp_path / "c",
        {
            "a.jpg": [
                {"category": "nut", "segmentation": polygons, "bbox": [1, 1, 29, 29]},
                {"category": "bolt", "segmentation": rle, "bbox": [2, 3, 4, 5]},
                {"category": "gear", "keypoints": points, "bbox": [1, 1, 20, 20]},
            ]
        },
    )
    assert importer.run(folder, "instance_segmentation").annotations == 3
    polygon, mask, keypoints = importer.found()["a.jpg"]
    assert (polygon.kind, polygon.segmentation, polygon.bbox) == (
        "polygon",
        polygons,
        (1, 1, 30, 30),
    )
    assert (mask.kind, mask.segmentation, mask.bbox) == ("mask", rle, (2, 3, 6, 8))
    assert keypoints.kind == "keypoints"
    assert keypoints.segmentation is None
    assert keypoints.keypoints == [[5, 6, 2], [0, 0, 0], [9, 12, 1]]
    assert keypoints.bbox == (1, 1, 21, 21)


def test_flaws_of_real_coco_files_are_reported(importer: Importer, tmp_path: Path) -> None:
    folder = write_coco(
        tmp_path / "c",
        {
            "a.jpg": [
                {"category": "nut", "bbox": [40, 30, 20, 20]},
                {"category": "nut", "bbox": [5, 5, 0, 9]},
                {"category": "nut", "bbox": [500, 5, 9, 9]},
                {"category_id": 99, "bbox": [1, 1, 5, 5]},
                {"category": "nut"},
                {"category": "nut", "bbox": [1, None, 5, 5]},
                {"category": "nut", "bbox": [1, 1, 10, 10]},
            ]
        },
    )
    path = folder / "annotations.json"
    content = json.loads(path.read_text())
    content["images"].append({"id": 7, "file_name": "gone.jpg"})
    content["annotations"].append({"id": 70, "image_id": 7, "category_id": 1, "bbox": [1, 1, 5, 5]})
    content["annotations"].append({"id": 71, "image_id": 8, "category_id": 1, "bbox": [1, 1, 5, 5]})
    content["categories"].append({"id": 50, "name": "nut"})
    path.write_text(json.dumps(content))
    report = importer.run(folder)
    assert [a.bbox for a in importer.found()["a.jpg"]] == [(40, 30, 48, 36), (1, 1, 11, 11)]
    text = "\n".join(report.warnings)
    for words in (
        "over the border",
        "less than one pixel",
        "outside the image",
        "no listed category",
        "neither box nor shape: 2",
        "an image that is not there: 1 (gone.jpg)",
        "no listed image: 1 (71)",
        "same name and were joined: 1 (nut)",
    ):
        assert words in text


def test_equal_names_in_two_folders_are_told_apart_or_left_out(
    importer: Importer, tmp_path: Path
) -> None:
    root = tmp_path / "c"
    for seed, side in enumerate(("train", "test")):
        write_coco(root / side, {"images/a.jpg": [{"category": "nut", "bbox": [seed, 1, 9, 9]}]})
        (root / side / "images" / "a.jpg").write_bytes(encoded(picture(50 + seed)))
        path = root / side / "annotations.json"
        path.write_text(path.read_text().replace("images/a.jpg", "a.jpg"))
    report = importer.run(root)
    assert report.annotations == 2
    assert {n: f[0].bbox for n, f in importer.found().items()} == {
        "train/images/a.jpg": (0, 1, 9, 10),
        "test/images/a.jpg": (1, 1, 10, 10),
    }


def test_a_name_that_fits_two_images_is_reported(importer: Importer, tmp_path: Path) -> None:
    root = tmp_path / "c"
    write_coco(root / "labels", {"a.jpg": [{"category": "nut", "bbox": [1, 1, 9, 9]}]})
    (root / "labels" / "a.jpg").unlink()
    for seed, side in enumerate(("one", "two")):
        (root / side).mkdir()
        (root / side / "a.jpg").write_bytes(encoded(picture(60 + seed)))
    report = importer.run(root)
    assert report.annotations == 0
    assert "several images have this name" in report.warnings[0]


def test_another_size_in_the_file_is_a_warning(importer: Importer, tmp_path: Path) -> None:
    root = tmp_path / "c"
    root.mkdir()
    turned = encoded(picture(1, 36, 48), exif={0x0112: 6} | camera_exif("A", "2026:01:01 10:00:00"))
    (root / "a.jpg").write_bytes(encoded(picture(2, 20, 20)))
    (root / "b.jpg").write_bytes(turned)
    shapes = [{"category": "nut", "bbox": [1, 1, 9, 9]}]
    write_coco(root, {"a.jpg": shapes, "b.jpg": shapes}, size=(36, 48))
    text = "\n".join(importer.run(root).warnings)
    assert "another image size: 1 (a.jpg)" in text
    assert "before EXIF rotation was applied; check the boxes: 1 (b.jpg)" in text


def test_voc_is_read_by_the_name_of_its_file(importer: Importer, tmp_path: Path) -> None:
    root = write_voc(tmp_path / "v", {"one": [("nut", (1, 2, 20, 30))], "two": []})
    (root / "ImageSets" / "Main").mkdir(parents=True)
    (root / "ImageSets" / "Main" / "test.txt").write_text("one\n")
    report = importer.run(root)
    assert (report.format, report.annotations, report.refused) == ("voc", 1, ())
    (box,) = importer.found()["JPEGImages/one.jpg"]
    assert (box.bbox, box.attributes) == ((1, 2, 20, 30), {"difficult": 1})
    records, _ = list_images(
        importer.database,
        importer.actor,
        "boxes",
        ImageQuery(where=("metadata.source_split=test",)),
    )
    assert [record.image.name for record in records] == ["JPEGImages/one.jpg"]


def test_flaws_of_voc_files_are_reported(importer: Importer, tmp_path: Path) -> None:
    root = write_voc(
        tmp_path / "v", {"one": [("nut", (1, 2, 1, 30)), ("", (1, 2, 5, 6)), ("nut", (1, 2, 5, 6))]}
    )
    path = root / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<xmin>1</xmin><ymin>2</ymin><xmax>1", "<xmax>x", 1))
    (root / "Annotations" / "gone.xml").write_text("<annotation></annotation>")
    (root / "Annotations" / "broken.xml").write_text("<annotation>")
    report = importer.run(root)
    text = "\n".join(report.warnings)
    assert "unreadable corners" in text
    assert "no class name" in text
    assert "not there: 1 (Annotations/gone.xml)" in text
    assert [item.path for item in report.refused] == ["Annotations/broken.xml"]
    assert report.annotations == 1


def test_other_json_and_xml_are_left_alone() -> None:
    assert not looks_like_coco(b'{"annotations": 1, "categories": 2}')
    with pytest.raises(ValueError, match="deep"):
        list(walk("[" * 100_000))
    assert parse_voc(b"<html></html>") is None
    bomb = b'<!DOCTYPE a [<!ENTITY b "x">]><annotation>&b;</annotation>'
    assert parse_voc(bomb) is None
