"""What can go wrong with labeling projects."""

from __future__ import annotations

from visionloop.kernel.errors import Forbidden, Invalid, NotFound


class LabelingProjectNotFound(NotFound):
    """No such labeling project."""

    code = "labeling_project_not_found"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project {project!r} has no labeling project {name!r}. List them to see their names.",
            project=project,
            name=name,
        )


class LabelingProjectInvalid(Invalid):
    """A setting of a labeling project does not fit."""

    code = "labeling_project_invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Labeling project {name!r} cannot be set up so: {reason}.", name=name)


class NotMember(Forbidden):
    """Somebody wants a task of a labeling project without being a member."""

    code = "labeling_project_membership"

    def __init__(self, name: str, person: str) -> None:
        super().__init__(
            f"{person} is no member of labeling project {name!r}. Whoever manages it can add them.",
            name=name,
            person=person,
        )


class NothingToBatch(Invalid):
    """No image is left for a batch."""

    code = "nothing_to_batch"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No image is left for labeling project {name!r}: all that fulfil its filter are "
            "queued or were labeled there. Widen the filter, or ingest more.",
            name=name,
        )
