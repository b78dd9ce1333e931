"""What can go wrong around findings."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, NotFound


class FindingNotFound(NotFound):
    """No such finding in the project."""

    code = "finding_not_found"

    def __init__(self, project: str, finding: str) -> None:
        super().__init__(
            f"Project {project!r} has no finding {finding!r}; list the findings to see them.",
            project=project,
            finding=finding,
        )


class ActionNotFound(NotFound):
    """No such action in the project."""

    code = "quality_action_not_found"

    def __init__(self, project: str, action: str) -> None:
        super().__init__(
            f"Project {project!r} has no quality action {action!r}; list the actions to see them.",
            project=project,
            action=action,
        )


class ActionNotUndoable(Conflict):
    """The action was taken back already, or cannot be."""

    code = "quality_action_not_undoable"

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"Action {action} cannot be undone: {reason}.", action=action)
