from __future__ import annotations

from collections.abc import Callable

import pytest

from visionloop.admin.entities import SYSTEM, Actor, ChangeProposal, Project, ProposalState
from visionloop.admin.errors import PermissionDenied, ProposalAlreadyDecided, ProposalNotFound
from visionloop.admin.proposals import (
    approve_proposal,
    list_proposals,
    propose_change,
    reject_proposal,
)
from visionloop.kernel.errors import Invalid, Unavailable
from visionloop.storage.database import Database


@pytest.fixture
def proposal(database: Database, project: Project) -> ChangeProposal:
    return propose_change(
        database,
        SYSTEM,
        project.name,
        kind="restart_endpoint",
        summary="Endpoint 'parts' died three times in an hour.",
        change={"endpoint": "parts"},
    )


def test_the_same_proposal_is_filed_once(database: Database, proposal: ChangeProposal) -> None:
    again = propose_change(
        database,
        SYSTEM,
        "parts",
        kind="restart_endpoint",
        summary="Still dead.",
        change={"endpoint": "parts"},
    )
    assert again.id == proposal.id
    assert len(list_proposals(database, SYSTEM, "parts", ProposalState.OPEN)) == 1


def test_infra_approves_and_the_change_is_applied_once(
    database: Database, proposal: ChangeProposal, make_actor: Callable[..., Actor]
) -> None:
    applied: list[str] = []
    appliers = {"restart_endpoint": lambda _actor, found: applied.append(found.id)}
    ines = make_actor("infra", name="ines")
    decided = approve_proposal(database, ines, proposal.id, reason="ok", appliers=appliers)
    assert (decided.state, decided.decided_by) == (ProposalState.APPLIED, "ines")
    assert applied == [proposal.id]
    with pytest.raises(ProposalAlreadyDecided):
        reject_proposal(database, ines, proposal.id, reason="late")


def test_a_failing_change_is_recorded(
    database: Database, proposal: ChangeProposal, make_actor: Callable[..., Actor]
) -> None:
    def fail(_actor: Actor, _proposal: ChangeProposal) -> None:
        raise Unavailable("The endpoint does not come up.")

    decided = approve_proposal(
        database,
        make_actor("infra"),
        proposal.id,
        reason="try",
        appliers={"restart_endpoint": fail},
    )
    assert decided.state is ProposalState.FAILED
    assert decided.reason == "The endpoint does not come up."


def test_others_may_not_decide_and_unknown_kinds_stay_open(
    database: Database, proposal: ChangeProposal, make_actor: Callable[..., Actor]
) -> None:
    with pytest.raises(PermissionDenied):
        reject_proposal(database, make_actor("data_scientist"), proposal.id, reason="no")
    with pytest.raises(Invalid, match="known kinds are none"):
        approve_proposal(database, SYSTEM, proposal.id, reason="", appliers={})
    with pytest.raises(ProposalNotFound):
        reject_proposal(database, SYSTEM, "proposal_x", reason="")
    assert list_proposals(database, SYSTEM, "parts")[0].state is ProposalState.OPEN
