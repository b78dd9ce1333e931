"""Send what a quality scan found to the people who label."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.quality.actions import Ledger, open_findings, record_action
from visionloop.data.quality.entities import QualityAction
from visionloop.labeling.entities import TaskOrder
from visionloop.labeling.tasks import write_tasks
from visionloop.storage.database import Database

QUALITY_QUEUE = "quality"


def send_findings(
    database: Database,
    actor: Actor,
    project: str,
    finding_ids: Sequence[str],
    order: TaskOrder | None = None,
) -> QualityAction:
    """Queue the images of findings for labeling; findings and tasks are settled together.

    An image with an unfinished task in the queue keeps that one.

    Raises:
        QueueNameBad, AssigneeUnfit: The order cannot be followed.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        ledger = Ledger()
        chosen = open_findings(tx, project, finding_ids, ledger)
        for finding in chosen:
            if finding.image_id is None:
                ledger.skip(finding.id, "it is about no single image")
        usable = [finding for finding in chosen if finding.image_id is not None]
        images = [finding.image_id for finding in usable if finding.image_id is not None]
        if images:
            made = write_tasks(tx, actor, project, images, order or TaskOrder(queue=QUALITY_QUEUE))
            tasks = {task.image_id: task.id for task in (*made.existing, *made.created)}
            for finding in usable:
                task_id = tasks.get(finding.image_id or "")
                ledger.change([finding.id], image_id=finding.image_id, task_id=task_id)
        return record_action(tx, actor, project, "label", ledger)
