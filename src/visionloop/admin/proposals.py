"""Change proposals: what monitoring wants changed in the infrastructure, decided by people.

Monitoring proposes, the infra role approves or rejects, and element 2 applies (bootstrap joins the
appliers of the domains, by kind). Nothing is applied without a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from visionloop.admin import store
from visionloop.admin.access import require
from visionloop.admin.entities import Actor, ChangeProposal, Permission, ProposalState
from visionloop.admin.errors import ProposalAlreadyDecided, ProposalNotFound
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Invalid, VisionloopError
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database

ProposalApplier = Callable[[Actor, ChangeProposal], None]
"""Carries out an approved proposal of one kind; must be safe to call twice."""


def propose_change(
    database: Database,
    actor: Actor,
    project: str,
    *,
    kind: str,
    summary: str,
    change: Mapping[str, Any],
) -> ChangeProposal:
    """File a change proposal, unless the same one is still open.

    Args:
        database: Where it is kept.
        actor: Who proposes.
        project: Whose infrastructure.
        kind: Names the applier, for example ``restart_endpoint``.
        summary: One sentence for the person who decides.
        change: JSON-serialisable arguments of the change.
    """
    require(actor, Permission.READ, project)
    with database.begin() as tx:
        for other in store.list_proposals(tx, project, ProposalState.OPEN):
            if other.kind == kind and dict(other.change) == dict(change):
                return other
        proposal = ChangeProposal(
            id=new_id("proposal"),
            project=project,
            kind=kind,
            summary=summary,
            change=dict(change),
            state=ProposalState.OPEN,
            created_at=utc_now(),
        )
        store.insert_proposal(tx, proposal)
        _publish(tx, actor, proposal, "proposed")
    return proposal


def list_proposals(
    database: Database, actor: Actor, project: str, state: ProposalState | None = None
) -> list[ChangeProposal]:
    """Return the proposals of a project, newest first."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        return store.list_proposals(tx, project, state)


def reject_proposal(
    database: Database, actor: Actor, proposal_id: str, *, reason: str
) -> ChangeProposal:
    """Reject an open proposal.

    Raises:
        ProposalNotFound: No such proposal.
        ProposalAlreadyDecided: It is not open.
    """
    return _decide(database, actor, proposal_id, ProposalState.REJECTED, reason)


def approve_proposal(
    database: Database,
    actor: Actor,
    proposal_id: str,
    *,
    reason: str,
    appliers: Mapping[str, ProposalApplier],
) -> ChangeProposal:
    """Approve an open proposal and apply it; a failure is recorded, never hidden.

    Raises:
        ProposalNotFound: No such proposal.
        ProposalAlreadyDecided: It is not open.
        Invalid: Nothing here can apply its kind.
    """
    with database.read() as tx:
        found = store.find_proposal(tx, proposal_id)
    if found is not None and found.kind not in appliers:
        raise Invalid(
            f"Nothing here can apply a '{found.kind}' proposal; known kinds are "
            f"{', '.join(sorted(appliers)) or 'none'}.",
            kind=found.kind,
        )
    approved = _decide(database, actor, proposal_id, ProposalState.APPROVED, reason)
    outcome, message = ProposalState.APPLIED, reason
    try:
        appliers[approved.kind](actor, approved)
    except VisionloopError as error:
        outcome, message = ProposalState.FAILED, error.message
    with database.begin() as tx:
        store.update_proposal(
            tx,
            proposal_id,
            expected=ProposalState.APPROVED,
            state=outcome.value,
            reason=message,
        )
        _publish(tx, actor, approved, outcome.value)
    return _get(database, proposal_id)


def _decide(
    database: Database, actor: Actor, proposal_id: str, state: ProposalState, reason: str
) -> ChangeProposal:
    proposal = _get(database, proposal_id)
    require(actor, Permission.OPERATE, proposal.project, "prod")
    with database.begin() as tx:
        changed = store.update_proposal(
            tx,
            proposal_id,
            expected=ProposalState.OPEN,
            state=state.value,
            decided_by=actor.name,
            decided_at=utc_now(),
            reason=reason,
        )
        if not changed:
            raise ProposalAlreadyDecided(proposal_id, proposal.state.value)
        _publish(tx, actor, proposal, state.value)
    return _get(database, proposal_id)


def _get(database: Database, proposal_id: str) -> ChangeProposal:
    with database.read() as tx:
        proposal = store.find_proposal(tx, proposal_id)
    if proposal is None:
        raise ProposalNotFound(proposal_id)
    return proposal


def _publish(tx: Any, actor: Actor, proposal: ChangeProposal, verb: str) -> None:
    publish(
        tx,
        type=f"visionloop.change_proposal.{verb}",
        project=proposal.project,
        subject=f"change_proposal/{proposal.id}",
        actor=actor,
        data={"kind": proposal.kind, "summary": proposal.summary},
    )
