"""Signing in and out, and one's own tokens."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response

from visionloop.admin import sessions
from visionloop.admin.entities import Actor
from visionloop.api.dependencies import SESSION_COOKIE, ActorDep, ApplicationDep, SecretDep
from visionloop.api.schemas.admin import (
    GrantOut,
    Me,
    Session,
    SignIn,
    TokenCreated,
    TokenIn,
    TokenList,
    TokenOut,
)

router = APIRouter(prefix="/api/v1", tags=["session"])


@router.post("/session", operation_id="sign_in", summary="Sign in")
def sign_in(body: SignIn, application: ApplicationDep, response: Response) -> Session:
    """Open a session; browsers keep it as a cookie that scripts cannot read."""
    user, secret = sessions.sign_in(application.database, name=body.name, password=body.password)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(sessions.SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=application.settings.session_cookie_secure,
    )
    return Session(**_me(sessions.actor_of(user)).model_dump(), token=secret)


@router.delete("/session", operation_id="sign_out", summary="Sign out", status_code=204)
def sign_out(application: ApplicationDep, secret: SecretDep, response: Response) -> None:
    """End the session."""
    if secret is not None:
        sessions.sign_out(application.database, secret)
    response.delete_cookie(SESSION_COOKIE)


@router.get("/me", operation_id="get_me", summary="Who am I")
def get_me(actor: ActorDep) -> Me:
    """Return the caller with roles."""
    return _me(actor)


@router.get("/tokens", operation_id="list_tokens", summary="List my tokens")
def list_tokens(application: ApplicationDep, actor: ActorDep) -> TokenList:
    """Return the caller's tokens, newest first."""
    found = sessions.list_tokens(application.database, actor)
    return TokenList(items=[TokenOut.model_validate(token) for token in found], total=len(found))


@router.post("/tokens", operation_id="create_token", summary="Create a token", status_code=201)
def create_token(body: TokenIn, application: ApplicationDep, actor: ActorDep) -> TokenCreated:
    """Create an API token; its secret is in this answer only."""
    token, secret = sessions.create_token(
        application.database,
        actor,
        name=body.name,
        lifetime=timedelta(days=body.days),
        user_name=body.user or "",
    )
    return TokenCreated(**TokenOut.model_validate(token).model_dump(), secret=secret)


@router.delete(
    "/tokens/{token_id}", operation_id="revoke_token", summary="Revoke a token", status_code=204
)
def revoke_token(token_id: str, application: ApplicationDep, actor: ActorDep) -> None:
    """Revoke one of the caller's tokens at once."""
    sessions.revoke_token(application.database, actor, token_id)


def _me(actor: Actor) -> Me:
    return Me(
        name=actor.name,
        is_admin=actor.is_admin,
        grants=[
            GrantOut(project=project, workspace=workspace, role=role)
            for project, workspace, role in sorted(actor.grants)
        ],
    )
