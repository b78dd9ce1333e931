"""Administration over REST: projects, users, events, change proposals, project files."""

from __future__ import annotations

from fastapi import APIRouter

from visionloop.admin import events, projects, proposals, setup, users
from visionloop.admin.entities import ProposalState, User
from visionloop.admin.spec import read_spec
from visionloop.api.dependencies import ActorDep, ApplicationDep
from visionloop.api.schemas.admin import (
    ChangeOut,
    Decision,
    EventList,
    EventOut,
    GrantOut,
    PasswordIn,
    Plan,
    ProjectList,
    ProjectOut,
    ProposalList,
    ProposalOut,
    RolesIn,
    SpecIn,
    UserIn,
    UserList,
    UserOut,
)

router = APIRouter(prefix="/api/v1", tags=["admin"])


@router.get("/projects", operation_id="list_projects", summary="List projects")
def list_projects(application: ApplicationDep, actor: ActorDep) -> ProjectList:
    """Return the projects that the caller may read."""
    found = projects.list_projects(application.database, actor)
    return ProjectList(
        items=[ProjectOut.model_validate(project) for project in found], total=len(found)
    )


@router.get("/projects/{project}", operation_id="get_project", summary="Get a project")
def get_project(project: str, application: ApplicationDep, actor: ActorDep) -> ProjectOut:
    """Return a project with its label schema."""
    return ProjectOut.model_validate(projects.read_project(application.database, actor, project))


@router.post("/spec/plan", operation_id="plan_spec", summary="Plan a project file")
def plan_spec(body: SpecIn, application: ApplicationDep, actor: ActorDep) -> Plan:
    """Return what applying a project file would change."""
    spec = read_spec(body.content)
    changes = setup.plan(application.database, actor, spec, appliers=application.appliers)
    return Plan(
        project=spec.project, changes=[ChangeOut.model_validate(change) for change in changes]
    )


@router.post("/spec/apply", operation_id="apply_spec", summary="Apply a project file")
def apply_spec(body: SpecIn, application: ApplicationDep, actor: ActorDep) -> Plan:
    """Make the installation what a project file says."""
    spec = read_spec(body.content)
    applied = setup.apply(application.database, actor, spec, appliers=application.appliers)
    return Plan(
        project=applied.project,
        changes=[ChangeOut.model_validate(change) for change in applied.changes],
        passwords=applied.passwords,
    )


@router.get("/users", operation_id="list_users", summary="List users")
def list_users(
    application: ApplicationDep, actor: ActorDep, project: str | None = None
) -> UserList:
    """Return the members of a project; all users for administrators."""
    found = users.list_users(application.database, actor, project)
    return UserList(items=[_user(user) for user in found], total=len(found))


@router.post("/users", operation_id="create_user", summary="Create a user", status_code=201)
def create_user(body: UserIn, application: ApplicationDep, actor: ActorDep) -> UserOut:
    """Create a user without roles."""
    user = users.create_user(application.database, actor, **body.model_dump())
    return _user(user)


@router.put(
    "/users/{name}/password",
    operation_id="set_password",
    summary="Set a password",
    status_code=204,
)
def set_password(name: str, body: PasswordIn, application: ApplicationDep, actor: ActorDep) -> None:
    """Change one's own password, or anybody's as an administrator."""
    users.set_password(application.database, actor, name=name, password=body.password)


@router.put(
    "/projects/{project}/users/{name}/roles", operation_id="grant_roles", summary="Grant roles"
)
def grant_roles(
    project: str, name: str, body: RolesIn, application: ApplicationDep, actor: ActorDep
) -> UserOut:
    """Make these the only roles of a user in a project."""
    roles = [(item.workspace, item.role) for item in body.roles]
    return _user(
        users.grant_roles(application.database, actor, name=name, project=project, roles=roles)
    )


@router.get("/projects/{project}/events", operation_id="list_events", summary="List events")
def list_events(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    after: int = 0,
    limit: int = 100,
    newest_first: bool = False,
    type_prefix: str | None = None,
) -> EventList:
    """Return state changes from a cursor, in order: the audit trail."""
    found = events.list_events(
        application.database,
        actor,
        None if project == "*" else project,
        after=after,
        limit=min(limit, 1000),
        newest_first=newest_first,
        type_prefix=type_prefix,
    )
    return EventList(
        items=[EventOut.model_validate(event) for event in found],
        cursor=max((event.id for event in found), default=after),
    )


@router.get(
    "/projects/{project}/proposals",
    operation_id="list_proposals",
    summary="List change proposals",
)
def list_proposals(
    project: str,
    application: ApplicationDep,
    actor: ActorDep,
    state: ProposalState | None = None,
) -> ProposalList:
    """Return change proposals, newest first."""
    found = proposals.list_proposals(application.database, actor, project, state)
    return ProposalList(
        items=[ProposalOut.model_validate(proposal) for proposal in found], total=len(found)
    )


@router.post(
    "/proposals/{proposal_id}/approve",
    operation_id="approve_proposal",
    summary="Approve a change proposal",
)
def approve_proposal(
    proposal_id: str, body: Decision, application: ApplicationDep, actor: ActorDep
) -> ProposalOut:
    """Approve a change and apply it."""
    proposal = proposals.approve_proposal(
        application.database,
        actor,
        proposal_id,
        reason=body.reason,
        appliers=application.proposal_appliers,
    )
    return ProposalOut.model_validate(proposal)


@router.post(
    "/proposals/{proposal_id}/reject",
    operation_id="reject_proposal",
    summary="Reject a change proposal",
)
def reject_proposal(
    proposal_id: str, body: Decision, application: ApplicationDep, actor: ActorDep
) -> ProposalOut:
    """Reject a change; nothing is applied."""
    proposal = proposals.reject_proposal(
        application.database, actor, proposal_id, reason=body.reason
    )
    return ProposalOut.model_validate(proposal)


def _user(user: User) -> UserOut:
    granted = [
        GrantOut(project=project, workspace=workspace, role=role)
        for project, workspace, role in user.grants
    ]
    return UserOut(
        id=user.id,
        name=user.name,
        email=user.email,
        is_admin=user.is_admin,
        is_active=user.is_active,
        created_at=user.created_at,
        grants=granted,
    )
