"""Which endpoints a promotion uses."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin.entities import SYSTEM
from visionloop.promotion.entities import PRODUCTION, STAGING, Policy
from visionloop.promotion.errors import EndpointMissing
from visionloop.serving.endpoints import list_endpoints
from visionloop.storage.database import Database


def choose_endpoints(database: Database, project: str, policy: Policy) -> Policy:
    """Return the policy with both endpoints named, so that later changes do not redirect it.

    Raises:
        EndpointMissing: A workspace has none, or not the named one.
    """
    return replace(
        policy,
        staging_endpoint=choose_endpoint(database, project, STAGING, policy.staging_endpoint),
        production_endpoint=choose_endpoint(
            database, project, PRODUCTION, policy.production_endpoint
        ),
    )


def choose_endpoint(database: Database, project: str, workspace: str, name: str | None) -> str:
    """Return the named endpoint of a workspace, or its first one.

    Raises:
        EndpointMissing: There is none.
    """
    found = [
        endpoint.name
        for endpoint in list_endpoints(database, SYSTEM, project, workspace=workspace)
        if name is None or endpoint.name == name
    ]
    if not found:
        raise EndpointMissing(project, workspace, name)
    return found[0]
