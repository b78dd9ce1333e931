from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ActorFactory, make_project
from tests.data.pictures import (
    CLASSES,
    camera_exif,
    encoded,
    picture,
    write_class_folders,
    write_coco,
    write_voc,
)
from visionloop.admin.entities import Actor, Project, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.projects import get_project
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft, ImageQuery, ImageRecord, IngestReport
from visionloop.data.errors import IngestInterrupted, IngestInvalid, UnknownClasses
from visionloop.data.formats.errors import FormatAmbiguous, FormatUnknown
from visionloop.data.images import data_summary, get_image, list_images, read_image_content
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.digests import sha256_bytes
from visionloop.storage.blobs import BlobStore, StorageFull
from visionloop.storage.database import Database

Ingest = Callable[..., IngestReport]


@pytest.fixture
def run(
    sqlite_database: Database, sqlite_project: Project, blobs: BlobStore, admin_actor: Actor
) -> Ingest:
    """Ingest a folder into the project ``parts``."""

    def ingest(folder: Path, project: str = "parts", **options: object) -> IngestReport:
        request = IngestRequest(folder=str(folder), **options)  # type: ignore[arg-type]
        return ingest_folder(sqlite_database, blobs, admin_actor, project, request)

    return ingest


@pytest.fixture
def records(sqlite_database: Database, admin_actor: Actor) -> Callable[..., list[ImageRecord]]:
    """List the images of a project by name."""

    def listed(project: str = "parts", **query: object) -> list[ImageRecord]:
        wanted = ImageQuery(sort="name", **query)  # type: ignore[arg-type]
        return list_images(sqlite_database, admin_actor, project, wanted, limit=500)[0]

    return listed


