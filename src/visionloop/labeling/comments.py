"""Talk about a task: notes pinned to a place or a shape, in threads that somebody closes."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.labeling import rules
from visionloop.labeling.entities import CommentKind, Pin, TaskComment
from visionloop.labeling.errors import CommentNotFound
from visionloop.labeling.store import comments as comment_store
from visionloop.labeling.tasks import find_for_update, write_comment
from visionloop.storage.database import Database


def add_comment(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    *,
    text: str,
    pin: Pin | None = None,
) -> TaskComment:
    """Leave a note for whoever works on the task next.

    Raises:
        TaskNotFound: The project has no such task.
        CommentNotFound: The comment to reply to is not there.
        ReasonMissing: The text is empty.
    """
    require(actor, Permission.LABEL, project)
    with database.begin() as tx:
        task = find_for_update(tx, project, task_id)
        said = rules.check_reason(task, "comment on", text)
        if pin is not None and pin.reply_to is not None:
            first = comment_store.find_comment(tx, task_id, pin.reply_to)
            if first is None:
                raise CommentNotFound(task_id, pin.reply_to)
            # A thread is one level deep: a reply to a reply continues the thread.
            pin = Pin(first.x, first.y, first.annotation_id, first.reply_to or first.id)
        comment = write_comment(tx, actor, task, CommentKind.NOTE, said, pin=pin)
        publish(
            tx,
            type="visionloop.label_task.commented",
            project=project,
            subject=f"label_task/{task.id}",
            actor=actor,
            data={"comment_id": comment.id, "reply_to": comment.reply_to},
        )
    return comment


def resolve_comment(
    database: Database,
    actor: Actor,
    project: str,
    task_id: str,
    comment_id: str,
    *,
    is_resolved: bool = True,
) -> TaskComment:
    """Close the thread that a comment belongs to, or open it again.

    Raises:
        TaskNotFound, CommentNotFound: There is no such thing.
    """
    require(actor, Permission.LABEL, project)
    with database.begin() as tx:
        find_for_update(tx, project, task_id)
        comment = comment_store.find_comment(tx, task_id, comment_id)
        if comment is not None and comment.reply_to is not None:
            comment = comment_store.find_comment(tx, task_id, comment.reply_to)
        if comment is None:
            raise CommentNotFound(task_id, comment_id)
        by, at = (actor.name, utc_now()) if is_resolved else (None, None)
        comment_store.resolve_comment(tx, comment.id, by=by, at=at)
    return replace(comment, resolved_by=by, resolved_at=at)
