"""A control plane for the kill tests: runs promotions, and dies where it is told to.

Usage: python -m tests.workflows.promotion_process URL HOME PLAN

PLAN is a file with one kill point a line. At each point this process notes that it was there and
sends itself SIGKILL, once for each point, so the next process gets further. It ends by itself
when every promotion is over.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.admin.entities import SYSTEM
from visionloop.admin.events import list_events
from visionloop.promotion import production, staging, steps, store
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.entities import GateResult
from visionloop.promotion.gates import BUILTIN_GATES
from visionloop.promotion.ports import GateContext
from visionloop.promotion.workflows import register_promotion
from visionloop.serving.supervisor import EndpointSupervisor
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine, WorkflowState
from visionloop.storage.home import Home


class Killer:
    """Kills this process once at each point of a plan."""

    def __init__(self, plan: Path) -> None:
        self._plan = plan.read_text().split()
        self._done = plan.with_suffix(".done")

    def at(self, point: str) -> None:
        done = self._done.read_text().split() if self._done.exists() else []
        if point not in self._plan or point in done:
            return
        with self._done.open("a") as file:
            file.write(f"{point}\n")
            file.flush()
            os.fsync(file.fileno())
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.at(f"{name}:before")
            result = function(*args, **kwargs)
            self.at(f"{name}:after")
            return result

        return wrapped

    def around_steps(self, run_step: Callable[..., bool]) -> Callable[..., bool]:
        """Wrap the frame of steps, with a point between the outside effect and its record."""

        def wrapped(context: Any, pipeline_id: str, name: str, action: Any) -> bool:
            def act(*args: Any) -> Any:
                outcome = action(*args)
                self.at(f"{name}:acted")
                return outcome

            self.at(f"{name}:before")
            goes_on = run_step(context, pipeline_id, name, act)
            self.at(f"{name}:after")
            return goes_on

        return wrapped


class CountingGate:
    """A gate that notes each time it is asked."""

    name = "counting"

    def evaluate(self, context: GateContext, /) -> GateResult:
        with (context.home.root / "asked").open("a") as file:
            file.write(f"{context.version}\n")
        return GateResult("counting", True, 1.0, 1.0, "times")


def main(url: str, home_folder: str, plan: str) -> None:
    killer = Killer(Path(plan))
    steps.run_step = killer.around_steps(steps.run_step)
    steps.ask_for_approval = killer.around("ask_for_approval", steps.ask_for_approval)
    steps.note_decision = killer.around("note_decision", steps.note_decision)
    staging.deploy_model = killer.around("deploy_model", staging.deploy_model)
    production.move_traffic = killer.around("move_traffic", production.move_traffic)
    production.set_champion = killer.around("set_champion", production.set_champion)

    database, home = Database(url), Home(Path(home_folder))
    engine = Engine(database, heartbeat_s=0.3)
    context = PromotionContext(
        database=database,
        blobs=BlobStore(str(home.blobs_dir)),
        home=home,
        engine=engine,
        gates={**BUILTIN_GATES, "counting": CountingGate()},
    )
    register_promotion(context)
    supervisor = EndpointSupervisor(database, home)
    supervisor.start()
    engine.launch()
    while not _is_over(database, engine):
        time.sleep(0.1)
    engine.shutdown()
    supervisor.stop()
    database.dispose()


def _is_over(database: Database, engine: Engine) -> bool:
    with database.read() as tx:
        if store.list_active(tx):
            return False
        found, _ = store.list_pipelines(tx, "colors")
    registered = list_events(
        database, SYSTEM, "colors", limit=1000, type_prefix="visionloop.model_version.registered"
    )
    if len(registered) > len(found):
        return False
    return all(engine.find_state(p.id) is WorkflowState.DONE for p in found)


if __name__ == "__main__":
    main(*sys.argv[1:])
