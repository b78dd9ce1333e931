"""The home page over REST."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.admin.entities import Event
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.overview import ElementOut, OverviewOut, RecentEvent, RunningOut
from visionloop.promotion.overview.snapshot import get_overview

router = APIRouter(prefix="/api/v1/projects/{project}/overview", tags=["admin"])


@router.get("", operation_id="get_overview", summary="Get the ten elements at a glance")
def overview(project: str, application: ApplicationDep, actor: ActorDep) -> OverviewOut:
    """Return the live state of every element, what runs now and the latest events."""
    found = get_overview(application.database, application.home, actor, project)
    return OverviewOut(
        elements=[ElementOut.model_validate(element) for element in found.elements],
        running=[RunningOut.model_validate(item) for item in found.running],
        recent_events=[_event(event) for event in found.recent_events],
    )


def _event(event: Event) -> RecentEvent:
    noun, _, verb = event.type.removeprefix("visionloop.").partition(".")
    name = event.subject.partition("/")[2]
    return RecentEvent(
        id=event.id,
        time=event.time,
        type=event.type,
        subject=event.subject,
        actor=event.actor,
        summary=f"{noun.replace('_', ' ').capitalize()} {name} {verb.replace('_', ' ')}",
    )
