"""Labels leave a project in one format and come back onto its images in the same or another."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PillowImage

from tests.conftest import make_project
from tests.data.pictures import encoded, picture, write_coco
from tests.jobs import carry_out
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.bootstrap import Application
from visionloop.client.formats import export_dataset, import_dataset, import_labels
from visionloop.client.http import Client
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.archives import pack, unpack
from visionloop.data.entities import Annotation, AnnotationDraft, ImageQuery
from visionloop.data.errors import UnknownClasses
from visionloop.data.exports import ExportRequest, export_folder, preview_losses
from visionloop.data.formats.errors import (
    ArchiveRefused,
    ExportInvalid,
    LabelImportInvalid,
    LossNotAccepted,
)
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.label_files import keep_label_file
from visionloop.data.label_imports import LabelImportReport, LabelImportRequest
from visionloop.data.label_imports import import_labels as take_labels
from visionloop.kernel.errors import Conflict, Forbidden, Invalid
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

_RING = [3.0, 3.0, 20.5, 3.0, 20.5, 18.0, 3.0, 18.0]
SHAPES: dict[str, list[dict[str, Any]]] = {
    "one.jpg": [
        {"category": "nut", "bbox": [10.25, 5, 20, 15], "iscrowd": 1, "attributes": {"wet": True}},
        {"category": "bolt", "segmentation": [_RING, [30.0, 20, 40, 20, 40, 30]]},
    ],
    "sub/two.jpg": [{"category": "gear", "bbox": [1, 1, 5, 5], "keypoints": [2, 2, 2, 3, 4, 1]}],
    "empty.jpg": [],
}


class Estate:
    """A detection project with three labeled images."""

    def __init__(self, database: Database, blobs: BlobStore, actor: Actor, folder: Path) -> None:
        self.database, self.blobs, self.actor = database, blobs, actor
        make_project(database, "parts", task="detection")
        self.photos = write_coco(folder / "photos", SHAPES)
        request = IngestRequest(folder=str(self.photos))
        ingest_folder(database, blobs, actor, "parts", request)

    def labels(self, project: str = "parts") -> dict[str, list[Any]]:
        found = {}
        for record in list_images(self.database, self.actor, project, ImageQuery())[0]:
            own = get_annotations(self.database, self.actor, project, record.image.id)
            found[record.image.id] = [_content(item) for item in own.annotations]
        return found

    def export(self, folder: Path, format: str, **options: Any) -> Any:
        folder.mkdir(parents=True)
        request = ExportRequest(format=format, **options)
        return export_folder(self.database, self.blobs, self.actor, "parts", request, folder=folder)

    def take(self, project: str, path: Path, **options: Any) -> LabelImportReport:
        if path.is_dir():
            packed = path.with_suffix(".zip")
            pack(path, packed)
            path = packed
        with path.open("rb") as file:
            kept = keep_label_file(self.blobs, self.actor, project, content=file, name=path.name)
        request = LabelImportRequest(file=kept.digest, path=kept.name, **options)
        return take_labels(self.database, self.blobs, self.actor, project, request)

    def bare_project(self) -> None:
        """Make the project ``other`` of the same images without labels."""
        make_project(self.database, "other", task="detection")
        request = IngestRequest(folder=str(self.photos), format="images")
        ingest_folder(self.database, self.blobs, self.actor, "other", request)


def _content(item: Annotation) -> Any:
    box = None if item.bbox is None else [round(value, 6) for value in item.bbox]
    shape = item.segmentation
    if isinstance(shape, list):
        shape = [[round(value, 6) for value in part] for part in shape]
    return (item.category, item.kind, box, shape, item.keypoints, dict(item.attributes))


@pytest.fixture
def estate(
    sqlite_database: Database, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> Estate:
    return Estate(sqlite_database, blobs, admin_actor, tmp_path)


@pytest.mark.parametrize("format", ["coco", "csv", "hf_imagefolder", "hf_parquet", "label_studio"])
def test_what_leaves_comes_back_onto_the_same_images(
    estate: Estate, tmp_path: Path, format: str
) -> None:
    accept = format != "coco"
    report = estate.export(tmp_path / "out", format, with_images=False, accept_loss=accept)
    assert (report.num_images, report.num_annotations, report.num_files) == (3, 3, 0)
    estate.bare_project()
    taken = estate.take("other", tmp_path / "out")
    assert taken.format == format
    assert (taken.num_seen, taken.num_labeled, taken.annotations) == (3, 3, 3)
    assert (taken.unmatched, taken.kept, taken.warnings) == ([], [], ())
    assert estate.labels("other") == estate.labels()


def test_an_export_with_images_is_a_set_of_its_own(estate: Estate, tmp_path: Path) -> None:
    freeze_version(estate.database, estate.blobs, estate.actor, "parts", _freeze())
    report = estate.export(tmp_path / "out", "coco", version="base")
    assert (report.num_files, report.missing, report.losses) == (3, (), ())
    original = (estate.photos / "sub" / "two.jpg").read_bytes()
    assert (tmp_path / "out" / "images" / "sub" / "two.jpg").read_bytes() == original
    files = sorted(path.name for path in (tmp_path / "out" / "annotations").iterdir())
    assert all(name.startswith("instances_") for name in files)
    make_project(estate.database, "again", task="detection")
    request = IngestRequest(folder=str(tmp_path / "out"))
    again = ingest_folder(estate.database, estate.blobs, estate.actor, "again", request)
    assert (again.format, again.added, again.annotations) == ("coco", 3, 3)
    assert estate.labels("again") == estate.labels()


def test_a_loss_is_said_with_counts_and_refused_until_accepted(
    estate: Estate, tmp_path: Path
) -> None:
    with pytest.raises(LossNotAccepted) as raised:
        estate.export(tmp_path / "no", "yolo_detect")
    assert list((tmp_path / "no").iterdir()) == []
    text = raised.value.message
    assert "YOLO detect has no polygons: 1 annotation would become boxes." in text
    assert "YOLO detect has no crowd mark: 1 annotation would lose it." in text
    assert "YOLO detect keeps no attributes: 1 value of wet would be lost." in text
    assert "accept_loss" in text
    told = preview_losses(
        estate.database, estate.blobs, SYSTEM, "parts", inputs={"format": "yolo_detect"}
    )
    assert [loss.sentence for loss in told] == raised.value.details["losses"]
    report = estate.export(tmp_path / "yes", "yolo_detect", accept_loss=True)
    assert report.losses == tuple(raised.value.details["losses"])
    assert (tmp_path / "yes" / "labels" / "all" / "empty.txt").read_text() == ""
    written = json.loads((tmp_path / "yes" / "visionloop-export.json").read_text())
    assert written["losses"] == list(report.losses)


def test_filters_and_splits_choose_images(estate: Estate, tmp_path: Path) -> None:
    report = estate.export(tmp_path / "a", "coco", filters=("name~^sub/",))
    assert (report.num_images, report.num_annotations) == (1, 1)
    assert estate.export(tmp_path / "b", "coco", splits=("test",)).num_images == 0
    with pytest.raises(ExportInvalid, match="'half' is no split"):
        preview_losses(
            estate.database,
            estate.blobs,
            SYSTEM,
            "parts",
            inputs={"format": "coco", "splits": ["half"]},
        )


def test_equal_names_turned_and_missing_images_are_told(estate: Estate, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    turned = PillowImage.fromarray(picture(77))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(second / "one.jpg", exif=exif)
    write_coco(second, {"one.jpg": [{"category": "nut", "bbox": [2, 2, 9, 9]}]}, size=(36, 48))
    request = IngestRequest(folder=str(second))
    ingest_folder(estate.database, estate.blobs, estate.actor, "parts", request)
    (estate.photos / "empty.jpg").unlink()
    report = estate.export(tmp_path / "out", "coco", accept_loss=True)
    assert report.missing == ("empty.jpg",)
    text = "\n".join(report.warnings)
    assert "share a name; renamed: 1 (one-2.jpg)" in text
    assert "Stored turned by EXIF with upright labels" in text
    assert {p.name for p in (tmp_path / "out" / "images").glob("one*")} == {"one.jpg", "one-2.jpg"}


def test_images_are_matched_by_digest_before_their_names(estate: Estate, tmp_path: Path) -> None:
    estate.export(tmp_path / "out", "coco", with_images=False)
    path = tmp_path / "out" / "annotations" / "instances.json"
    path.write_text(path.read_text().replace("one.jpg", "renamed.jpg"))
    estate.bare_project()
    by_name = estate.take("other", path, match="name")
    assert by_name.unmatched == [("renamed.jpg", "no image of the project")]
    assert by_name.num_labeled == 2
    by_digest = estate.take("other", path)
    assert (by_digest.num_labeled, sorted(by_digest.kept)) == (1, ["empty.jpg", "sub/two.jpg"])
    assert estate.labels("other") == estate.labels()


def test_labels_that_are_there_are_kept_or_replaced(estate: Estate, tmp_path: Path) -> None:
    estate.export(tmp_path / "out", "coco", with_images=False)
    image = list_images(estate.database, estate.actor, "parts", ImageQuery(text="one"))[0][0].image
    mine = [AnnotationDraft(category="nut", kind="box", bbox=(1, 1, 9, 9))]
    before = estate.labels()
    save_annotations(estate.database, estate.actor, "parts", image.id, mine, expected_revision=1)
    kept = estate.take("parts", tmp_path / "out")
    assert (kept.num_labeled, len(kept.kept)) == (0, 3)
    assert len(estate.labels()[image.id]) == 1
    replaced = estate.take("parts", tmp_path / "out", replace=True)
    assert (replaced.replaced, replaced.kept) == (3, [])
    assert estate.labels() == before


def test_labels_without_images_match_loosely_or_are_reported(
    estate: Estate, tmp_path: Path
) -> None:
    estate.bare_project()
    rows = ["image,category,x1,y1,x2,y2", "two.jpg,washer,1,1,9,9", "gone.jpg,nut,1,1,9,9"]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join([*rows, "one.jpg,rivet,1,1,9,9"]))
    with pytest.raises(UnknownClasses, match="'rivet'"):
        estate.take("other", path)
    report = estate.take("other", path, add_classes=True)
    assert report.classes_added == ("rivet",)
    assert report.unmatched == [("gone.jpg", "no image of the project")]
    assert (report.num_labeled, report.annotations) == (2, 2)


def test_wrong_requests_and_archives_are_refused(estate: Estate, tmp_path: Path) -> None:
    for wrong in ({}, {"file": "a" * 64, "datastore": "photos"}, {"file": "a", "match": "luck"}):
        with pytest.raises(LabelImportInvalid):
            take_labels(estate.database, estate.blobs, SYSTEM, "parts", LabelImportRequest(**wrong))
    for name in ("../out.json", "/etc/out.json"):
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            archive.writestr(name, "{}")
        with pytest.raises(ArchiveRefused, match="leads out"):
            unpack(tmp_path / "bad.zip", tmp_path)
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ArchiveRefused, match="cannot be read"):
        unpack(tmp_path / "bad.zip", tmp_path)


def _freeze() -> FreezeRequest:
    return FreezeRequest("base", allow_empty_classes=True)


@pytest.fixture
def wait(application: Application) -> Callable[[str], Any]:
    """Run a queued job here and return its outputs, as a waiting client would see them."""
    return lambda job_id: carry_out(application, job_id)


def test_a_client_imports_labels_and_exports(
    api_client: Client, wait: Callable[[str], Any], tmp_path: Path
) -> None:
    for name in ("bolt", "nut"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / f"{name}.jpg").write_bytes(encoded(picture(len(name))))
    added = import_dataset(api_client, "parts", tmp_path / "set", wait=wait)
    assert (added["format"], added["added"], added["annotations"]) == ("class_folders", 2, 2)
    again = import_dataset(api_client, "parts", tmp_path / "set", wait=wait)
    assert (again["added"], again["already_present"]) == (0, 2)
    (tmp_path / "new.csv").write_text("image,label\nnut.jpg,washer\n")
    taken = import_labels(api_client, "parts", tmp_path / "new.csv", wait=wait, replace=True)
    assert (taken["replaced"], taken["num_unmatched"]) == (1, 0)
    report = export_dataset(
        api_client, "parts", tmp_path / "out", wait=wait, format="class_folders", accept_loss=True
    )
    assert report["num_images"] == 2
    found = sorted(p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.glob("out/*/*"))
    assert found == ["bolt/bolt.jpg", "washer/nut.jpg"]
    export_dataset(api_client, "parts", tmp_path / "o.zip", wait=wait, format="hf_parquet")
    assert "data/all-00000-of-00001.parquet" in zipfile.ZipFile(tmp_path / "o.zip").namelist()
    with pytest.raises(Invalid, match="not empty"):
        export_dataset(api_client, "parts", tmp_path / "out", wait=wait, format="csv")


def test_formats_losses_and_downloads_over_rest(
    api_client: Client, api_as: Callable[..., Client], tmp_path: Path
) -> None:
    formats = {item["name"]: item for item in api_client.get("/formats")["items"]}
    assert formats["coco"]["writable"]
    assert formats["coco"]["holds"]["crowd"] is True
    root = "/projects/parts/exports"
    assert api_client.post(f"{root}/losses", json={"format": "csv"})["total"] == 1
    with pytest.raises(Invalid, match="unknown"):
        api_client.post(root, json={"format": "yolo"})
    job_id = api_client.post(root, json={"format": "csv", "accept_loss": True})["job_id"]
    with pytest.raises(Conflict, match="it is queued"):
        api_client.download(f"{root}/{job_id}/content", tmp_path / "x.zip")
    viewer = api_as("viewer")
    assert viewer.post(f"{root}/losses", json={"format": "coco"})["total"] == 0
    with pytest.raises(Forbidden):
        viewer.post("/projects/parts/label-imports", json={"datastore": "photos"})
