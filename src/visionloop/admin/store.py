"""The only SQL of administration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from visionloop.admin.entities import (
    Category,
    ChangeProposal,
    Event,
    Grant,
    Project,
    ProposalState,
    Role,
    TaskType,
    Token,
    User,
)
from visionloop.storage.database import Json, Transaction, UtcDateTime, metadata

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("name", sa.String(63), primary_key=True),
    sa.Column("task", sa.String(40), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("categories", Json, nullable=False),
    sa.Column("workspaces", Json, nullable=False),
    sa.Column("settings", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(63), nullable=False, unique=True),
    sa.Column("email", sa.String(254)),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("is_admin", sa.Boolean, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), primary_key=True),
    sa.Column("workspace", sa.String(63), primary_key=True),
    sa.Column("role", sa.String(40), primary_key=True),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("last_used_at", UtcDateTime),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("type", sa.String(120), nullable=False),
    sa.Column("project", sa.String(63), nullable=False, index=True),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("time", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(63), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Index("ix_events_project_subject", "project", "subject", "id"),
    sqlite_autoincrement=True,
)

change_proposals = sa.Table(
    "change_proposals",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.name"), nullable=False, index=True),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("change", Json, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("decided_by", sa.String(63)),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("reason", sa.Text),
)


def upsert_project(tx: Transaction, project: Project) -> None:
    """Insert a project or replace its description, schema and settings."""
    values = asdict(project) | {"workspaces": list(project.workspaces)}
    values["categories"] = [asdict(category) for category in project.categories]
    changed = tx.execute(
        projects.update().where(projects.c.name == project.name).values(**_without(values, "name"))
    )
    if changed.rowcount == 0:
        tx.execute(projects.insert().values(**values))


def find_project(tx: Transaction, name: str) -> Project | None:
    """Return a project by name."""
    row = tx.execute(projects.select().where(projects.c.name == name)).mappings().first()
    return _project(row) if row else None


def list_projects(tx: Transaction) -> list[Project]:
    """Return every project by name."""
    rows = tx.execute(projects.select().order_by(projects.c.name)).mappings()
    return [_project(row) for row in rows]


def insert_user(tx: Transaction, user: User, password_hash: str | None) -> None:
    """Insert a user without grants."""
    tx.execute(
        users.insert().values(
            id=user.id,
            name=user.name,
            email=user.email,
            password_hash=password_hash,
            is_admin=user.is_admin,
            is_active=user.is_active,
            created_at=user.created_at,
        )
    )


def update_user(tx: Transaction, user_id: str, **values: Any) -> None:
    """Change columns of a user."""
    tx.execute(users.update().where(users.c.id == user_id).values(**values))


def find_user(
    tx: Transaction, *, name: str | None = None, user_id: str | None = None
) -> User | None:
    """Return a user by name or id, with grants."""
    condition = users.c.name == name if name is not None else users.c.id == user_id
    row = tx.execute(users.select().where(condition)).mappings().first()
    return _user(row, _grants_of(tx, [row["id"]]).get(row["id"], [])) if row else None


def find_password_hash(tx: Transaction, user_id: str) -> str | None:
    """Return the Argon2 hash of a user's password, None when there is no password."""
    hashed: str | None = tx.execute(
        sa.select(users.c.password_hash).where(users.c.id == user_id)
    ).scalar_one_or_none()
    return hashed


def list_users(tx: Transaction, project: str | None = None) -> list[User]:
    """Return users by name; with ``project``, those with a grant in it."""
    query = users.select().order_by(users.c.name)
    if project is not None:
        members = sa.select(grants.c.user_id).where(grants.c.project == project)
        query = query.where(users.c.id.in_(members))
    rows = tx.execute(query).mappings().all()
    granted = _grants_of(tx, [row["id"] for row in rows])
    return [_user(row, granted.get(row["id"], [])) for row in rows]


def replace_grants(
    tx: Transaction, user_id: str, project: str, roles: Sequence[tuple[str, Role]]
) -> None:
    """Make (workspace, role) pairs the only grants of a user in a project."""
    tx.execute(grants.delete().where((grants.c.user_id == user_id) & (grants.c.project == project)))
    for workspace, role in sorted(set(roles)):
        tx.execute(
            grants.insert().values(
                user_id=user_id, project=project, workspace=workspace, role=role.value
            )
        )


def insert_token(tx: Transaction, token: Token, secret_sha256: str) -> None:
    """Insert an API token."""
    tx.execute(tokens.insert().values(**asdict(token), secret_sha256=secret_sha256))


