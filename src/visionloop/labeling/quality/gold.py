"""Hidden tests: images with known labels that labelers meet as tasks like any other."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.data.store.annotations import find_annotation_sets
from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.ids import new_id
from visionloop.labeling.agreement.proposals import agree
from visionloop.labeling.entities import LabelTask, TaskKind, TaskState
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.quality import rules, store
from visionloop.labeling.quality.entities import GoldImage, ScoreKind
from visionloop.labeling.quality.errors import GoldUnproven
from visionloop.labeling.quality.scores import is_single_class, score_of
from visionloop.labeling.sets import as_draft
from visionloop.labeling.store import answers as answer_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database, Transaction


def add_gold(
    database: Database, actor: Actor, project: str, image_ids: Sequence[str]
) -> list[GoldImage]:
    """Test labelers with images from now on, by their accepted labels as they are.

    Raises:
        GoldUnproven: Some have no accepted labels; none was added.
    """
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        sets = find_annotation_sets(tx, project, list(image_ids))
        unproven = [i for i in image_ids if i not in sets or sets[i].status != "accepted"]
        if unproven:
            raise GoldUnproven(unproven)
        images = [
            GoldImage(
                project=project,
                image_id=image_id,
                annotations=tuple(as_draft(item) for item in sets[image_id].annotations),
                created_by=actor.name,
                created_at=utc_now(),
                attributes=sets[image_id].attributes,
            )
            for image_id in dict.fromkeys(image_ids)
        ]
        store.replace_gold(tx, images)
        publish(
            tx,
            type="visionloop.label_gold.added",
            project=project,
            subject="label_gold/images",
            actor=actor,
            data={"num_images": len(images)},
        )
    return images


def remove_gold(database: Database, actor: Actor, project: str, image_ids: Sequence[str]) -> int:
    """Stop testing with images; return how many there were."""
    require(actor, Permission.REVIEW, project)
    with database.begin() as tx:
        count = store.delete_gold(tx, project, image_ids)
        publish(
            tx,
            type="visionloop.label_gold.removed",
            project=project,
            subject="label_gold/images",
            actor=actor,
            data={"num_images": count},
        )
    return count


def list_gold(database: Database, actor: Actor, project: str) -> list[GoldImage]:
    """Return the images that test labelers; not for those who are tested."""
    require(actor, Permission.REVIEW, project)
    with database.read() as tx:
        return store.list_gold(tx, project)


def slip_in_gold(
    tx: Transaction, owner: LabelingProject, worker: str, *, priority: int
) -> LabelTask | None:
    """Make a hidden test for a person if one is due; it looks like the tasks around it."""
    num_done, num_gold = store.count_done(tx, owner.project, owner.name, worker)
    if not rules.is_gold_due(
        worker, owner.name, num_done=num_done, num_gold=num_gold, share=owner.gold_share
    ):
        return None
    unmet = store.find_unmet_gold(tx, owner.project, owner.name, worker)
    if not unmet:
        return None
    place = int(sha256_bytes(f"{worker}/{num_done}".encode())[:8], 16) % len(unmet)
    task = LabelTask(
        id=new_id("task"),
        project=owner.project,
        image_id=unmet[place],
        queue=owner.name,
        state=TaskState.OPEN,
        priority=priority,
        created_by=owner.created_by,
        created_at=utc_now(),
        labeler=worker,
        kind=TaskKind.GOLD,
        slot=store.next_slot(tx, owner.project, owner.name, unmet[place]),
    )
    task_store.insert_tasks(tx, [task])
    return task


def score_gold(tx: Transaction, project: Project, task: LabelTask) -> None:
    """Measure the answer of a hidden test, inside the transaction that hands it in."""
    known = store.find_gold(tx, task.project, task.image_id)
    answer = answer_store.find_answer(tx, task.id)
    if known is None or answer is None or task.labeler is None:
        return
    value = agree(answer.annotations, known.annotations, is_single=is_single_class(project))
    store.replace_score(tx, score_of(task, ScoreKind.GOLD, value))
