"""How MLflow's clients ask and what they expect back: fields in, JSON or an error code out."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from visionloop.admin.entities import Actor
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.errors import status_of
from visionloop.bootstrap import Application
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
    VisionloopError,
)
from visionloop.registry.errors import ModelExists
from visionloop.training.errors import ExperimentExists

_LOG = logging.getLogger(__name__)
_MAX_PAGE = 50_000

# Most special first, as in ``api.errors``.
_CODES: tuple[tuple[type[VisionloopError], str], ...] = (
    (Unauthenticated, "UNAUTHENTICATED"),
    (Forbidden, "PERMISSION_DENIED"),
    (NotFound, "RESOURCE_DOES_NOT_EXIST"),
    (ModelExists, "RESOURCE_ALREADY_EXISTS"),
    (ExperimentExists, "RESOURCE_ALREADY_EXISTS"),
    (Conflict, "INVALID_STATE"),
    (Invalid, "INVALID_PARAMETER_VALUE"),
    (Unavailable, "TEMPORARILY_UNAVAILABLE"),
)


class FieldInvalid(Invalid):
    """A field of the request is missing or of another kind."""

    code = "mlflow_field"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Field {name!r} of the request {problem}.", name=name)


class Fields(dict[str, Any]):
    """The fields of a request, from its query or its JSON body."""

    def text(self, *names: str) -> str:
        """Return a field that must be there; the first of several names that is.

        Raises:
            FieldInvalid: None is.
        """
        found = next((self[name] for name in names if self.get(name) not in (None, "")), None)
        if found is None:
            raise FieldInvalid(names[0], "is missing")
        return str(found)

    def optional(self, name: str) -> str | None:
        """Return a field as text, None where it is not there."""
        value = self.get(name)
        return None if value is None else str(value)

    def number(self, name: str, default: float) -> float:
        """Return a field as a number.

        Raises:
            FieldInvalid: It is none.
        """
        try:
            return float(self.get(name, default))
        except (TypeError, ValueError):
            raise FieldInvalid(name, "must be a number") from None

    def items_of(self, name: str) -> list[dict[str, Any]]:
        """Return a field that lists objects.

        Raises:
            FieldInvalid: It lists something else.
        """
        found = self.get(name) or []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise FieldInvalid(name, "must be a list of objects")
        return found

    def texts(self, name: str) -> list[str]:
        """Return a field that lists texts; a lone one is a list of one."""
        found = self.get(name) or []
        return [str(item) for item in (found if isinstance(found, list) else [found])]

    def pairs(self, name: str) -> dict[str, str]:
        """Return a field that lists {key, value} objects as a mapping."""
        return {str(i.get("key", "")): str(i.get("value", "")) for i in self.items_of(name)}

    def time(self, name: str) -> datetime | None:
        """Return a field in milliseconds since 1970 as a time, None where it is not there."""
        return time_of(self.number(name, 0)) if self.get(name) else None


@dataclass(frozen=True)
class Call:
    """Who calls what, for which project."""

    application: Application
    actor: Actor
    project: str
    fields: Fields

    @property
    def where(self) -> tuple[Any, Actor, str]:
        """What every use case takes first."""
        return self.application.database, self.actor, self.project

    def page(self, name: str = "max_results", default: int = 1000) -> tuple[int, int]:
        """Return the limit and the offset of the page that is asked for.

        Raises:
            FieldInvalid: The page token is not one of ours, or the limit is out of range.
        """
        limit = int(self.fields.number(name, default)) or default
        token = self.fields.optional("page_token") or "0"
        if not token.isdecimal():
            raise FieldInvalid("page_token", "is not one that this server gave")
        if not 1 <= limit <= _MAX_PAGE:
            raise FieldInvalid(name, f"must be 1 to {_MAX_PAGE}; received {limit}")
        return limit, int(token)


class MlflowRoute(APIRoute):
    """A route whose errors are those that MLflow's clients understand."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler so that domain errors become MLflow's error codes."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except VisionloopError as error:
                return _refusal(error)

        return answer


def mlflow_router(prefix: str) -> APIRouter:
    """Return a router for endpoints below ``prefix`` of a project's tracking address."""
    return APIRouter(
        prefix=f"/mlflow/{{project}}{prefix}", route_class=MlflowRoute, include_in_schema=False
    )


async def read_fields(request: Request) -> Fields:
    """Return the fields of a request.

    Raises:
        FieldInvalid: The body is no JSON object.
    """
    fields = Fields()
    for key in request.query_params:
        values = request.query_params.getlist(key)
        fields[key] = values if len(values) > 1 else values[0]
    body = await request.body()
    if body:
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise FieldInvalid("body", "must be a JSON object")
        fields.update(told)
    return fields


def read_call(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    fields: Annotated[Fields, Depends(read_fields)],
) -> Call:
    """Gather what a handler needs."""
    return Call(application, actor, project, fields)


CallDep = Annotated[Call, Depends(read_call)]


def paged(name: str, items: list[dict[str, Any]], limit: int, offset: int) -> dict[str, Any]:
    """Return one page of rendered items, with the token of the next one."""
    page: dict[str, Any] = {name: items[offset : offset + limit]}
    if offset + limit < len(items):
        page["next_page_token"] = str(offset + limit)
    return page


def time_of(milliseconds: float) -> datetime:
    """Return the time that a count of milliseconds since 1970 means; now where it means none."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return utc_now()


def _refusal(error: VisionloopError) -> JSONResponse:
    code = next((word for kind, word in _CODES if isinstance(error, kind)), "INTERNAL_ERROR")
    status = status_of(error)
    # MLflow's clients repeat a 409 and know 400 for what is wrong with a request.
    status = 400 if status in (409, 422) else status
    return JSONResponse({"error_code": code, "message": error.message}, status_code=status)
