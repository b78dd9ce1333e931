"""The people of a drill: each acts through the API under a name and roles of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from visionloop.client.http import Client

LABELER = "lena"
SCIENTIST = "dario"
APPROVER = "aki"
INFRA = "ines"

_ROLES: dict[str, dict[str, list[str]]] = {
    LABELER: {"dev": ["labeler"]},
    SCIENTIST: {"dev": ["data_scientist"], "staging": ["data_scientist"], "prod": ["viewer"]},
    APPROVER: {"staging": ["approver"], "prod": ["approver"]},
    INFRA: {"dev": ["infra"], "staging": ["infra"], "prod": ["infra"]},
}


@dataclass(frozen=True)
class Team:
    """Clients of the four people and of the administrator."""

    admin: Client
    labeler: Client
    scientist: Client
    approver: Client
    infra: Client

    def close(self) -> None:
        """Close every connection but the administrator's, who was there before."""
        for client in (self.labeler, self.scientist, self.approver, self.infra):
            client.close()


def user_specs() -> list[dict[str, Any]]:
    """Return the ``users`` section of the drill's project file."""
    return [{"name": name, "roles": roles} for name, roles in _ROLES.items()]


def gather_team(admin: Client) -> Team:
    """Return clients for the people of the project, each with a token of one's own."""

    def act_as(name: str) -> Client:
        token = admin.post("/tokens", json={"name": "drill", "days": 1, "user": name})
        return Client(admin.url, token=token["secret"], timeout_s=180.0)

    return Team(
        admin=admin,
        labeler=act_as(LABELER),
        scientist=act_as(SCIENTIST),
        approver=act_as(APPROVER),
        infra=act_as(INFRA),
    )
