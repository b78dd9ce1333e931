"""The SQL of watches, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from tests.data.pictures import encoded, picture, write_class_folders
from visionloop.admin.entities import Actor, Project
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.store import images as image_store
from visionloop.data.store import watches as store
from visionloop.data.watching.looks import look_at_due
from visionloop.data.watching.watches import WatchRequest, create_watch, pause_watch
from visionloop.kernel.clock import utc_now
from visionloop.labeling.store.arrivals import list_unqueued
from visionloop.labeling.watching import ENTRY_POINT, queue_new
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def test_watches_are_found_marked_and_queued(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "photos")
    shutil.copy(folder / "bolt" / "bolt_1.jpg", folder / "nut" / "twin.jpg")
    request = IngestRequest(folder=str(folder), format="images")
    ingest_folder(database, blobs, admin_actor, "parts", request)
    made, token = create_watch(
        database, admin_actor, "parts", WatchRequest("line", "photos", "bolt", queue="incoming")
    )
    with database.read() as tx:
        assert store.list_watches(tx, "parts") == store.list_due(tx, utc_now()) == [made]
        assert store.list_due(tx, made.due_at - timedelta(seconds=1)) == []
        assert token not in (store.find_token(tx, "parts", "line") or "")
        assert store.count_watches(tx, "parts", "photos") == 1
        known = image_store.list_files(tx, "parts", "photos")
        assert list_unqueued(tx, made, queue="incoming", limit=9) == []  # older than the watch
    gone = {name: known[name][2] for name in ("bolt/bolt_0.jpg", "bolt/bolt_1.jpg")}
    with database.begin() as tx:
        marked = store.mark_missing(tx, "parts", "photos", gone)
        assert sorted(marked) == sorted(gone.values())
        copies = store.find_copies(tx, "parts", marked)
        assert copies == {gone["bolt/bolt_1.jpg"]: ("photos", "nut/twin.jpg")}
        assert store.mark_missing(tx, "parts", "photos", gone) == []
    look = look_at_due(database, entry_point=ENTRY_POINT)[0]
    assert look.new == ("bolt/bolt_0.jpg", "bolt/bolt_1.jpg")  # forgotten, so new again
    pause_watch(database, admin_actor, "parts", "line", is_paused=True)
    assert look_at_due(database, entry_point=ENTRY_POINT) == []
    for place in ("bolt", "nut"):
        (folder / place / "new.jpg").write_bytes(encoded(picture(len(place) + 900)))
    ingest_folder(database, blobs, admin_actor, "parts", request)
    assert queue_new(database, admin_actor, "parts", "line") == 1
    assert queue_new(database, admin_actor, "parts", "line") == 0
    assert list_images(database, admin_actor, "parts")[1] == 18
