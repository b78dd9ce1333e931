"""What can go wrong with watches."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated


class WatchNotFound(NotFound):
    """No such watch in the project."""

    code = "watch_not_found"

    def __init__(self, project: str, name: str, known: Sequence[str] = ()) -> None:
        super().__init__(
            f"Project {project!r} has no watch {name!r}; there are {', '.join(known) or 'none'}.",
            project=project,
            name=name,
        )


class WatchExists(Conflict):
    """The name is taken."""

    code = "watch_exists"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project {project!r} already has a watch {name!r}. Remove it first, or choose "
            "another name.",
            project=project,
            name=name,
        )


class WatchInvalid(Invalid):
    """A watch that could not work."""

    code = "watch_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The watch cannot be made: {reason}.", reason=reason)


class WatchTokenRefused(Unauthenticated):
    """A notification without the secret token of its watch."""

    code = "watch_token_refused"

    def __init__(self) -> None:
        super().__init__(
            "The token of the notification does not fit a watch. Use the address that 'visionloop "
            "watches add' printed, or issue a new one with 'visionloop watches rotate'."
        )


class NotificationInvalid(Invalid):
    """A notification of no known form."""

    code = "notification_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The notification is not understood: {reason}. Expected events of Azure Event Grid, "
            "CloudEvents, Amazon EventBridge, SNS or S3, or of MinIO.",
            reason=reason,
        )
