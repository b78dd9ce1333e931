from __future__ import annotations

from collections.abc import Callable

import pytest

from visionloop.client.http import Client
from visionloop.kernel.errors import Forbidden

_KEYS = [
    "data_estate",
    "administration",
    "inner_loop",
    "registry",
    "outer_loop",
    "staging",
    "production",
    "monitoring",
    "model_data_events",
    "infrastructure_events",
]


def test_an_empty_project_shows_ten_quiet_elements(api_client: Client) -> None:
    overview = api_client.get("/projects/parts/overview")
    assert [element["key"] for element in overview["elements"]] == _KEYS
    assert {element["state"] for element in overview["elements"]} == {"ok", "idle"}
    assert overview["running"] == []
    assert overview["recent_events"][-1]["summary"] == "Project parts created"


def test_what_waits_for_a_person_asks_for_attention(
    api_client: Client, application: object
) -> None:
    from visionloop.admin.entities import SYSTEM
    from visionloop.admin.proposals import propose_change

    propose_change(
        application.database,  # type: ignore[attr-defined]
        SYSTEM,
        "parts",
        kind="restart_endpoint",
        summary="Endpoint 'parts' died three times in an hour.",
        change={"endpoint": "parts"},
    )
    elements = {
        element["key"]: element
        for element in api_client.get("/projects/parts/overview")["elements"]
    }
    assert elements["administration"]["state"] == "attention"
    assert elements["administration"]["headline"] == "1 open proposal"
    assert elements["infrastructure_events"]["state"] == "attention"


def test_strangers_see_nothing(api_as: Callable[..., Client]) -> None:
    with pytest.raises(Forbidden):
        api_as(name="stranger").get("/projects/parts/overview")
