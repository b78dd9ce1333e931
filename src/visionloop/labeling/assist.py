"""Model-assisted labeling: a model proposes, a person decides, and both stay on record."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.data.annotations import check_drafts
from visionloop.data.entities import AnnotationDraft
from visionloop.data.images import read_image_content
from visionloop.kernel.clock import utc_now
from visionloop.labeling.entities import Suggestion
from visionloop.labeling.errors import NoPredictor
from visionloop.labeling.ports import Prediction, Predictor
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
    prediction = predictor.predict(project, content.data)
    if prediction is None:
        raise NoPredictor(project)
    drafts = check_drafts(
        _with_provenance(prediction), get_project(database, project), content.image
    )
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


def _with_provenance(prediction: Prediction) -> list[AnnotationDraft]:
    return [
        replace(draft, source="model", author=prediction.model, id=None)
        for draft in prediction.annotations
    ]
