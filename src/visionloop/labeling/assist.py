"""Model-assisted labeling: a model proposes, a person decides, and both stay on record."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.projects import get_project
from visionloop.data.annotations import check_drafts
from visionloop.data.entities import AnnotationDraft, Image
from visionloop.data.errors import ImageUnreadable, NotAnImage
from visionloop.data.images import read_image_content
from visionloop.kernel.clock import utc_now
from visionloop.labeling.entities import Suggestion
from visionloop.labeling.errors import NoPredictor
from visionloop.labeling.ports import Prediction, Predictor
from visionloop.labeling.store import tasks as task_store
from visionloop.labeling.tasks import find_for_update, get_task, write_change
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


def suggest_labels(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    task_id: str,
    *,
    predictor: Predictor,
    model: str | None = None,
) -> Suggestion:
    """Ask the project's model about a task's image and keep its answer with the task.

    The proposals carry source "model", the model as author, and a score. They become labels only
    when somebody saves them; a shape that the person changes becomes the person's.

    Raises:
        TaskNotFound: The project has no such task.
        NoPredictor: There is no model yet.
        ImageUnreadable: The image's source does not answer.
    """
    require(actor, Permission.LABEL, project)
    task = get_task(database, actor, project, task_id).task
    content = read_image_content(database, blobs, actor, project, task.image_id)
    prediction = predictor.predict(project, content.data, model=model)
    if prediction is None:
        raise NoPredictor(project)
    drafts = _check(prediction, get_project(database, project), content.image)
    suggestion = Suggestion(
        model=prediction.model,
        digest=prediction.digest,
        annotations=tuple(drafts),
        created_at=utc_now(),
    )
    with database.begin() as tx:
        current = find_for_update(tx, project, task_id)
        changed = replace(current, suggestion=suggestion)
        write_change(tx, actor, changed, "suggested", model=prediction.model)
    return suggestion


def suggest_queue(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    queue: str,
    *,
    predictor: Predictor,
    model: str | None = None,
    limit: int = 50,
) -> tuple[int, int]:
    """Ask a model about the next open tasks of a queue that have no proposal yet.

    Blind tasks get none: a proposal would make answers agree that were not found independently.

    Returns:
        How many got a proposal, and how many images could not be read.

    Raises:
        NoPredictor: There is no such model.
    """
    require(actor, Permission.LABEL, project)
    with database.read() as tx:
        waiting = task_store.list_unsuggested(tx, project, queue, limit=limit)
    num_failed = 0
    for task in waiting:
        try:
            suggest_labels(
                database, blobs, actor, project, task.id, predictor=predictor, model=model
            )
        except (ImageUnreadable, NotAnImage):
            num_failed += 1
    return len(waiting) - num_failed, num_failed


def _check(prediction: Prediction, project: Project, image: Image) -> list[AnnotationDraft]:
    """Check proposals one by one: several classes for one image are alternatives."""
    return [
        checked
        for draft in _with_provenance(prediction)
        for checked in check_drafts([draft], project, image)
    ]


def _with_provenance(prediction: Prediction) -> list[AnnotationDraft]:
    return [
        replace(draft, source="model", author=prediction.model, id=None)
        for draft in prediction.annotations
    ]
