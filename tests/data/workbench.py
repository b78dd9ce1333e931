"""A project with labeled images, and the use cases of the data estate bound to it."""

from __future__ import annotations

from pathlib import Path

from tests.data.pictures import write_class_folders
from visionloop.admin.entities import Actor
from visionloop.data.annotations import save_annotations
from visionloop.data.entities import AnnotationDraft, DatasetVersion, ImageQuery
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.versions import read_manifest
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


class Bench:
    """A project with sixty labeled images, and the use cases bound to it."""

    def __init__(self, database: Database, blobs: BlobStore, actor: Actor, folder: Path) -> None:
        self.database, self.blobs, self.actor, self.folder = database, blobs, actor, folder

    def ingest(self, folder: Path, project: str = "parts", **options: object) -> None:
        request = IngestRequest(folder=str(folder), **options)  # type: ignore[arg-type]
        ingest_folder(self.database, self.blobs, self.actor, project, request)

    def freeze(
        self, name: str = "base", project: str = "parts", **options: object
    ) -> DatasetVersion:
        request = FreezeRequest(name, **options)  # type: ignore[arg-type]
        return freeze_version(self.database, self.blobs, self.actor, project, request)

    @property
    def where(self) -> tuple[Database, BlobStore, Actor, str]:
        """What most use cases begin with."""
        return self.database, self.blobs, self.actor, "parts"

    def splits(self, version: str, project: str = "parts") -> dict[str, str]:
        rows = read_manifest(self.database, self.blobs, self.actor, project, version)
        return {row.name: row.split for row in rows}

    def relabel(self, name: str, category: str) -> str:
        query = ImageQuery(text=name)
        record = list_images(self.database, self.actor, "parts", query)[0][0]
        save_annotations(
            self.database,
            self.actor,
            "parts",
            record.image.id,
            [AnnotationDraft(category, "class")],
            expected_revision=record.revision,
        )
        return record.image.id


def prepared(database: Database, blobs: BlobStore, actor: Actor, tmp_path: Path) -> Bench:
    bench = Bench(database, blobs, actor, write_class_folders(tmp_path / "photos", per_class=15))
    bench.ingest(bench.folder)
    return bench
