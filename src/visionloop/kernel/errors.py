"""The root of every error that Visionloop raises on purpose, and its five kinds.

A domain subclasses one kind, sets a stable ``code`` and writes a message that says what happened,
what was expected, what was received and how to mend it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class VisionloopError(Exception):
    """An expected failure with a stable code and facts a program can read.

    Args:
        message: One or two sentences for a person.
        **details: JSON-serialisable facts for a program.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        # Domain errors take facts, not a message, in their constructors; workflows and
        # subprocesses pickle errors, so rebuild them without calling those constructors.
        return (_rebuild, (type(self), self.message, self.details))


class NotFound(VisionloopError):
    """The named thing does not exist, or the caller may not know that it does."""

    code = "not_found"


class Conflict(VisionloopError):
    """The request is well formed but contradicts the present state."""

    code = "conflict"


class Invalid(VisionloopError):
    """The request itself is wrong and will stay wrong."""

    code = "invalid"


class Forbidden(VisionloopError):
    """The caller is known and lacks the right."""

    code = "forbidden"


class Unauthenticated(Forbidden):
    """The caller is not known: no credentials, or none that hold."""

    code = "unauthenticated"


class Unavailable(VisionloopError):
    """Something outside is missing or busy; trying again may help."""

    code = "unavailable"
    retryable = True


def _rebuild(kind: type[VisionloopError], message: str, details: dict[str, Any]) -> VisionloopError:
    error = kind.__new__(kind)
    VisionloopError.__init__(error, message, **details)
    return error
