"""Errors of the client: the server's own kinds, rebuilt from problem+json."""

from __future__ import annotations

from typing import Any

from visionloop.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
    VisionloopError,
)

_KINDS: dict[int, type[VisionloopError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    503: Unavailable,
}


class ServerUnreachable(Unavailable):
    """Nobody answers at the address."""

    code = "server_unreachable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"No Visionloop answers at {url} ({reason}). Start it with 'visionloop up', or name "
            "another with 'visionloop login --url URL'.",
            url=url,
        )


def error_from_response(status: int, problem: dict[str, Any]) -> VisionloopError:
    """Rebuild the error that a problem+json answer describes."""
    kind = _KINDS.get(status, Invalid if status < 500 else VisionloopError)
    message = str(problem.get("detail") or problem.get("title") or f"HTTP status {status}")
    details = problem.get("details")
    error = kind(message, **(details if isinstance(details, dict) else {}))
    error.details.setdefault("server_code", problem.get("code"))
    return error
