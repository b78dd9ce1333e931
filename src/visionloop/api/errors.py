"""The only place that knows HTTP statuses: domain errors become problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from visionloop.api.schemas.common import Problem
from visionloop.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
    VisionloopError,
)

_LOG = logging.getLogger(__name__)

# Most special first: Unauthenticated is a Forbidden.
_STATUS: tuple[tuple[type[VisionloopError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": title}
    for status, title in (
        (401, "Not signed in"),
        (403, "Not allowed"),
        (404, "Not found"),
        (409, "Conflict with the present state"),
        (422, "Invalid request"),
        (503, "Unavailable for now"),
    )
}


def install_error_handlers(app: FastAPI) -> None:
    """Turn every error into problem+json."""
    app.add_exception_handler(VisionloopError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected)


def status_of(error: VisionloopError) -> int:
    """Return the HTTP status of a domain error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _on_domain_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VisionloopError)
    response = _problem(status_of(error), error.code, error.message, error.details)
    if error.retryable:
        response.headers["Retry-After"] = "1"
    return response


def _on_bad_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [
        f"{'.'.join(str(part) for part in item['loc'][1:]) or item['loc'][0]}: {item['msg']}"
        for item in error.errors()
    ]
    return _problem(422, "invalid_request", "; ".join(problems), {"problems": problems})


def _on_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, "http_error", str(error.detail), {})


def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    words = str(error).lower()
    if "disk is full" in words or "no space left" in words:  # as SQLite and the system say it
        message = "The disk of Visionloop is full. Make room and try again; nothing was lost."
        return _problem(507, "disk_full", message, {})
    message = "Something unexpected went wrong; the log of the control plane has the details."
    return _problem(500, "internal", message, {})


def _problem(status: int, code: str, message: str, details: dict[str, Any]) -> JSONResponse:
    problem = Problem(
        type=f"urn:visionloop:error:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=message,
        details=details,
    )
    return JSONResponse(
        problem.model_dump(mode="json"), status_code=status, media_type="application/problem+json"
    )
