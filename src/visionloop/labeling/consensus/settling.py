"""Decide images that several people answered: by agreement, or by a reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.data.annotations import write_annotations, write_review
from visionloop.data.entities import AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.labeling import rules
from visionloop.labeling.agreement.merging import merge_attributes
from visionloop.labeling.agreement.proposals import agree, propose
from visionloop.labeling.consensus import store
from visionloop.labeling.consensus.entities import CaseDetail, CaseState, ConsensusCase
from visionloop.labeling.consensus.errors import CaseDecided, CaseNotFound, ChoiceUnknown
from visionloop.labeling.entities import LabelTask, TaskKind, TaskState
from visionloop.labeling.errors import OwnWork
from visionloop.labeling.projects.store import find_labeling_project
from visionloop.labeling.quality import store as quality_store
from visionloop.labeling.quality.entities import ScoreKind
from visionloop.labeling.quality.rules import qualities_of
from visionloop.labeling.quality.scores import is_single_class, score_of
from visionloop.labeling.records import Answer
from visionloop.labeling.sets import find_annotations
from visionloop.labeling.store import answers as answer_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database, Transaction

CONSENSUS = Actor(user_id="consensus", name="consensus", is_admin=True)
"""Labels that people agreed on carry this author."""

_DEFAULT_AGREEMENT = 0.7


def settle_if_complete(tx: Transaction, project: Project, task: LabelTask) -> ConsensusCase | None:
    """Merge the answers about an image once the last of them is in.

    Args:
        tx: The transaction that hands the last answer in.
        project: Where it is.
        task: A blind task that was just handed in or skipped.

    Returns:
        The case; None while somebody is still to answer, or nobody did.
    """
    tasks = task_store.list_of_image(
        tx, task.project, task.queue, task.image_id, TaskKind.CONSENSUS
    )
    if any(other.state not in (TaskState.SUBMITTED, TaskState.SKIPPED) for other in tasks):
        return None
    given = [other for other in tasks if other.state is TaskState.SUBMITTED]
    answers = _read_answers(tx, given)
    if not answers:
        return None
    owner = find_labeling_project(tx, task.project, task.queue)
    case = _open_case(tx, project, given, answers)
    bar = _DEFAULT_AGREEMENT if owner is None else owner.min_agreement
    if case.agreement < bar or len(answers) < 2:
        store.insert_case(tx, case)
        _publish(tx, CONSENSUS, case)
        return case
    agreed = replace(case, state=CaseState.AGREED, choice="merged", resolved_at=utc_now())
    store.insert_case(tx, agreed)
    _decide(tx, CONSENSUS, project, agreed, agreed.merged)
    return agreed


def list_cases(
    database: Database,
    actor: Actor,
    project: str,
    *,
    queue: str | None = None,
    state: CaseState | None = None,
    limit: int = 100,
) -> list[ConsensusCase]:
    """Return cases, those that agree least first; not for those whose answers they hold."""
    require(actor, Permission.REVIEW, project)
    with database.read() as tx:
        return store.list_cases(tx, project, queue=queue, state=state, limit=limit)


def get_case(database: Database, actor: Actor, project: str, case_id: str) -> CaseDetail:
    """Return a case with what everybody said.

    Raises:
        CaseNotFound: There is none.
    """
    require(actor, Permission.REVIEW, project)
    with database.read() as tx:
        case = store.find_case(tx, project, case_id)
        if case is None:
            raise CaseNotFound(project, case_id)
        found = answer_store.find_answers(tx, case.task_ids)
    return CaseDetail(
        case=case,
        answers={answer.updated_by: answer.annotations for answer in found.values()},
        attributes={answer.updated_by: dict(answer.attributes) for answer in found.values()},
    )


def resolve_case(
    database: Database,
    actor: Actor,
    project: str,
    case_id: str,
    *,
    choice: str,
    drafts: Sequence[AnnotationDraft] = (),
) -> ConsensusCase:
    """Decide a dispute: the merged labels, one person's answer, or the reviewer's own.

    Args:
        database: Where the case is.
        actor: The reviewer; none of those who answered, unless the project allows it.
        project: Name of the project.
        case_id: The case.
        choice: "merged", the name of an annotator, or "own".
        drafts: The labels, for "own".

    Raises:
        CaseNotFound, CaseDecided: There is nothing to decide.
        ChoiceUnknown: It is none of these.
        OwnWork: The reviewer is one of those who answered.
        UnknownClasses, AnnotationInvalid: A label breaks the project's rules.
    """
    require(actor, Permission.REVIEW, project)
    owner = get_project(database, project)
    with database.begin() as tx:
        case = store.find_case(tx, project, case_id, for_update=True)
        if case is None:
            raise CaseNotFound(project, case_id)
        if case.state is not CaseState.DISPUTED:
            raise CaseDecided(case_id, case.state.value, case.resolved_by)
        if (
            actor.name in case.annotators
            and not rules.read_policy(owner.settings).allow_self_review
        ):
            raise OwnWork(case_id, actor.name)
        labels = _find_choice(tx, case, choice, drafts)
        decided = replace(
            case,
            state=CaseState.RESOLVED,
            choice=choice,
            resolved_by=actor.name,
            resolved_at=utc_now(),
        )
        store.update_case(tx, decided)
        _decide(tx, actor, owner, decided, labels)
    return decided


def _read_answers(tx: Transaction, tasks: Sequence[LabelTask]) -> dict[str, Answer]:
    found = answer_store.find_answers(tx, [task.id for task in tasks])
    return {str(task.labeler): found[task.id] for task in tasks if task.id in found}


def _open_case(
    tx: Transaction, project: Project, tasks: Sequence[LabelTask], answers: Mapping[str, Answer]
) -> ConsensusCase:
    first = tasks[0]
    scores = quality_store.list_scores(tx, first.project, first.queue)
    proposal = propose(
        {name: answer.annotations for name, answer in answers.items()},
        is_single=is_single_class(project),
        qualities=qualities_of(scores),
    )
    return ConsensusCase(
        id=new_id("case"),
        project=first.project,
        queue=first.queue,
        image_id=first.image_id,
        state=CaseState.DISPUTED,
        agreement=proposal.agreement,
        annotators=tuple(sorted(answers)),
        task_ids=tuple(task.id for task in tasks),
        merged=proposal.drafts,
        objects=proposal.objects,
        created_at=utc_now(),
    )


def _find_choice(
    tx: Transaction, case: ConsensusCase, choice: str, drafts: Sequence[AnnotationDraft]
) -> Sequence[AnnotationDraft]:
    if choice == "merged":
        return case.merged
    if choice == "own":
        return drafts
    for answer in answer_store.find_answers(tx, case.task_ids).values():
        if answer.updated_by == choice:
            return answer.annotations
    raise ChoiceUnknown(choice, case.annotators)


def _decide(
    tx: Transaction,
    actor: Actor,
    project: Project,
    case: ConsensusCase,
    drafts: Sequence[AnnotationDraft],
) -> None:
    """Make the labels the image's, close the tasks and measure the answers."""
    answers = answer_store.find_answers(tx, case.task_ids)
    given = [dict(answer.attributes) for answer in answers.values()]
    before = find_annotations(tx, case.project, case.image_id)
    merged: dict[str, Any] = merge_attributes(given, [1.0] * len(given))
    saved = write_annotations(
        tx,
        actor,
        project,
        case.image_id,
        [replace(draft, id=None, source="human") for draft in drafts],
        expected_revision=before.revision,
        attributes={**before.attributes, **merged},
    )
    write_review(
        tx,
        actor,
        case.project,
        case.image_id,
        accepted=True,
        expected_revision=saved.revision,
    )
    for task_id in case.task_ids:
        task = task_store.find_task(tx, case.project, task_id, for_update=True)
        if task is None:
            continue
        closed = rules.accept(task, actor.name, utc_now(), revision=saved.revision + 1)
        task_store.update_task(tx, closed)
        if task_id in answers:
            value = agree(
                answers[task_id].annotations, list(drafts), is_single=is_single_class(project)
            )
            quality_store.replace_score(tx, score_of(task, ScoreKind.CONSENSUS, value))
    _publish(tx, actor, case)


def _publish(tx: Transaction, actor: Actor, case: ConsensusCase) -> None:
    publish(
        tx,
        type=f"visionloop.label_case.{case.state.value}",
        project=case.project,
        subject=f"label_case/{case.id}",
        actor=actor,
        data={
            "queue": case.queue,
            "image_id": case.image_id,
            "agreement": round(case.agreement, 4),
            "annotators": list(case.annotators),
            "choice": case.choice,
        },
    )
