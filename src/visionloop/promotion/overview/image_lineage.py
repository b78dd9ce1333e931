"""What became of one image: versions, runs, models, predictions, tasks and deeds of people."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

from visionloop.admin.entities import Actor, Event
from visionloop.admin.events import list_events
from visionloop.data.entities import Split
from visionloop.data.images import get_image
from visionloop.data.memberships import Membership, list_memberships
from visionloop.labeling.entities import LabelTask, TaskQuery
from visionloop.labeling.tasks import list_tasks
from visionloop.monitoring.predictions import LoggedPrediction, list_predictions
from visionloop.registry.entities import ModelVersion
from visionloop.registry.versions import list_versions
from visionloop.serving.endpoints import list_endpoints
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.entities import Run
from visionloop.training.errors import RunNotFound
from visionloop.training.experiments import get_run

_MAX_ITEMS: Final = 50


@dataclass(frozen=True)
class RunUse:
    """A run on a version that holds the image; the split says whether it learned from it."""

    run: Run
    split: Split


@dataclass(frozen=True)
class ImageLineage:
    """Everything that an image went into and came from, newest first."""

    memberships: tuple[Membership, ...]
    runs: tuple[RunUse, ...]
    models: tuple[ModelVersion, ...]
    predictions: tuple[LoggedPrediction, ...]
    tasks: tuple[LabelTask, ...]
    events: tuple[Event, ...]


def trace_image(
    database: Database, home: Home, blobs: BlobStore, actor: Actor, project: str, *, image_id: str
) -> ImageLineage:
    """Follow an image through the whole loop.

    Raises:
        ImageNotFound: the project has no such image.
    """
    get_image(database, actor, project, image_id)
    memberships = list_memberships(database, blobs, actor, project, image_id)
    runs = _runs(database, actor, project, memberships)
    learned = {use.run.id for use in runs if use.split == "train"}
    models = [
        version for version in list_versions(database, actor, project) if version.run_id in learned
    ]
    tasks, _ = list_tasks(database, actor, project, TaskQuery(image_id=image_id), limit=_MAX_ITEMS)
    return ImageLineage(
        memberships=tuple(memberships),
        runs=runs,
        models=tuple(models),
        predictions=_predictions(database, home, actor, project, image_id),
        tasks=tuple(tasks),
        events=_events(database, actor, project, image_id, tasks),
    )


def _runs(
    database: Database, actor: Actor, project: str, memberships: list[Membership]
) -> tuple[RunUse, ...]:
    users = (
        (user_id, membership.row.split)
        for membership in memberships
        for kind, user_id in membership.uses
        if kind == "run"
    )
    found = []
    for run_id, split in islice(users, _MAX_ITEMS):
        try:
            found.append(RunUse(get_run(database, actor, project, run_id), split))
        except RunNotFound:  # deleted since; the version stays protected
            continue
    return tuple(sorted(found, key=lambda use: use.run.created_at, reverse=True))


def _predictions(
    database: Database, home: Home, actor: Actor, project: str, image_id: str
) -> tuple[LoggedPrediction, ...]:
    found = [
        prediction
        for endpoint in list_endpoints(database, actor, project)
        for prediction in list_predictions(
            database,
            home,
            actor,
            project,
            endpoint.name,
            image_id=image_id,
            limit=_MAX_ITEMS,
        )[0]
    ]
    return tuple(sorted(found, key=lambda item: item.time, reverse=True)[:_MAX_ITEMS])


def _events(
    database: Database, actor: Actor, project: str, image_id: str, tasks: list[LabelTask]
) -> tuple[Event, ...]:
    subjects = [f"image/{image_id}", *(f"label_task/{task.id}" for task in tasks)]
    found = list_events(
        database, actor, project, subjects=subjects, newest_first=True, limit=_MAX_ITEMS
    )
    return tuple(found)
