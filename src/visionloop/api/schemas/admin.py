"""Shapes of administration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from visionloop.admin.entities import ProposalState, Role, TaskType
from visionloop.api.schemas.common import Schema


class SignIn(BaseModel):
    """Name and password."""

    name: str
    password: str


class GrantOut(BaseModel):
    """A role in a workspace of a project."""

    project: str
    workspace: str
    role: Role


class Me(BaseModel):
    """Who is calling."""

    name: str
    is_admin: bool
    grants: list[GrantOut]


class Session(Me):
    """A session that was opened; the token serves scripts, the cookie serves browsers."""

    token: str


class CategoryOut(Schema):
    """One class of the label schema."""

    name: str
    color: str
    hotkey: str | None


class ProjectOut(Schema):
    """A project."""

    name: str
    task: TaskType
    description: str
    categories: list[CategoryOut]
    workspaces: list[str]
    settings: dict[str, Any]
    created_at: datetime


class ProjectList(BaseModel):
    """Projects."""

    items: list[ProjectOut]
    total: int


class UserOut(Schema):
    """A user with roles."""

    id: str
    name: str
    email: str | None
    is_admin: bool
    is_active: bool
    created_at: datetime
    grants: list[GrantOut]


class UserList(BaseModel):
    """Users."""

    items: list[UserOut]
    total: int


class UserIn(BaseModel):
    """A user to create."""

    name: str
    password: str | None = None
    email: str | None = None
    is_admin: bool = False


class PasswordIn(BaseModel):
    """A new password."""

    password: str


class RoleIn(BaseModel):
    """A role in a workspace."""

    workspace: str
    role: Role


class RolesIn(BaseModel):
    """The only roles that a user shall have in a project."""

    roles: list[RoleIn]


class TokenIn(BaseModel):
    """An API token to create."""

    name: str = Field(min_length=1, max_length=100)
    days: float = Field(default=90, gt=0, le=366)
    user: str | None = Field(default=None, description="Another user, for administrators.")


class TokenOut(Schema):
    """An API token, without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class TokenCreated(TokenOut):
    """A new API token with the secret, shown this once."""

    secret: str


class TokenList(BaseModel):
    """API tokens."""

    items: list[TokenOut]
    total: int


class EventOut(Schema):
    """A state change, as CloudEvents 1.0 tells it."""

    id: int
    type: str
    project: str
    subject: str
    time: datetime
    actor: str
    data: dict[str, Any]


class EventList(BaseModel):
    """Events in order; ask again with ``after`` = ``cursor``."""

    items: list[EventOut]
    cursor: int


class ProposalOut(Schema):
    """A change to infrastructure that waits for a decision, or had one."""

    id: str
    project: str
    kind: str
    summary: str
    change: dict[str, Any]
    state: ProposalState
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class ProposalList(BaseModel):
    """Change proposals."""

    items: list[ProposalOut]
    total: int


class Decision(BaseModel):
    """Why one decided so."""

    reason: str = Field(default="", max_length=2000)


class SpecIn(BaseModel):
    """A project file, as text."""

    content: str = Field(description="Content of visionloop.yaml.")


class ChangeOut(Schema):
    """One change that applying a project file makes."""

    kind: str
    name: str
    action: str
    summary: str


class Plan(BaseModel):
    """What applying a project file would change, or changed."""

    project: str
    changes: list[ChangeOut]
    passwords: dict[str, str] = Field(
        default_factory=dict, description="First passwords of new users, shown this once."
    )
