"""What can go wrong while people label, with the facts that mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class TaskNotFound(NotFound):
    """No such labeling task in the project."""

    code = "label_task_not_found"

    def __init__(self, project: str, task_id: str) -> None:
        super().__init__(
            f"Project {project!r} has no labeling task {task_id!r}. List tasks to see their ids.",
            project=project,
            task_id=task_id,
        )


class ImagesMissing(NotFound):
    """Tasks were asked for images that the project does not have."""

    code = "label_images_missing"

    def __init__(self, project: str, image_ids: Sequence[str]) -> None:
        shown = ", ".join(image_ids[:3]) + (" ..." if len(image_ids) > 3 else "")
        super().__init__(
            f"Project {project!r} lacks {len(image_ids)} of the images ({shown}); no task was "
            "made. Ingest them first.",
            project=project,
            image_ids=list(image_ids),
        )


class TaskLocked(Conflict):
    """Somebody else has the image open."""

    code = "label_task_locked"
    retryable = True

    def __init__(self, task_id: str, holder: str, expires_at: datetime) -> None:
        super().__init__(
            f"{holder} has the image of task {task_id} open until {expires_at:%H:%M:%S} UTC. "
            "Take the next task, or wait until it is released.",
            task_id=task_id,
            holder=holder,
            expires_at=expires_at.isoformat(),
        )


class TaskNotYours(Forbidden):
    """The task is assigned to somebody else."""

    code = "label_task_not_yours"

    def __init__(self, task_id: str, assignee: str, actor: str) -> None:
        super().__init__(
            f"Task {task_id} is assigned to {assignee}, not to {actor}. Ask a reviewer to assign "
            "it anew.",
            task_id=task_id,
            assignee=assignee,
        )


class WrongTaskState(Conflict):
    """The task is not in a state that allows the action."""

    code = "label_task_state"

    def __init__(self, task_id: str, action: str, state: str, allowed: Sequence[str]) -> None:
        super().__init__(
            f"Task {task_id} is {state}; to {action} it, it must be {' or '.join(allowed)}.",
            task_id=task_id,
            action=action,
            state=state,
            allowed=list(allowed),
        )


class NothingLabeled(Invalid):
    """A task was submitted without the label that the project's task type needs."""

    code = "nothing_labeled"

    def __init__(self, task_id: str, expected: str) -> None:
        super().__init__(
            f"Task {task_id} cannot be submitted without a label; expected {expected}. Label the "
            "image, or skip it with a reason.",
            task_id=task_id,
            expected=expected,
        )


class OwnWork(Forbidden):
    """Somebody tried to review what they labeled themselves."""

    code = "review_of_own_work"

    def __init__(self, task_id: str, reviewer: str) -> None:
        super().__init__(
            f"{reviewer} labeled task {task_id} and cannot review it; somebody else must. "
            "A project allows it with settings.labeling.allow_self_review: true.",
            task_id=task_id,
            reviewer=reviewer,
        )


class BlindTask(Conflict):
    """Somebody tried to review one answer of several on its own."""

    code = "label_task_blind"

    def __init__(self, task_id: str, action: str) -> None:
        super().__init__(
            f"Task {task_id} holds one person's answer; nobody can {action} it alone. The image is "
            "decided by agreement, or by a reviewer among the disputes.",
            task_id=task_id,
            action=action,
        )


class ReasonMissing(Invalid):
    """A skip or a rejection came without a word of explanation."""

    code = "reason_missing"

    def __init__(self, task_id: str, action: str) -> None:
        super().__init__(
            f"To {action} task {task_id}, say why in at least one word, so that the next person "
            "can act on it.",
            task_id=task_id,
            action=action,
        )


class QueueNameBad(Invalid):
    """A queue's name does not fit."""

    code = "queue_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot name a queue; use 1 to 63 letters, digits, '_', '-' or '.'.",
            name=name,
        )


class AssigneeUnfit(Invalid):
    """The person that tasks shall go to may not label in the project."""

    code = "assignee_unfit"

    def __init__(self, assignee: str, project: str) -> None:
        super().__init__(
            f"{assignee!r} may not label in project {project!r}. Grant the role labeler there, or "
            "name somebody who has it.",
            assignee=assignee,
            project=project,
        )


class CommentNotFound(NotFound):
    """No such comment on the task."""

    code = "label_comment_not_found"

    def __init__(self, task_id: str, comment_id: str) -> None:
        super().__init__(
            f"Task {task_id} has no comment {comment_id!r}.",
            task_id=task_id,
            comment_id=comment_id,
        )


class StaleLabels(Conflict):
    """Somebody saved in between; both versions are here, and the refused one is kept."""

    code = "stale_annotations"

    def __init__(
        self,
        *,
        image_id: str,
        expected_revision: int,
        conflict_id: str,
        current: Mapping[str, Any],
        yours: Mapping[str, Any],
    ) -> None:
        super().__init__(
            f"The annotations of image {image_id} are at revision {current['revision']}, not "
            f"{expected_revision}: {current['updated_by'] or 'someone'} saved in between. Your "
            f"version is kept as {conflict_id}; adopt it, discard it, or apply your change again.",
            image_id=image_id,
            expected_revision=expected_revision,
            current_revision=current["revision"],
            conflict_id=conflict_id,
            current=dict(current),
            yours=dict(yours),
        )


class ConflictNotFound(NotFound):
    """No such refused save."""

    code = "label_conflict_not_found"

    def __init__(self, project: str, conflict_id: str) -> None:
        super().__init__(
            f"Project {project!r} keeps no refused save {conflict_id!r}.",
            project=project,
            conflict_id=conflict_id,
        )


class ConflictResolved(Conflict):
    """Somebody decided on a refused save already."""

    code = "label_conflict_resolved"

    def __init__(self, conflict_id: str, resolution: str, by: str) -> None:
        super().__init__(
            f"The refused save {conflict_id} was {resolution} by {by} already.",
            conflict_id=conflict_id,
            resolution=resolution,
        )


class NoPredictor(Invalid):
    """No model can suggest labels yet."""

    code = "no_predictor"

    def __init__(self, project: str) -> None:
        super().__init__(
            f"Project {project!r} has no model that could suggest labels. Register one and give "
            "it the alias 'champion'.",
            project=project,
        )
