"""Starting, deciding on and cancelling promotions, without an engine: only what is decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import make_project
from tests.promotion.factories import make_colors_project, register_colors_model
from visionloop.admin.entities import SYSTEM, Actor, Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.store import events
from visionloop.kernel.clock import utc_now
from visionloop.promotion import steps, store
from visionloop.promotion.approvals import approve_promotion, reject_promotion
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import Pipeline, PipelineState, Step
from visionloop.promotion.errors import (
    DigestMismatch,
    EndpointMissing,
    NothingToRollBack,
    OwnApproval,
    PipelineNotFound,
    PromotionNotWaiting,
    PromotionOver,
    PromotionRunning,
)
from visionloop.promotion.gates import BUILTIN_GATES
from visionloop.promotion.pipelines import (
    cancel_promotion,
    get_report,
    list_pipelines,
    start_promotion,
)
from visionloop.promotion.rollout import rollback_production
from visionloop.promotion.steps import Outcome
from visionloop.promotion.triggers import on_model_version_registered, start_for_registrations
from visionloop.registry.entities import ModelVersion
from visionloop.registry.errors import ModelNotFound
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine
from visionloop.storage.home import Home

Parties = dict[str, Actor]


@pytest.fixture
def engine(database: Database) -> Engine:
    """An engine that is never launched: workflows would be started by the sweep elsewhere."""
    return Engine(database)


@pytest.fixture
def version(database: Database, home: Home) -> ModelVersion:
    make_colors_project(database, home)
    return register_colors_model(database, home)


@pytest.fixture
def parties(make_actor: Callable[..., Actor]) -> Parties:
    roles = {"sam": [Role.DATA_SCIENTIST, Role.APPROVER], "ada": [Role.APPROVER]}
    roles |= {"lea": [Role.LABELER], "ola": [Role.INFRA]}
    return {name: make_actor(*given, name=name, project="colors") for name, given in roles.items()}


@pytest.fixture
def context(database: Database, home: Home, blobs: BlobStore, engine: Engine) -> PromotionContext:
    return PromotionContext(database, blobs, home, engine, BUILTIN_GATES, retry_s=0.0)


def start(database: Database, engine: Engine, actor: Actor, version: ModelVersion) -> Pipeline:
    return start_promotion(
        database, engine, actor, project="colors", model=version.model, version=version.version
    )


def test_a_started_promotion_shows_its_plan(
    database: Database, engine: Engine, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, engine, parties["sam"], version)
    report = get_report(database, parties["ada"], "colors", pipeline.id)
    assert report.pipeline == pipeline
    assert pipeline.policy.production_endpoint == "colors-prod"
    assert [step.name for step in report.steps][:3] == [
        "verify_package",
        "deploy_staging",
        "gate:parity",
    ]
    assert not report.can_decide
    assert report.why_not == "The promotion is running."
    found, total = list_pipelines(database, parties["lea"], "colors", model="colors")
    assert (found, total) == ([pipeline], 1)
    assert list_pipelines(database, parties["lea"], "colors", state=PipelineState.FAILED) == ([], 0)


def test_a_version_is_promoted_once_at_a_time(
    database: Database, engine: Engine, version: ModelVersion, parties: Parties
) -> None:
    first = start(database, engine, parties["sam"], version)
    with pytest.raises(PromotionRunning):
        start(database, engine, parties["sam"], version)
    cancel_promotion(
        database, engine, parties["sam"], project="colors", pipeline_id=first.id, reason="wrong one"
    )
    again = start(database, engine, parties["sam"], version)
    report = get_report(database, parties["sam"], "colors", first.id)
    assert report.pipeline.state is PipelineState.CANCELLED
    assert report.pipeline.reasons == ("wrong one",)
    assert {step.state for step in report.steps} == {"skipped"}
    assert again.id != first.id
    with pytest.raises(PromotionOver):
        cancel_promotion(database, engine, parties["sam"], project="colors", pipeline_id=first.id)


def test_what_cannot_be_promoted_is_refused(
    database: Database, engine: Engine, version: ModelVersion, parties: Parties
) -> None:
    with pytest.raises(PermissionDenied):
        start(database, engine, parties["lea"], version)
    with pytest.raises(ModelNotFound):
        start_promotion(
            database, engine, parties["sam"], project="colors", model="unknown", version=1
        )
    with pytest.raises(PipelineNotFound):
        get_report(database, SYSTEM, "colors", "promotion_unknown")
    make_project(database, "parts")
    with pytest.raises(ModelNotFound):
        start_promotion(database, engine, SYSTEM, project="parts", model="colors", version=1)


def wait(database: Database, context: PromotionContext, pipeline: Pipeline) -> None:
    assert steps.ask_for_approval(context, pipeline.id)


def decide(decision: Any, context: PromotionContext, actor: Actor, pipeline: Pipeline) -> Any:
    return decision(
        context.database,
        context.engine,
        actor,
        project="colors",
        pipeline_id=pipeline.id,
        digest=pipeline.digest,
        reason="looks good",
    )


def test_another_person_approves(
    database: Database, context: PromotionContext, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)
    with pytest.raises(PromotionNotWaiting):
        decide(approve_promotion, context, parties["ada"], pipeline)
    wait(database, context, pipeline)
    with pytest.raises(OwnApproval, match="sam requested promotion"):
        decide(approve_promotion, context, parties["sam"], pipeline)
    with pytest.raises(PermissionDenied):
        decide(approve_promotion, context, parties["lea"], pipeline)
    with pytest.raises(DigestMismatch):
        approve_promotion(
            database,
            context.engine,
            parties["ada"],
            project="colors",
            pipeline_id=pipeline.id,
            digest="0" * 64,
        )
    assert get_report(database, parties["ada"], "colors", pipeline.id).can_decide
    own = get_report(database, parties["sam"], "colors", pipeline.id)
    assert own.why_not == "You requested this promotion; another person must approve it."

    report = decide(approve_promotion, context, parties["ada"], pipeline)
    assert report.pipeline.state is PipelineState.APPROVED
    assert (report.approval.decided_by, report.approval.digest) == ("ada", pipeline.digest)
    assert report.approval.expires_at - report.approval.decided_at == timedelta(days=1)
    assert report.why_not == "The promotion is approved by ada."
    with pytest.raises(PromotionNotWaiting):
        decide(reject_promotion, context, parties["ada"], pipeline)
    assert steps.note_decision(context, pipeline.id)
    assert steps.note_decision(context, pipeline.id), "a repeated step answers the same"


def test_a_rejection_ends_it(
    database: Database, context: PromotionContext, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)
    wait(database, context, pipeline)
    report = decide(reject_promotion, context, parties["ada"], pipeline)
    assert report.pipeline.state is PipelineState.REJECTED
    assert report.pipeline.reasons == ("rejected by ada: looks good",)
    assert not steps.note_decision(context, pipeline.id)
    assert start(database, context.engine, parties["sam"], version)


def test_nobody_deciding_ends_it_too(
    database: Database, context: PromotionContext, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)
    wait(database, context, pipeline)
    assert not steps.note_decision(context, pipeline.id)
    ended = get_report(database, SYSTEM, "colors", pipeline.id).pipeline
    assert ended.state is PipelineState.FAILED
    assert ended.reasons == ("nobody decided within 3 days",)


def test_a_cancelled_promotion_goes_no_further(
    database: Database, context: PromotionContext, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)

    def act(inner: PromotionContext, _pipeline: Pipeline) -> Outcome:
        cancel_promotion(
            database, inner.engine, parties["sam"], project="colors", pipeline_id=pipeline.id
        )
        return Outcome({"done": True})

    assert not steps.run_step(context, pipeline.id, "verify_package", act)
    assert not steps.run_step(context, pipeline.id, "deploy_staging", act)
    assert steps.ask_for_approval(context, pipeline.id) is None
    ended = get_report(database, SYSTEM, "colors", pipeline.id)
    assert ended.pipeline.state is PipelineState.CANCELLED
    assert ended.steps[0].state == "skipped"


def test_a_step_runs_once_however_often_it_is_asked(
    database: Database, context: PromotionContext, version: ModelVersion, parties: Parties
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)
    calls: list[str] = []

    def act(_context: PromotionContext, inner: Pipeline) -> Outcome:
        calls.append(inner.id)
        return Outcome()

    assert all(steps.run_step(context, pipeline.id, "verify_package", act) for _ in range(3))
    assert calls == [pipeline.id]


def test_an_unexpected_error_ends_the_promotion_with_its_reason(
    database: Database,
    context: PromotionContext,
    version: ModelVersion,
    parties: Parties,
) -> None:
    pipeline = start(database, context.engine, parties["sam"], version)

    def act(_context: PromotionContext, _pipeline: Pipeline) -> Outcome:
        raise OSError("no space left on device")

    assert not steps.run_step(context, pipeline.id, "deploy_staging", act)
    ended = get_report(database, SYSTEM, "colors", pipeline.id)
    assert ended.pipeline.state is PipelineState.FAILED
    assert ended.pipeline.reasons == ("deploy_staging: OSError: no space left on device",)
    kinds = [e.type for e in list_events(database, SYSTEM, "colors", type_prefix="visionloop.prom")]
    assert kinds == ["visionloop.promotion.started", "visionloop.promotion.failed"]


def test_an_unknown_gate_fails_with_the_known_ones(
    database: Database, context: PromotionContext, home: Home
) -> None:
    make_colors_project(database, home, gates=["beauty"])
    version = register_colors_model(database, home)
    pipeline = start(database, context.engine, SYSTEM, version)
    outcome = steps.evaluate_gate(context, pipeline, "beauty")
    assert "known are accuracy, latency, parity" in outcome.reasons[0]


def test_registration_starts_exactly_one_promotion(
    database: Database, engine: Engine, version: ModelVersion, parties: Parties
) -> None:
    arguments = {"project": "colors", "model": "colors", "version": 1}
    for _ in range(3):
        assert start_for_registrations(database, engine) == 1
    [pipeline], total = list_pipelines(database, SYSTEM, "colors")
    assert (total, pipeline.trigger, pipeline.requested_by) == (1, "registration", "system")
    assert on_model_version_registered(database, engine, SYSTEM, **arguments) is None
    cancel_promotion(database, engine, parties["sam"], project="colors", pipeline_id=pipeline.id)
    assert on_model_version_registered(database, engine, SYSTEM, **arguments) is None
    assert start(database, engine, parties["sam"], version), "people may always start it again"


def test_a_registration_that_cannot_start_leaves_a_reason(
    database: Database, engine: Engine, home: Home
) -> None:
    make_colors_project(database, home, production_endpoint="elsewhere")
    version = register_colors_model(database, home)
    for _ in range(3):
        assert start_for_registrations(database, engine) == 1
    assert list_pipelines(database, SYSTEM, "colors") == ([], 0)
    [event] = list_events(database, SYSTEM, "colors", type_prefix="visionloop.promotion.refused")
    assert "lacks endpoint 'elsewhere'" in event.data["reason"]
    with pytest.raises(EndpointMissing):
        start(database, engine, SYSTEM, version)


def test_settled_events_are_not_looked_at_again(
    database: Database, engine: Engine, version: ModelVersion
) -> None:
    assert version.version == 1
    with database.begin() as tx:
        tx.execute(events.update().values(time=utc_now() - timedelta(minutes=5)))
    assert start_for_registrations(database, engine) == 1
    assert start_for_registrations(database, engine) == 0
    assert list_pipelines(database, SYSTEM, "colors")[1] == 1


def test_without_a_promotion_there_is_nothing_to_roll_back(
    database: Database, home: Home, version: ModelVersion, parties: Parties
) -> None:
    assert version.version == 1
    with pytest.raises(NothingToRollBack):
        rollback_production(database, home, parties["ola"], project="colors")
    with pytest.raises(PermissionDenied):
        rollback_production(database, home, parties["sam"], project="colors")


def test_an_event_cursor_never_goes_back(database: Database) -> None:
    with database.begin() as tx:
        assert store.read_cursor(tx, "test") == 0
        store.write_cursor(tx, "test", 5)
        store.write_cursor(tx, "test", 3)
        assert store.read_cursor(tx, "test") == 5


def test_the_store_gives_back_what_it_was_given(
    database: Database, engine: Engine, version: ModelVersion
) -> None:
    pipeline = start(database, engine, SYSTEM, version)
    with database.begin() as tx:
        store.update_step(tx, pipeline.id, "verify_package", details={"n": 1})
        step = store.find_step(tx, pipeline.id, "verify_package")
        assert store.find_pipeline(tx, pipeline.id) == pipeline
        assert store.list_active(tx) == [pipeline]
        assert store.list_undelivered(tx, utc_now()) == []
    assert step == Step("verify_package", 0, details={"n": 1})
