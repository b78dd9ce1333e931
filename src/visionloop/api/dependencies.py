"""What routes ask for: the application and who is calling."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from visionloop.admin.entities import Actor
from visionloop.admin.sessions import authenticate
from visionloop.bootstrap import Application
from visionloop.kernel.errors import Unauthenticated

SESSION_COOKIE = "visionloop_session"


class NotSignedIn(Unauthenticated):
    """The request carries no credentials."""

    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__(
            "Sign in first: send 'Authorization: Bearer TOKEN' or open a session at "
            "POST /api/v1/session."
        )


def current_application(request: Request) -> Application:
    """Return the application that this server runs."""
    application: Application = request.app.state.application
    return application


def current_secret(request: Request) -> str | None:
    """Return the token or session secret that the request carries."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    return request.cookies.get(SESSION_COOKIE)


def current_actor(
    application: Annotated[Application, Depends(current_application)],
    secret: Annotated[str | None, Depends(current_secret)],
) -> Actor:
    """Return who is calling.

    Raises:
        NotSignedIn: Nobody said.
        BadCredentials: The token or session does not hold.
    """
    if secret is None:
        raise NotSignedIn
    return authenticate(application.database, secret)


ApplicationDep = Annotated[Application, Depends(current_application)]
ActorDep = Annotated[Actor, Depends(current_actor)]
SecretDep = Annotated[str | None, Depends(current_secret)]
