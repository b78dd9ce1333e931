"""Promotions over REST and from the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.promotion.factories import make_colors_project, register_colors_model
from visionloop.admin.entities import Actor
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from visionloop.promotion import steps
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.gates import BUILTIN_GATES
from visionloop.promotion.pipelines import start_promotion

PATH = "/projects/colors/promotions"


@pytest.fixture
def waiting(application: Application) -> str:
    """A promotion that waits for approval, requested by sam."""
    make_colors_project(application.database, application.home)
    register_colors_model(application.database, application.home)
    sam = Actor("user_sam", "sam", is_admin=True)
    pipeline = start_promotion(
        application.database, application.engine, sam, project="colors", model="colors", version=1
    )
    context = PromotionContext(
        application.database,
        application.blobs,
        application.home,
        application.engine,
        BUILTIN_GATES,
    )
    assert steps.ask_for_approval(context, pipeline.id)
    return pipeline.id


def test_a_promotion_is_listed_shown_and_approved(api_client: Client, waiting: str) -> None:
    page = api_client.get(PATH, params={"state": "waiting_for_approval"})
    assert (page["total"], page["items"][0]["id"]) == (1, waiting)
    shown = api_client.get(f"{PATH}/{waiting}")
    assert shown["can_decide"]
    assert shown["why_not"] is None
    assert [step["name"] for step in shown["steps"]][-3:] == [
        "wait_for_approval",
        "deploy_production",
        "shift_traffic",
    ]
    body = {"digest": shown["digest"], "reason": "fine"}
    approved = api_client.post(f"{PATH}/{waiting}/approve", json=body)
    assert approved["state"] == "approved"
    assert approved["approval"]["decided_by"] == "root"
    with pytest.raises(Conflict):
        api_client.post(f"{PATH}/{waiting}/approve", json=body)


def test_a_promotion_is_rejected_or_cancelled(api_client: Client, waiting: str) -> None:
    digest = api_client.get(f"{PATH}/{waiting}")["digest"]
    rejected = api_client.post(f"{PATH}/{waiting}/reject", json={"digest": digest})
    assert rejected["state"] == "rejected"
    again = api_client.post(PATH, json={"model": "colors", "version": 1})
    assert (again["state"], again["trigger"], again["requested_by"]) == (
        "running",
        "manual",
        "root",
    )
    cancelled = api_client.post(f"{PATH}/{again['id']}/cancel", json={"reason": "typo"})
    assert (cancelled["state"], cancelled["reasons"]) == ("cancelled", ["typo"])


def test_what_is_wrong_is_said(
    application: Application, api_client: Client, api_as: Callable[..., Client], waiting: str
) -> None:
    stranger = api_as("labeler")
    with pytest.raises(Forbidden):
        stranger.get(f"{PATH}/{waiting}")
    with pytest.raises(NotFound):
        api_client.get(f"{PATH}/promotion_unknown")
    with pytest.raises(NotFound):
        api_client.post(PATH, json={"model": "colors", "version": 9})
    with pytest.raises(Invalid):
        api_client.post(PATH, json={"model": "colors", "version": 0})
    with pytest.raises(Conflict, match="carries package"):
        api_client.post(f"{PATH}/{waiting}/approve", json={"digest": "0" * 64})
    with pytest.raises(Conflict, match="no earlier champion"):
        api_client.post("/projects/colors/rollbacks", json={"reason": "why not"})
    assert api_client.get("/projects/colors/rollbacks") == {"items": [], "total": 0}
    own = start_promotion_as_root(application, api_client)
    with pytest.raises(Forbidden, match="may not approve"):
        api_client.post(f"{PATH}/{own['id']}/approve", json={"digest": own["digest"]})


def start_promotion_as_root(application: Application, api_client: Client) -> dict[str, str]:
    register_colors_model(application.database, application.home, gain=0.2)
    started = api_client.post(PATH, json={"model": "colors", "version": 2})
    context = PromotionContext(
        application.database,
        application.blobs,
        application.home,
        application.engine,
        BUILTIN_GATES,
    )
    assert steps.ask_for_approval(context, started["id"])
    found: dict[str, str] = started
    return found
