from __future__ import annotations

import pytest

from visionloop.admin.entities import Actor
from visionloop.labeling.comments import add_comment, resolve_comment
from visionloop.labeling.entities import LabelTask, Pin
from visionloop.labeling.errors import CommentNotFound, ReasonMissing
from visionloop.labeling.tasks import get_task
from visionloop.storage.database import Database


def test_a_thread_hangs_on_a_place_and_is_closed_from_any_reply(
    database: Database, queued: list[LabelTask], labeler: Actor, reviewer: Actor
) -> None:
    task = queued[0].id
    first = add_comment(
        database, labeler, "parts", task, text="rust?", pin=Pin(x=3.5, y=4, annotation_id="ann_1")
    )
    reply = add_comment(database, reviewer, "parts", task, text="yes", pin=Pin(reply_to=first.id))
    more = add_comment(database, labeler, "parts", task, text="ok", pin=Pin(reply_to=reply.id))
    assert (more.x, more.y, more.annotation_id, more.reply_to) == (3.5, 4, "ann_1", first.id)
    closed = resolve_comment(database, reviewer, "parts", task, more.id)
    assert (closed.id, closed.resolved_by) == (first.id, "rita")
    assert get_task(database, labeler, "parts", task).comments[0].resolved_at is not None
    resolve_comment(database, labeler, "parts", task, first.id, is_resolved=False)
    assert get_task(database, labeler, "parts", task).comments[0].resolved_by is None


def test_a_reply_needs_a_comment_of_the_same_task(
    database: Database, queued: list[LabelTask], labeler: Actor
) -> None:
    first = add_comment(database, labeler, "parts", queued[0].id, text="rust?")
    with pytest.raises(CommentNotFound):
        add_comment(database, labeler, "parts", queued[1].id, text="x", pin=Pin(reply_to=first.id))
    with pytest.raises(CommentNotFound):
        resolve_comment(database, labeler, "parts", queued[0].id, "comment_0")
    with pytest.raises(ReasonMissing):
        add_comment(database, labeler, "parts", queued[0].id, text=" ")
