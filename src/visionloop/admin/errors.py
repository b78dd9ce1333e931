"""What can go wrong in administration."""

from __future__ import annotations

from visionloop.admin.entities import Permission
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


class ProjectNotFound(NotFound):
    """No project has this name."""

    code = "project_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no project named '{name}'. List them with 'visionloop admin projects', or "
            "create one with 'visionloop apply visionloop.yaml'.",
            project=name,
        )


class UserNotFound(NotFound):
    """No user has this name."""

    code = "user_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no user named '{name}'.", user=name)


class PermissionDenied(Forbidden):
    """The actor holds no role with this permission here."""

    code = "permission_denied"

    def __init__(self, actor: str, permission: Permission, project: str, workspace: str) -> None:
        super().__init__(
            f"'{actor}' has no role that may {permission.value.replace('_', ' ')} in workspace "
            f"'{workspace}' of project '{project}'. An admin can grant one under Administration.",
            actor=actor,
            permission=permission.value,
            project=project,
            workspace=workspace,
        )


class BadCredentials(Unauthenticated):
    """Name, password or token do not hold."""

    code = "bad_credentials"

    def __init__(self) -> None:
        super().__init__("Name and password do not match, or the token is unknown or has expired.")


class BadName(Invalid):
    """A name that does not fit URLs."""

    code = "bad_name"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"'{name}' cannot name a {kind}: use 2 to 63 lower-case letters, digits and hyphens, "
            "starting with a letter or digit.",
            kind=kind,
            name=name,
        )


class InvalidSpec(Invalid):
    """``visionloop.yaml`` does not describe a project."""

    code = "invalid_spec"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The project file has mistakes: " + " ".join(problems), problems=problems)


class LabelSchemaInUse(Conflict):
    """A class that labels use would vanish."""

    code = "label_schema_in_use"

    def __init__(self, project: str, removed: list[str]) -> None:
        super().__init__(
            f"The classes {', '.join(removed)} of project '{project}' cannot be removed or "
            "reordered, because labels and models refer to them. Add new classes at the end.",
            project=project,
            removed=removed,
        )


class ProposalNotFound(NotFound):
    """No change proposal has this id."""

    code = "proposal_not_found"

    def __init__(self, proposal_id: str) -> None:
        super().__init__(f"There is no change proposal {proposal_id}.", proposal_id=proposal_id)


class ProposalAlreadyDecided(Conflict):
    """A change proposal is decided once."""

    code = "proposal_already_decided"

    def __init__(self, proposal_id: str, state: str) -> None:
        super().__init__(
            f"Change proposal {proposal_id} is already {state}.",
            proposal_id=proposal_id,
            state=state,
        )