def find_token(tx: Transaction, secret_sha256: str) -> Token | None:
    """Return the token whose secret has this hash."""
    row = tx.execute(tokens.select().where(tokens.c.secret_sha256 == secret_sha256)).mappings()
    found = row.first()
    return _token(found) if found else None


def list_tokens(tx: Transaction, user_id: str) -> list[Token]:
    """Return the tokens of a user, newest first."""
    query = tokens.select().where(tokens.c.user_id == user_id).order_by(tokens.c.created_at.desc())
    return [_token(row) for row in tx.execute(query).mappings()]


def touch_token(tx: Transaction, token_id: str, used_at: datetime) -> None:
    """Note the last use of a token."""
    tx.execute(tokens.update().where(tokens.c.id == token_id).values(last_used_at=used_at))


def delete_token(tx: Transaction, token_id: str, user_id: str) -> bool:
    """Delete a token of a user; tell whether there was one."""
    condition = (tokens.c.id == token_id) & (tokens.c.user_id == user_id)
    return tx.execute(tokens.delete().where(condition)).rowcount > 0


def insert_event(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Append an event and return its number."""
    if tx.dialect.name == "postgresql":
        # Numbers come from a sequence before the commit: without this lock a reader that
        # follows the cursor could pass a number whose transaction commits later.
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(7364)"))
    result = tx.execute(events.insert().values(**values))
    assert result.inserted_primary_key is not None
    number: int = result.inserted_primary_key[0]
    return number


def list_events(
    tx: Transaction,
    *,
    project: str | None,
    after: int = 0,
    limit: int = 100,
    newest_first: bool = False,
    type_prefix: str | None = None,
    subjects: Sequence[str] | None = None,
) -> list[Event]:
    """Return events with a number above ``after``, in order."""
    query = events.select().where(events.c.id > after)
    if project is not None:
        query = query.where(events.c.project == project)
    if type_prefix:
        query = query.where(events.c.type.startswith(type_prefix, autoescape=True))
    if subjects is not None:
        query = query.where(events.c.subject.in_(subjects))
    order = events.c.id.desc() if newest_first else events.c.id
    rows = tx.execute(query.order_by(order).limit(limit)).mappings()
    return [Event(**row) for row in rows]


def insert_proposal(tx: Transaction, proposal: ChangeProposal) -> None:
    """Insert a change proposal."""
    tx.execute(change_proposals.insert().values(**asdict(proposal)))


def update_proposal(
    tx: Transaction, proposal_id: str, *, expected: ProposalState, **values: Any
) -> bool:
    """Change a proposal that is still in the expected state; tell whether it was."""
    condition = (change_proposals.c.id == proposal_id) & (
        change_proposals.c.state == expected.value
    )
    return tx.execute(change_proposals.update().where(condition).values(**values)).rowcount == 1


def find_proposal(tx: Transaction, proposal_id: str) -> ChangeProposal | None:
    """Return a change proposal by id."""
    query = change_proposals.select().where(change_proposals.c.id == proposal_id)
    row = tx.execute(query).mappings().first()
    return _proposal(row) if row else None


def list_proposals(
    tx: Transaction, project: str, state: ProposalState | None = None
) -> list[ChangeProposal]:
    """Return the proposals of a project, newest first."""
    query = change_proposals.select().where(change_proposals.c.project == project)
    if state is not None:
        query = query.where(change_proposals.c.state == state.value)
    rows = tx.execute(query.order_by(change_proposals.c.created_at.desc())).mappings()
    return [_proposal(row) for row in rows]


def _without(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


def _grants_of(tx: Transaction, user_ids: Sequence[str]) -> dict[str, list[Grant]]:
    granted: dict[str, list[Grant]] = {}
    for row in tx.execute(grants.select().where(grants.c.user_id.in_(user_ids))):
        granted.setdefault(row.user_id, []).append((row.project, row.workspace, Role(row.role)))
    return granted


def _project(row: Mapping[Any, Any]) -> Project:
    return Project(
        name=row["name"],
        task=TaskType(row["task"]),
        description=row["description"],
        categories=tuple(Category(**category) for category in row["categories"]),
        workspaces=tuple(row["workspaces"]),
        settings=row["settings"],
        created_at=row["created_at"],
    )


def _user(row: Mapping[Any, Any], granted: Sequence[Grant]) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        is_admin=row["is_admin"],
        is_active=row["is_active"],
        created_at=row["created_at"],
        grants=tuple(sorted(granted)),
    )


def _token(row: Mapping[Any, Any]) -> Token:
    return Token(**{name: row[name] for name in Token.__dataclass_fields__})


def _proposal(row: Mapping[Any, Any]) -> ChangeProposal:
    return ChangeProposal(**(dict(row) | {"state": ProposalState(row["state"])}))