def test_class_folders_become_labeled_images(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    request = IngestRequest(folder=str(folder), metadata={"line": 3})
    report = ingest_folder(database, blobs, admin_actor, "parts", request)
    assert (report.added, report.annotations, report.refused) == (16, 16, ())
    assert report.format == "class_folders"
    images, total = list_images(database, admin_actor, "parts", ImageQuery(label="bolt"))
    assert total == 4
    first = images[0].image
    assert first.id == sha256_bytes((folder / first.name).read_bytes())
    assert first.uri == f"datastore://photos/{first.name}"
    assert (first.width, first.height, first.format) == (48, 36, "jpeg")
    assert first.metadata == {"line": 3}
    assert len(first.statistics or ()) == 14
    assert images[0].annotation_status == "accepted"
    labels = get_annotations(database, admin_actor, "parts", first.id)
    assert [(a.category, a.kind, a.source) for a in labels.annotations] == [
        ("bolt", "class", "import")
    ]
    summary = data_summary(database, admin_actor, "parts")
    assert summary.by_class == dict.fromkeys(CLASSES, 4)
    assert (summary.num_images, summary.num_accepted) == (16, 16)


def test_the_same_folder_again_adds_nothing(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    request = IngestRequest(folder=str(write_class_folders(tmp_path / "photos")))
    first = ingest_folder(database, blobs, admin_actor, "parts", request)
    again = ingest_folder(database, blobs, admin_actor, "parts", request)
    assert (again.added, again.already_present, again.duplicates) == (0, first.added, ())
    assert again.annotations == 0


def test_bad_files_are_named_and_skipped(run: Ingest, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "photos")
    whole = (folder / "bolt" / "bolt_0.jpg").read_bytes()
    bad = {
        "bolt/empty.jpg": b"",
        "bolt/truncated.jpg": whole[: len(whole) // 2],
        "nut/text.png": b"this is no image",
        "notes.md": b"# notes",
        "phone.HEIC": b"ftypheic",
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    (folder / ".DS_Store").write_bytes(b"x")
    report = run(folder)
    assert report.added == 16
    assert {item.path: item.reason for item in report.refused}.keys() == bad.keys()
    reasons = {item.path: item.reason for item in report.refused}
    assert reasons["bolt/empty.jpg"] == "the file is empty"
    assert "damaged or incomplete" in reasons["bolt/truncated.jpg"]
    assert "no supported image format" in reasons["nut/text.png"]
    assert "ending" in reasons["notes.md"]
    assert "convert" in reasons["phone.HEIC"]
    # A repaired file comes in with the next run.
    (folder / "bolt" / "truncated.jpg").write_bytes(encoded(picture(99)))
    assert run(folder).added == 1


def test_names_from_every_corner_are_kept_and_unspeakable_ones_skipped(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path
) -> None:
    folder = tmp_path / "photos" / "washer"
    folder.mkdir(parents=True)
    names = ["Robert'); DROP TABLE images;--.png", "ütf8 日本 🔩.png", "new\nline.png"]
    for number, name in enumerate([*names, "latin-\udcff.png"]):
        (folder / name).write_bytes(encoded(picture(number)))
    report = run(folder.parent, format="class_folders")
    assert (report.added, len(report.refused)) == (3, 1)
    assert report.refused[0].path == "washer/latin-\\udcff.png"
    assert "not valid UTF-8" in report.refused[0].reason
    assert {record.image.name for record in records()} == {f"washer/{name}" for name in names}


def test_equal_bytes_are_one_image_and_a_reported_duplicate(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    shutil.copy(folder / "bolt" / "bolt_1.jpg", folder / "bolt" / "copy.jpg")
    shutil.copy(folder / "bolt" / "bolt_2.jpg", folder / "nut" / "other label.jpg")
    for _ in range(2):
        report = run(folder)
        found = [(item.path, item.first_path) for item in report.duplicates]
        assert found == [
            ("bolt/copy.jpg", "bolt/bolt_1.jpg"),
            ("nut/other label.jpg", "bolt/bolt_2.jpg"),
        ]
    assert len(records()) == 16
    assert any("differ from those already there" in line for line in run(folder).warnings)


def test_an_overwritten_file_is_noticed(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    run(folder)
    old = sha256_bytes((folder / "gear" / "gear_0.jpg").read_bytes())
    (folder / "gear" / "gear_0.jpg").write_bytes(encoded(picture(500)))
    report = run(folder)
    assert report.added == 1
    assert any("Overwritten" in line and "gear_0.jpg" in line for line in report.warnings)
    assert [r.image.id for r in records(status="missing")] == [old]


def test_managed_images_survive_their_source(
    run: Ingest,
    records: Callable[..., list[ImageRecord]],
    sqlite_database: Database,
    blobs: BlobStore,
    admin_actor: Actor,
    tmp_path: Path,
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    run(folder, managed=True)
    shutil.rmtree(folder)
    for record in records():
        content = read_image_content(sqlite_database, blobs, admin_actor, "parts", record.image.id)
        assert sha256_bytes(content.data) == record.image.id


def test_labels_that_a_person_made_are_never_overwritten(
    run: Ingest,
    records: Callable[..., list[ImageRecord]],
    sqlite_database: Database,
    admin_actor: Actor,
    tmp_path: Path,
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    run(folder, format="images")
    first = records()[0]
    assert first.annotation_status == "unlabeled"
    save_annotations(
        sqlite_database,
        admin_actor,
        "parts",
        first.image.id,
        [AnnotationDraft("nut", "class")],
        expected_revision=0,
    )
    report = run(folder)
    assert (report.added, report.annotations) == (0, 15)
    assert any("kept" in line for line in report.warnings)
    kept = get_annotations(sqlite_database, admin_actor, "parts", first.image.id)
    assert [a.category for a in kept.annotations] == ["nut"]


def test_unknown_classes_stop_before_anything_is_stored(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    (folder / "bolt").rename(folder / "screw")
    with pytest.raises(UnknownClasses) as caught:
        run(folder)
    assert caught.value.details == {"unknown": ["screw"], "known": list(CLASSES)}
    assert records() == []


def test_unknown_classes_can_be_added(
    run: Ingest, sqlite_database: Database, tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    (folder / "bolt").rename(folder / "screw")
    assert run(folder, add_classes=True).classes_added == ("screw",)
    assert get_project(sqlite_database, "parts").classes == (*CLASSES, "screw")


@pytest.mark.parametrize("layout", ["train/bolt", "set/bolt", "set/test/bolt", "bolt/person 1"])
def test_class_folders_are_found_at_every_depth(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path, layout: str
) -> None:
    for seed, name in enumerate(("bolt", "nut")):
        folder = tmp_path / "photos" / layout.replace("bolt", name)
        folder.mkdir(parents=True)
        (folder / "x.jpg").write_bytes(encoded(picture(seed)))
    report = run(tmp_path / "photos")
    assert (report.format, report.annotations) == ("class_folders", 2)
    assert sorted(record.labels for record in records()) == [("bolt",), ("nut",)]
    split = records()[0].image.metadata.get("source_split")
    assert split == {"train/bolt": "train", "set/test/bolt": "test"}.get(layout)


def test_the_format_must_be_clear(run: Ingest, sqlite_database: Database, tmp_path: Path) -> None:
    make_project(sqlite_database, "boxes", task="detection")
    both = write_coco(tmp_path / "both", {"a.jpg": [{"category": "bolt", "bbox": [1, 2, 9, 9]}]})
    write_voc(both / "voc", {"b": [("nut", (1, 1, 9, 9))]})
    with pytest.raises(FormatAmbiguous, match="format=") as caught:
        run(both, "boxes")
    assert set(caught.value.details["found"]) == {"coco", "voc"}
    assert run(both, "boxes", format="coco").annotations == 1


def test_labels_that_the_task_cannot_use_are_refused(run: Ingest, tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "coco", {"a.jpg": [{"category": "bolt", "bbox": [1, 2, 9, 9]}]})
    with pytest.raises(IngestInvalid, match="format=images"):
        run(folder)
    assert run(folder, format="images").added == 1


@pytest.mark.parametrize("format", ["coco", "voc", "yolo"])
def test_a_format_that_is_not_there_is_refused(
    run: Ingest, sqlite_database: Database, tmp_path: Path, format: str
) -> None:
    make_project(sqlite_database, "boxes", task="detection")
    with pytest.raises(FormatUnknown if format == "yolo" else IngestInvalid):
        run(write_class_folders(tmp_path / "photos"), "boxes", format=format)


def test_a_folder_without_images_is_refused(run: Ingest, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "x.txt").write_text("x")
    with pytest.raises(IngestInvalid, match="no image"):
        run(tmp_path / "photos")


def test_groups_come_from_the_camera(
    run: Ingest, records: Callable[..., list[ImageRecord]], tmp_path: Path
) -> None:
    for number in range(12):
        folder = tmp_path / "photos" / CLASSES[number % 4]
        folder.mkdir(parents=True, exist_ok=True)
        taken = f"2026:01:01 10:{number // 4:02d}:{number % 4 * 3:02d}"
        data = encoded(picture(number), exif=camera_exif("iPhone 7", taken))
        (folder / f"IMG_{number:04d}.jpg").write_bytes(data)
    report = run(tmp_path / "photos", group_by="exif-session")
    assert report.grouping is not None
    assert (report.grouping["num_groups"], report.grouping["certainty"]) == (3, 1.0)
    assert len({record.image.group_key for record in records()}) == 3
    assert [r.image.camera for r in records(camera="iPhone 7")] == ["iPhone 7"] * 12


class SmallDisk(BlobStore):
    """A blob store whose disk fills up after some files."""

    room = 0

    def put(self, data: bytes) -> str:
        if self.room <= 0:
            raise StorageFull(len(data), "No space left on device")
        self.room -= 1
        return super().put(data)


def test_a_full_disk_stops_clearly_and_the_next_run_goes_on(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos", per_class=40)
    disk = SmallDisk(str(tmp_path / "blobs"))
    disk.room = 100
    request = IngestRequest(folder=str(folder), managed=True)
    with pytest.raises(IngestInterrupted, match="64 of 160") as caught:
        ingest_folder(sqlite_database, disk, admin_actor, "parts", request)
    assert caught.value.retryable
    stored, total = list_images(sqlite_database, admin_actor, "parts", limit=500)
    assert total == 64
    assert all(disk.has(record.image.id) and record.labels for record in stored)
    disk.room = 1000
    report = ingest_folder(sqlite_database, disk, admin_actor, "parts", request)
    assert (report.added, report.already_present) == (96, 64)


def test_the_system_error_of_a_full_disk_is_recognised(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, tmp_path: Path
) -> None:
    class Full(BlobStore):
        def put(self, data: bytes) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

    request = IngestRequest(folder=str(write_class_folders(tmp_path / "photos")), managed=True)
    with pytest.raises(IngestInterrupted, match="0 of 16"):
        ingest_folder(sqlite_database, Full(str(tmp_path / "b")), admin_actor, "parts", request)


def test_an_interrupted_ingest_goes_on(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
    tmp_path: Path,
) -> None:
    request = IngestRequest(folder=str(write_class_folders(tmp_path / "photos", per_class=40)))

    def stop(fraction: float, message: str) -> None:
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_folder(sqlite_database, blobs, admin_actor, "parts", request, progress=stop)
    seen: list[float] = []
    report = ingest_folder(
        sqlite_database, blobs, admin_actor, "parts", request, progress=lambda f, _: seen.append(f)
    )
    assert (report.added, report.already_present) == (96, 64)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_ingest_is_announced_and_needs_the_right(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    make_actor: ActorFactory,
    tmp_path: Path,
) -> None:
    request = IngestRequest(folder=str(write_class_folders(tmp_path / "photos")))
    with pytest.raises(PermissionDenied):
        ingest_folder(sqlite_database, blobs, make_actor(Role.LABELER), "parts", request)
    engineer = make_actor(Role.DATA_ENGINEER)
    ingest_folder(sqlite_database, blobs, engineer, "parts", request)
    events = list_events(sqlite_database, make_actor(Role.VIEWER), project="parts")
    found = [event for event in events if event.type == "visionloop.images.ingested"]
    assert found[0].data["added"] == 16
    assert found[0].actor == engineer.name


def test_an_image_may_live_in_two_projects(
    run: Ingest, sqlite_database: Database, admin_actor: Actor, tmp_path: Path
) -> None:
    make_project(sqlite_database, "other")
    folder = write_class_folders(tmp_path / "photos")
    assert run(folder).added == run(folder, "other").added == 16
    image_id = sha256_bytes((folder / "bolt" / "bolt_0.jpg").read_bytes())
    assert get_image(sqlite_database, admin_actor, "other", image_id).project == "other"
