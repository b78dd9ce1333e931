from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ActorFactory, make_project
from tests.data.pictures import encoded, picture
from visionloop.admin.entities import Actor, Project, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.data.annotations import get_annotations, review_annotations, save_annotations
from visionloop.data.entities import AnnotationDraft, Image, ImageQuery
from visionloop.data.errors import (
    AnnotationInvalid,
    ImageNotFound,
    NotAnImage,
    StaleAnnotations,
    UnknownClasses,
    UploadTooLarge,
)
from visionloop.data.images import (
    exclude_image,
    list_images,
    read_image_content,
    restore_image,
    update_metadata,
)
from visionloop.data.imaging import decode_image
from visionloop.data.thumbnails import thumbnail
from visionloop.data.uploads import MAX_UPLOAD_BYTES, ImageUpload, add_image_bytes
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

Upload = Callable[..., Image]


@pytest.fixture
def upload(database: Database, blobs: BlobStore, admin_actor: Actor) -> Upload:
    """Add a picture to a project."""

    def add(seed: int, project: str = "parts", **options: object) -> Image:
        data = encoded(picture(seed, 100, 50))
        sent = ImageUpload(data, options.pop("name", f"{seed}.jpg"), **options)  # type: ignore[arg-type]
        return add_image_bytes(database, blobs, admin_actor, project, sent).image

    return add


def box(*corners: float, category: str = "bolt", **values: object) -> AnnotationDraft:
    return AnnotationDraft(category, "box", bbox=corners, **values)  # type: ignore[arg-type]


def test_saving_counts_revisions_and_keeps_what_did_not_change(
    database: Database, upload: Upload, make_actor: ActorFactory
) -> None:
    make_project(database, "boxes", task="detection")
    image = upload(1, "boxes")
    ann = make_actor(Role.LABELER, name="ann", project="boxes")
    bob = make_actor(Role.REVIEWER, name="bob", project="boxes")
    assert get_annotations(database, ann, "boxes", image.id).revision == 0
    first = save_annotations(
        database,
        ann,
        "boxes",
        image.id,
        [
            box(1, 1, 20, 20),
            box(30, 5, 200, 20, category="nut"),
            box(5, 5, 9, 9, source="model", score=0.7),
        ],
        expected_revision=0,
    )
    assert (first.revision, first.status) == (1, "labeled")
    assert first.annotations[1].bbox == (30, 5, 100, 20)
    kept, moved, guess = first.annotations
    assert (guess.source, guess.score) == ("model", 0.7)
    second = save_annotations(
        database,
        bob,
        "boxes",
        image.id,
        [
            box(1, 1, 20, 20, id=kept.id),
            box(31, 5, 99, 20, category="nut", id=moved.id),
            box(6, 6, 10, 10, id=guess.id),
        ],
        expected_revision=1,
    )
    assert second == get_annotations(database, ann, "boxes", image.id)
    assert second.annotations[0] == kept
    assert (second.annotations[1].id, second.annotations[1].author) == (moved.id, "bob")
    corrected = second.annotations[2]
    assert (corrected.source, corrected.author, corrected.score) == ("human", "bob", None)


def test_a_stale_save_is_refused_with_both_revisions(
    database: Database, project: Project, upload: Upload, admin_actor: Actor
) -> None:
    image = upload(1)
    labels = [AnnotationDraft("bolt", "class")]
    save_annotations(database, admin_actor, "parts", image.id, labels, expected_revision=0)
    with pytest.raises(StaleAnnotations) as caught:
        save_annotations(database, admin_actor, "parts", image.id, [], expected_revision=0)
    details = caught.value.details
    assert (details["expected_revision"], details["current_revision"]) == (0, 1)
    kept = get_annotations(database, admin_actor, "parts", image.id)
    assert [a.category for a in kept.annotations] == ["bolt"]


def test_a_review_accepts_exactly_what_was_seen(
    database: Database, project: Project, upload: Upload, make_actor: ActorFactory
) -> None:
    image = upload(1)
    ann = make_actor(Role.LABELER, name="ann")
    bob = make_actor(Role.REVIEWER, name="bob")
    labels = [AnnotationDraft("bolt", "class")]
    save_annotations(database, ann, "parts", image.id, labels, expected_revision=0)
    with pytest.raises(PermissionDenied):
        review_annotations(database, ann, "parts", image.id, accepted=True, expected_revision=1)
    with pytest.raises(StaleAnnotations):
        review_annotations(database, bob, "parts", image.id, accepted=True, expected_revision=0)
    accepted = review_annotations(
        database, bob, "parts", image.id, accepted=True, expected_revision=1
    )
    assert (accepted.status, accepted.annotations[0].reviewed_by) == ("accepted", "bob")
    again = [AnnotationDraft("nut", "class", id=accepted.annotations[0].id)]
    changed = save_annotations(database, ann, "parts", image.id, again, expected_revision=2)
    assert (changed.status, changed.annotations[0].reviewed_by) == ("labeled", None)
    rejected = review_annotations(
        database, bob, "parts", image.id, accepted=False, expected_revision=3
    )
    assert rejected.status == "rejected"


