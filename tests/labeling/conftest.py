from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import ActorFactory
from visionloop.admin.entities import SYSTEM, Actor, Project
from visionloop.data.entities import AnnotationDraft
from visionloop.data.rendered.sets import classification_photos
from visionloop.data.uploads import ImageUpload, add_image_bytes
from visionloop.labeling.annotations import save_labels, submit_task
from visionloop.labeling.claims import open_task
from visionloop.labeling.entities import LabelTask, TaskOrder
from visionloop.labeling.tasks import create_tasks, get_task
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def add_rendered(database: Database, count: int) -> list[str]:
    """Upload rendered photos into blobs beside the database and return their ids."""
    folder = Path(str(sa.make_url(database.url).database)).parent / "blobs"
    return add_photos(database, BlobStore(str(folder)), count)


def add_photos(
    database: Database, blobs: BlobStore, count: int, project: str = "parts"
) -> list[str]:
    """Upload rendered photos and return their ids."""
    return [
        add_image_bytes(
            database, blobs, SYSTEM, "parts", ImageUpload(data=data, name=name)
        ).image.id
        for name, data in classification_photos(
            camera="line-A", num_images=count, seed=7, image_size=32
        )
    ]


@pytest.fixture
def image_ids(database: Database, blobs: BlobStore, project: Project) -> list[str]:
    """Six photos in the project ``parts``."""
    return add_photos(database, blobs, 6)


@pytest.fixture
def labeler(make_actor: ActorFactory) -> Actor:
    return make_actor("labeler", name="lena")


@pytest.fixture
def reviewer(make_actor: ActorFactory) -> Actor:
    return make_actor("reviewer", name="rita")


@pytest.fixture
def label(database: Database) -> Callable[..., LabelTask]:
    """Give a task one class and hand it in."""

    def act(
        actor: Actor, task_id: str, category: str = "nut", *, project: str = "parts"
    ) -> LabelTask:
        open_task(database, actor, project, task_id)
        revision = get_task(database, actor, project, task_id).annotations.revision
        draft = AnnotationDraft(category=category, kind="class")
        save_labels(database, actor, project, task_id, [draft], expected_revision=revision)
        return submit_task(database, actor, project, task_id)

    return act


@pytest.fixture
def queued(database: Database, image_ids: list[str]) -> list[LabelTask]:
    """One open task for each of the six photos."""
    return list(create_tasks(database, SYSTEM, "parts", image_ids, TaskOrder()).created)
