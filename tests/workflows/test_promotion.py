"""A promotion survives SIGKILL at every step, and does nothing twice."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.promotion.factories import make_colors_project, register_colors_model
from tests.serving.models import make_image
from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import list_events
from visionloop.kernel.errors import VisionloopError
from visionloop.promotion.approvals import approve_promotion
from visionloop.promotion.entities import Pipeline, PipelineReport
from visionloop.promotion.errors import NothingToRollBack
from visionloop.promotion.pipelines import get_report, list_pipelines
from visionloop.promotion.rollout import list_rollbacks, rollback_production
from visionloop.promotion.subjects import find_champion
from visionloop.serving import processes
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.files import endpoint_folder
from visionloop.serving.scoring import score_image
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine
from visionloop.storage.executors import engine_executors
from visionloop.storage.home import Home

REQUESTER = Actor("user_sam", "sam", is_admin=True)
APPROVER = Actor("user_ada", "ada", is_admin=True)

STEPS = (
    "verify_package",
    "deploy_staging",
    "gate:parity",
    "gate:counting",
    "deploy_production",
    "shift_traffic",
)
INSIDE = ("deploy_model", "ask_for_approval", "note_decision", "move_traffic", "set_champion")
EVERY_POINT = ("verify_package:before",)
EVERY_POINT += tuple(f"{name}:{when}" for name in STEPS for when in ("acted", "after"))
EVERY_POINT += tuple(f"{name}:after" for name in INSIDE)
# What a crash is most likely to do twice: an outside effect that nobody has recorded yet.
WORST_POINTS = (
    *(f"{name}:acted" for name in STEPS),
    "ask_for_approval:after",
    "note_decision:after",
    "move_traffic:after",
    "set_champion:after",
)

ONCE_EACH = {
    "visionloop.promotion.started": 1,
    "visionloop.promotion.gate_passed": 2,
    "visionloop.promotion.waiting": 1,
    "visionloop.promotion.approved": 1,
    "visionloop.promotion.succeeded": 1,
}


@dataclass
class Installation:
    """A database, a home, and control planes that come and go."""

    database: Database
    home: Home
    # Never launched: what the test decides reaches the workflow only through the database, as
    # from another replica.
    engine: Engine
    plan: Path
    num_kills: int = 0

    def find(self, version: int) -> Pipeline | None:
        """Return the pipeline that the registration of a version has started."""
        found, _ = list_pipelines(self.database, REQUESTER, "colors")
        matching = [pipeline for pipeline in found if pipeline.version == version]
        assert len(matching) <= 1
        return matching[0] if matching else None

    def run(
        self,
        kill_points: tuple[str, ...] = (),
        *,
        decide: Callable[[], None] = lambda: None,
        after_kill: Callable[[], None] = lambda: None,
    ) -> None:
        """Run control planes, one after the other has died, until all promotions are over."""
        self.plan.write_text("\n".join(kill_points))
        self.plan.with_suffix(".done").unlink(missing_ok=True)
        deadline = time.monotonic() + 240
        while True:
            process = self.launch()
            while process.poll() is None:
                assert time.monotonic() < deadline, self.read_log()
                decide()
                time.sleep(0.1)
            if process.returncode == 0:
                return
            assert process.returncode == -9, self.read_log()
            self.num_kills += 1
            after_kill()

    def wait(self, condition: Callable[[], bool], timeout_s: float = 90.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.read_log()
            time.sleep(0.1)

    def find_state(self, version: int) -> str | None:
        pipeline = self.find(version)
        return pipeline.state.value if pipeline else None

    def count_executors(self) -> int:
        with self.database.read() as tx:
            return len(tx.execute(engine_executors.select()).all())

    def launch(self) -> subprocess.Popen[bytes]:
        with (self.home.root / "control-plane.log").open("ab") as log:
            arguments = [self.database.url, str(self.home.root), str(self.plan)]
            return subprocess.Popen(
                [sys.executable, "-m", "tests.workflows.promotion_process", *arguments],
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )

    def report(self, pipeline: Pipeline) -> PipelineReport:
        return get_report(self.database, APPROVER, "colors", pipeline.id)

    def approve(self, version: int) -> Callable[[], None]:
        def decide() -> None:
            pipeline = self.find(version)
            if pipeline and self.report(pipeline).can_decide:
                approve_promotion(
                    self.database,
                    self.engine,
                    APPROVER,
                    project="colors",
                    pipeline_id=pipeline.id,
                    digest=pipeline.digest,
                )

        return decide

    def count_events(self, pipeline: Pipeline) -> Counter[str]:
        events = list_events(self.database, SYSTEM, "colors", limit=1000)
        subject = f"promotion/{pipeline.id}"
        return Counter(event.type for event in events if event.subject == subject)

    def count_deployment_events(self) -> Counter[tuple[str, str]]:
        events = list_events(self.database, SYSTEM, "colors", limit=1000)
        kind = "visionloop.deployment.created"
        return Counter(
            (event.subject, str(event.data["deployment"])) for event in events if event.type == kind
        )

    def weights(self, endpoint: str) -> dict[str, int]:
        found = get_endpoint(self.database, SYSTEM, "colors", name=endpoint)
        return {str(d.model_version): d.weight for d in found.deployments}

    def answering_version(self) -> str | None:
        target = get_endpoint(self.database, SYSTEM, "colors", name="colors-prod")
        return score_image(self.home, target, make_image("red")).model.version

    def read_log(self) -> str:
        return (self.home.root / "control-plane.log").read_text()[-8000:]


Opener = Callable[..., Installation]


@pytest.fixture
def open_installation(home: Home, tmp_path: Path) -> Iterator[Opener]:
    """Make the project ``colors`` under a policy, and stop its endpoints in the end."""

    def open_with(database: Database, **policy: Any) -> Installation:
        make_colors_project(database, home, gates=["parity", "counting"], **policy)
        return Installation(database, home, Engine(database), tmp_path / "plan")

    yield open_with
    for name in ("colors-staging", "colors-prod"):
        processes.stop_process(endpoint_folder(home, name))


def check_done_once(installation: Installation, pipeline: Pipeline | None) -> None:
    assert pipeline is not None, installation.read_log()
    assert (pipeline.trigger, pipeline.requested_by) == ("registration", "sam")
    report = installation.report(pipeline)
    assert report.pipeline.state == "succeeded", (report, installation.read_log())
    assert {step.state for step in report.steps} == {"succeeded"}
    assert [gate.gate for gate in report.gates] == ["parity", "counting"]
    assert report.approval is not None
    assert report.approval.decided_by == "ada"
    assert installation.count_events(pipeline) == ONCE_EACH
    assert set(installation.count_deployment_events().values()) == {1}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_every_step_it_goes_on_and_does_nothing_twice(
    open_installation: Opener, database: Database
) -> None:
    installation = open_installation(database)
    points = WORST_POINTS if installation.database.dialect == "postgresql" else EVERY_POINT
    register_colors_model(installation.database, installation.home, gain=0.1, actor=REQUESTER)
    installation.run(decide=installation.approve(1))
    check_done_once(installation, installation.find(1))
    assert installation.answering_version() == "1"

    register_colors_model(installation.database, installation.home, gain=0.2, actor=REQUESTER)

    def still_answering() -> None:
        assert installation.answering_version() in {"1", "2"}

    installation.run(points, decide=installation.approve(2), after_kill=still_answering)
    assert installation.num_kills == len(points)
    check_done_once(installation, installation.find(2))
    assert installation.weights("colors-prod") == {"1": 0, "2": 100}
    assert installation.answering_version() == "2"
    champion = find_champion(installation.database, "colors", "colors")
    assert champion is not None
    assert champion.version == 2

    rollback_production(
        installation.database,
        installation.home,
        APPROVER,
        project="colors",
        reason="worse at night",
    )
    assert installation.weights("colors-prod") == {"1": 100, "2": 0}
    champion = find_champion(installation.database, "colors", "colors")
    assert champion is not None
    assert champion.version == 1
    [rollback], total = list_rollbacks(installation.database, APPROVER, "colors")
    assert (rollback.restored.version, rollback.replaced.version, total) == (1, 2, 1)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_another_control_plane_takes_over_the_work_of_a_dead_one(
    open_installation: Opener, postgresql_url: str
) -> None:
    database = Database(postgresql_url)
    database.create_schema()
    installation = open_installation(database)
    installation.plan.write_text("")
    register_colors_model(database, installation.home, gain=0.1, actor=REQUESTER)
    first = installation.launch()
    second = None
    try:
        installation.wait(lambda: installation.find_state(1) == "waiting_for_approval")
        second = installation.launch()
        installation.wait(lambda: installation.count_executors() == 2)
        time.sleep(1.0)
        first.kill()
        first.wait()
        installation.approve(1)()
        installation.wait(lambda: installation.find_state(1) == "succeeded")
        assert second.wait(timeout=30) == 0
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
    check_done_once(installation, installation.find(1))
    assert asked_of_the_gate(installation) == ["1"], "nobody else ran it while the first lived"
    database.dispose()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_canary_outlives_the_control_plane_and_then_gets_everything(
    open_installation: Opener, sqlite_database: Database
) -> None:
    rollout = {"strategy": "canary", "canary_percent": 30, "canary_s": 3}
    installation = open_installation(sqlite_database, rollout=rollout)
    register_colors_model(sqlite_database, installation.home, gain=0.1, actor=REQUESTER)
    installation.run(decide=installation.approve(1))
    register_colors_model(sqlite_database, installation.home, gain=0.2, actor=REQUESTER)
    answered: Counter[str | None] = Counter()

    def decide_and_ask() -> None:
        installation.approve(2)()
        if installation.weights("colors-prod").get("2") == 30:
            answered[installation.answering_version()] += 1

    points = ("start_canary:acted", "start_canary:after", "judge_canary:acted")
    installation.run(points, decide=decide_and_ask)
    assert installation.num_kills == 3
    pipeline = installation.find(2)
    assert pipeline is not None
    report = installation.report(pipeline)
    assert report.pipeline.state == "succeeded", installation.read_log()
    judged = next(step for step in report.steps if step.name == "judge_canary")
    assert judged.details["num_errors"] == 0
    assert set(answered) == {"1", "2"}
    assert installation.weights("colors-prod") == {"1": 0, "2": 100}

    def roll_back() -> int:
        where = {"project": "colors", "reason": "worse at night"}
        done = rollback_production(sqlite_database, installation.home, APPROVER, **where)
        return done.restored.version

    assert roll_back() == 1
    with pytest.raises(NothingToRollBack):
        roll_back()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_canary_that_fails_gives_the_traffic_back(
    open_installation: Opener, sqlite_database: Database
) -> None:
    rollout = {"strategy": "canary", "canary_percent": 50, "canary_s": 3}
    installation = open_installation(sqlite_database, rollout=rollout)
    database, home = sqlite_database, installation.home
    register_colors_model(database, home, gain=0.1, actor=REQUESTER)
    installation.run(decide=installation.approve(1))
    register_colors_model(database, home, gain=0.2, actor=REQUESTER, is_fragile=True)
    bright = io.BytesIO()
    Image.new("RGB", (64, 48), (250, 250, 250)).save(bright, format="PNG")

    def decide_and_ask() -> None:
        installation.approve(2)()
        target = get_endpoint(database, SYSTEM, "colors", name="colors-prod")
        if installation.weights("colors-prod").get("2"):
            with suppress(VisionloopError):
                score_image(home, target, bright.getvalue())

    installation.run(("judge_canary:acted",), decide=decide_and_ask)
    pipeline = installation.find(2)
    assert pipeline is not None
    assert pipeline.state == "failed", installation.read_log()
    assert "canary rolled back" in pipeline.reasons[0]
    assert installation.weights("colors-prod") == {"1": 100, "2": 0}
    assert installation.answering_version() == "1"
    champion = find_champion(database, "colors", "colors")
    assert champion is not None
    assert champion.version == 1


def asked_of_the_gate(installation: Installation) -> list[str]:
    return (installation.home.root / "asked").read_text().split()