def test_bad_labels_change_nothing(
    database: Database, project: Project, upload: Upload, admin_actor: Actor
) -> None:
    image = upload(1)
    for drafts, error in (
        ([AnnotationDraft("screw", "class")], UnknownClasses),
        ([box(1, 1, 5, 5)], AnnotationInvalid),
        ([AnnotationDraft("bolt", "class")] * 2, AnnotationInvalid),
    ):
        with pytest.raises(error):
            save_annotations(database, admin_actor, "parts", image.id, drafts, expected_revision=0)
    assert get_annotations(database, admin_actor, "parts", image.id).revision == 0
    with pytest.raises(ImageNotFound):
        save_annotations(database, admin_actor, "parts", "f" * 64, [], expected_revision=0)


def test_removing_the_class_makes_an_image_unlabeled_again(
    database: Database, project: Project, upload: Upload, admin_actor: Actor
) -> None:
    image = upload(1)
    labels = [AnnotationDraft("bolt", "class")]
    save_annotations(database, admin_actor, "parts", image.id, labels, expected_revision=0)
    emptied = save_annotations(database, admin_actor, "parts", image.id, [], expected_revision=1)
    assert emptied.status == "unlabeled"


def test_lists_filter_sort_and_page(
    database: Database, project: Project, upload: Upload, admin_actor: Actor
) -> None:
    for seed in range(10):
        upload(seed, origin="production" if seed % 2 else "ingest", metadata={"line": seed % 3})
    images = {name: i for i, name in enumerate(f"{seed}.jpg" for seed in range(10))}

    def names(**query: object) -> list[str]:
        wanted = ImageQuery(**query)  # type: ignore[arg-type]
        return [r.image.name for r in list_images(database, admin_actor, "parts", wanted)[0]]

    assert names(sort="name") == sorted(images)
    assert names(sort="-name") == sorted(images, reverse=True)
    assert names() == list(images)
    assert names(origin="production", sort="name") == ["1.jpg", "3.jpg", "5.jpg", "7.jpg", "9.jpg"]
    assert names(where=("metadata.line=2",)) == ["2.jpg", "5.jpg", "8.jpg"]
    assert names(where=("metadata.line!=2", "name~^[0-4]")) == ["0.jpg", "1.jpg", "3.jpg", "4.jpg"]
    assert names(where=("exif.Model=x",)) == []
    assert len(names(where=("exif.Model!=x",))) == 10
    assert names(text="7.J") == ["7.jpg"]
    assert names(text="%") == []
    page, total = list_images(
        database, admin_actor, "parts", ImageQuery(sort="name"), limit=3, offset=8
    )
    assert ([r.image.name for r in page], total) == (["8.jpg", "9.jpg"], 10)


def test_an_excluded_image_can_come_back(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
) -> None:
    database = sqlite_database
    sent = ImageUpload(encoded(picture(1)), "a.jpg")
    image = add_image_bytes(database, blobs, admin_actor, "parts", sent).image
    assert (
        exclude_image(database, admin_actor, "parts", image.id, reason="blur").status == "excluded"
    )
    assert list_images(database, admin_actor, "parts", ImageQuery(status="active"))[1] == 0
    assert restore_image(database, admin_actor, "parts", image.id).status == "active"
    changed = update_metadata(database, admin_actor, "parts", image.id, {"line": 4, "x": None})
    assert changed.metadata == {"line": 4}


def test_the_same_bytes_are_added_once(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor
) -> None:
    data = encoded(picture(1, 100, 50))
    sent = ImageUpload(data, "C:\\cam\\..\\a.jpg", origin="production", metadata={"request": "r1"})
    first = add_image_bytes(database, blobs, admin_actor, "parts", sent)
    again = add_image_bytes(database, blobs, admin_actor, "parts", ImageUpload(data, "b.jpg"))
    assert (first.added, again.added) == (True, False)
    assert again.image == first.image
    assert (first.image.name, first.image.origin) == ("a.jpg", "production")
    content = read_image_content(database, blobs, admin_actor, "parts", first.image.id)
    assert content.data == data


def test_uploads_that_are_no_images_leave_nothing(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
) -> None:
    for data, error in ((b"no image", NotAnImage), (b"x" * (MAX_UPLOAD_BYTES + 1), UploadTooLarge)):
        with pytest.raises(error):
            add_image_bytes(
                sqlite_database, blobs, admin_actor, "parts", ImageUpload(data, "a.jpg")
            )
    assert list_images(sqlite_database, admin_actor, "parts")[1] == 0


def test_thumbnails_are_small_upright_and_kept(
    sqlite_database: Database,
    sqlite_project: Project,
    blobs: BlobStore,
    admin_actor: Actor,
    tmp_path: Path,
) -> None:
    database = sqlite_database
    data = encoded(picture(1, 900, 300), exif={0x0112: 6})
    image = add_image_bytes(database, blobs, admin_actor, "parts", ImageUpload(data, "a.jpg")).image
    small = thumbnail(database, blobs, admin_actor, "parts", image.id, size=200)
    assert decode_image(small).shape == (256, 85, 3)
    # The second one comes from the cache, even when the source is gone.
    path = blobs.local_path(image.id)
    assert path is not None
    path.unlink()
    assert thumbnail(database, blobs, admin_actor, "parts", image.id, size=256) == small
