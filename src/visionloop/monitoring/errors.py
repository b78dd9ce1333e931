"""What can go wrong in monitoring."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class MonitorNotFound(NotFound):
    """No monitor has this name."""

    code = "monitor_not_found"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project '{project}' has no monitor named '{name}'. List them with "
            "'visionloop monitoring list'.",
            project=project,
            monitor=name,
        )


class MonitorExists(Conflict):
    """The name is taken."""

    code = "monitor_exists"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project '{project}' already has a monitor named '{name}'. Change it, or choose "
            "another name.",
            project=project,
            monitor=name,
        )


class BadMonitorSettings(Invalid):
    """A setting is out of range or unknown."""

    code = "bad_monitor_settings"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The monitor cannot work like this: {problem}.", problem=problem)


class WindowNotFound(NotFound):
    """No window has this id."""

    code = "monitor_window_not_found"

    def __init__(self, window_id: str) -> None:
        super().__init__(f"There is no monitor window {window_id}.", window_id=window_id)


class AlertNotFound(NotFound):
    """No alert has this id."""

    code = "alert_not_found"

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"There is no alert {alert_id}.", alert_id=alert_id)


class AlertAlreadyResolved(Conflict):
    """A resolved alert stays as it is."""

    code = "alert_already_resolved"

    def __init__(self, alert_id: str) -> None:
        super().__init__(
            f"Alert {alert_id} is already resolved; a new problem opens a new alert.",
            alert_id=alert_id,
        )


class BaselineMissing(Unavailable):
    """The package of the model carries no baseline to compare with."""

    code = "baseline_missing"
    retryable = False

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"Model package {digest[:12]} has no baseline.parquet, so its predictions cannot be "
            "compared with anything. Evaluate the model and register it again.",
            digest=digest,
        )


class BaselineTooSmall(Conflict):
    """Too few clean reference images to tell drift from chance."""

    code = "baseline_too_small"

    def __init__(self, digest: str, found: int, needed: int) -> None:
        super().__init__(
            f"The baseline of model package {digest[:12]} has {found} clean images; drift tests "
            f"need at least {needed}. Give the validation and test splits more images.",
            digest=digest,
            found=found,
            needed=needed,
        )


class NothingToReview(Conflict):
    """No candidate image is left to send."""

    code = "nothing_to_review"

    def __init__(self, endpoint: str, num_requests: int) -> None:
        super().__init__(
            f"None of the {num_requests} requests of endpoint '{endpoint}' in reach has an image "
            "that is stored and was not sent to review before. Raise the endpoint's log sample "
            "rate, or wait for new requests.",
            endpoint=endpoint,
            num_requests=num_requests,
        )


class LoggedImageNotFound(NotFound):
    """The log did not keep this image, or retention deleted it."""

    code = "logged_image_not_found"

    def __init__(self, endpoint: str, image_id: str) -> None:
        super().__init__(
            f"The log of endpoint '{endpoint}' holds no image {image_id[:12]}; it was not sampled "
            "or is older than the retention.",
            endpoint=endpoint,
            image_id=image_id,
        )
