"""Pure decisions about labeling projects."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.data.query.parsing import parse_filter
from visionloop.labeling.projects.entities import LabelingProject
from visionloop.labeling.projects.errors import LabelingProjectInvalid, NotMember
from visionloop.labeling.rules import check_queue_name

MAX_ANNOTATORS = 20
MAX_GOLD_SHARE = 0.5


def check_labeling_project(wanted: LabelingProject, classes: Sequence[str]) -> None:
    """Refuse settings that nobody could work with.

    Raises:
        QueueNameBad: The name does not fit a URL.
        FilterInvalid: A filter does not parse.
        LabelingProjectInvalid: Another setting is out of range.
    """
    check_queue_name(wanted.name)
    for condition in wanted.where:
        parse_filter(condition)
    if unknown := [name for name in wanted.classes if name not in classes]:
        raise LabelingProjectInvalid(wanted.name, f"{unknown[0]!r} is no class of the schema")
    if not 1 <= wanted.num_annotators <= MAX_ANNOTATORS:
        reason = f"num_annotators is {wanted.num_annotators}, expected 1 to {MAX_ANNOTATORS}"
        raise LabelingProjectInvalid(wanted.name, reason)
    if wanted.members and len(wanted.members) < wanted.num_annotators:
        reason = (
            f"{wanted.num_annotators} annotators an image need as many members, there are "
            f"{len(wanted.members)}"
        )
        raise LabelingProjectInvalid(wanted.name, reason)
    if not 0.0 <= wanted.min_agreement <= 1.0:
        raise LabelingProjectInvalid(wanted.name, "min_agreement is not between 0 and 1")
    if not 0.0 <= wanted.gold_share <= MAX_GOLD_SHARE:
        reason = f"gold_share is not between 0 and {MAX_GOLD_SHARE}"
        raise LabelingProjectInvalid(wanted.name, reason)


def check_member(labeling_project: LabelingProject | None, person: str) -> None:
    """Refuse whoever may not take tasks of a labeling project; a plain queue is everybody's.

    Raises:
        NotMember: It has members, and this person is none.
    """
    if labeling_project is None or not labeling_project.members:
        return
    if person not in labeling_project.members:
        raise NotMember(labeling_project.name, person)


def list_closed_queues(found: Sequence[LabelingProject], person: str) -> tuple[str, ...]:
    """Return the queues that a person gets nothing from, not being a member."""
    return tuple(item.name for item in found if item.members and person not in item.members)
