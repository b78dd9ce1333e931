"""The durable engine: workflows and schedules that survive ``kill -9`` and a reboot (D3).

DBOS does the work; it is a library that keeps its state in the same PostgreSQL database, or in
a file beside the SQLite one. What it leaves to us is done here: a name of its own for every
process, taking over from dead ones, intervals, and clearing away what is long over.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, ScheduleInput, SetWorkflowID
from sqlalchemy.engine import make_url

from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Conflict, Invalid
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database
from visionloop.storage.executors import Liveness
from visionloop.storage.intervals import to_cron

Workflow = Callable[..., Awaitable[Any]]
Scheduled = Callable[[datetime, Any], None]

# Work of another version is never recovered, so the version changes only when the steps of a
# workflow change in a way that running ones cannot follow.
_APPLICATION_VERSION = "1"
_QUEUE = "visionloop"
_QUEUE_POLL_S = 0.25
_SCHEDULE_POLL_S = 2.0
_RECOVERY_ATTEMPTS = 1000
_KEEP_SCHEDULED = timedelta(days=2)
_CLEAR_EVERY_BEATS = 120
_CLEAR_BATCH = 1000

_log = logging.getLogger(__name__)


class WorkflowState(StrEnum):
    """Where a workflow stands: to be run or running, returned, or ended by an exception."""

    ACTIVE = "active"
    DONE = "done"
    BROKEN = "broken"


class EngineRunning(Conflict):
    """A process runs one engine."""

    code = "engine_running"


class EngineStopped(Conflict):
    """The engine was asked for work before launch or after shutdown."""

    code = "engine_stopped"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"The durable engine is not launched, so it cannot {wanted}.")


class UnknownSchedule(Invalid):
    """A schedule names a function that was never registered."""

    code = "unknown_scheduled_function"


class Engine:
    """Runs registered workflows durably and functions on schedule. One in a process.

    Register first, then :meth:`launch`; work of control planes that died is taken over then and
    whenever another one falls silent.

    Args:
        database: Holds the executors; its URL tells where the engine's own state goes.
        heartbeat_s: How often this process says that it lives, and looks for dead ones.
        sweep_s: How often sweeps run.
        dead_after_s: Silence after which a control plane on another machine counts as dead.
    """

    _running: Engine | None = None

    def __init__(
        self,
        database: Database,
        *,
        heartbeat_s: float = 5.0,
        sweep_s: float = 1.0,
        dead_after_s: float = 30.0,
    ) -> None:
        self.executor_id = new_id("executor")
        self._database = database
        self._heartbeat_s = heartbeat_s
        self._sweep_s = min(sweep_s, heartbeat_s)
        self._liveness = Liveness(database, self.executor_id, dead_after_s=dead_after_s)
        self._workflows: dict[str, Workflow] = {}
        self._scheduled: dict[str, Scheduled] = {}
        self._sweeps: list[Callable[[], None]] = []
        self._handles: dict[str, Any] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the engine is launched."""
        return Engine._running is self

    @property
    def stopping(self) -> threading.Event:
        """Set at shutdown; long steps look at it and give up, to be run again later."""
        return self._stop

    def register_workflow(self, name: str, workflow: Workflow) -> None:
        """Make an async function durable under a stable name; call it before :meth:`launch`.

        The function takes JSON values and calls ``DBOS.run_step_async`` and ``DBOS.recv_async``;
        every step must be safe to run again.
        """
        self._require_stopped(f"register workflow {name!r}")
        self._workflows[name] = workflow

    def register_scheduled(self, name: str, function: Scheduled) -> None:
        """Make a plain function callable by schedules; call it before :meth:`launch`.

        Args:
            name: Stable name, kept in the database.
            function: Takes the scheduled time (aware, UTC) and the context of the schedule.
                It may run again after a crash. A run is left out, in this process, while the
                one before of the same schedule still runs.
        """
        self._require_stopped(f"register scheduled function {name!r}")
        self._scheduled[name] = function

    def on_sweep(self, sweep: Callable[[], None]) -> None:
        """Call ``sweep`` at launch and every second, to mend what a crash left half done.

        A sweep must be quick and safe to run on several control planes at once; its exceptions
        are logged.
        """
        self._sweeps.append(sweep)

    def launch(self) -> None:
        """Start: take over what dead control planes left, run queues and schedules.

        Raises:
            EngineRunning: This process already runs one.
        """
        if Engine._running is not None:
            raise EngineRunning("This process already runs a durable engine; shut it down first.")
        self._stop.clear()
        self._liveness.announce()
        _configure(self._database, self.executor_id)
        for name, workflow in self._workflows.items():
            self._handles[name] = _durable(name, _plain(workflow))
        for name, function in self._scheduled.items():
            self._handles[name] = _durable(name, _guarded(function))
        DBOS.launch()
        DBOS.register_queue(_QUEUE, polling_interval_sec=_QUEUE_POLL_S)
        Engine._running = self
        self._take_over()
        self._sweep()
        self._thread = threading.Thread(target=self._live, name="engine-heartbeat", daemon=True)
        self._thread.start()

    def shutdown(self) -> None:
        """Stop; running workflows stay recorded and go on at the next launch, here or elsewhere."""
        if not self.is_running:
            return
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        # The registry goes too, so that a later engine in this process starts from nothing.
        DBOS.destroy(destroy_registry=True)
        Engine._running = None
        self._handles.clear()
        # Work without a living executor is anyone's to take over, at once.
        self._liveness.withdraw()

    def start(self, name: str, workflow_id: str, *args: Any) -> None:
        """Start a registered workflow; a second start with the same id does nothing.

        Args:
            name: As registered.
            workflow_id: Identity of the run, and the address for :meth:`send`.
            *args: JSON values.
        """
        self._require_running(f"start {name!r}")
        with SetWorkflowID(workflow_id):
            DBOS.enqueue_workflow(_QUEUE, self._handles[name], *args)

    def send(self, workflow_id: str, topic: str, message: Any, *, key: str) -> None:
        """Send a JSON message to a workflow that waits on ``topic``; at most once per ``key``."""
        self._require_running(f"send to {workflow_id!r}")
        DBOS.send(workflow_id, message, topic, idempotency_key=key)

    def find_state(self, workflow_id: str) -> WorkflowState | None:
        """Return where a workflow stands; None when it was never started."""
        self._require_running(f"look up {workflow_id!r}")
        found = DBOS.list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
        if not found:
            return None
        if found[0].status in ("PENDING", "ENQUEUED", "DELAYED"):
            return WorkflowState.ACTIVE
        return WorkflowState.DONE if found[0].status == "SUCCESS" else WorkflowState.BROKEN

    def schedule(
        self, name: str, every: str | float, function: str, *, context: Any = None
    ) -> None:
        """Run a registered function again and again; replaces a schedule of the same name.

        Schedules outlive restarts, and of several control planes exactly one runs each time.
        Missed times (while nothing ran) are not made up for.

        Args:
            name: Name of the schedule, for example ``monitor-parts-drift``.
            every: A cron expression in UTC (five fields, or six with seconds first), or seconds:
                a divisor of a minute, whole minutes dividing an hour, or hours dividing a day.
            function: Name given to :meth:`register_scheduled`.
            context: JSON value passed to the function.

        Raises:
            BadInterval: ``every`` is neither.
            UnknownSchedule: The function was never registered.
        """
        self._require_running(f"schedule {name!r}")
        if function not in self._scheduled:
            raise UnknownSchedule(
                f"Schedule {name!r} names the function {function!r}; registered are "
                f"{', '.join(sorted(self._scheduled)) or 'none'}.",
                schedule=name,
                function=function,
            )
        entry: ScheduleInput = {
            "schedule_name": name,
            "workflow_fn": self._handles[function],
            "schedule": to_cron(every),
            "context": {"schedule": name, "context": context},
        }
        DBOS.apply_schedules([entry])

    def unschedule(self, name: str) -> None:
        """Remove a schedule; does nothing when there is none."""
        self._require_running(f"unschedule {name!r}")
        DBOS.delete_schedule(name)

    def schedules(self) -> dict[str, str]:
        """Return the cron expression of every schedule by name."""
        self._require_running("list schedules")
        return {entry["schedule_name"]: entry["schedule"] for entry in DBOS.list_schedules()}

    def _live(self) -> None:
        beats, last = 0, time.monotonic()
        while not self._stop.wait(self._sweep_s):
            self._sweep()
            if time.monotonic() - last < self._heartbeat_s:
                continue
            beats, last = beats + 1, time.monotonic()
            try:
                self._liveness.beat()
                self._take_over()
                if beats % _CLEAR_EVERY_BEATS == 0:
                    _clear_old_runs()
            except Exception:
                _log.exception("heartbeat of the durable engine failed; the next one tries again")

    def _take_over(self) -> None:
        # In this order: an executor writes its row before it begins any work.
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        alive, dead = self._liveness.living()
        orphaned = {run.executor_id for run in pending if run.executor_id} - alive
        if orphaned:
            _log.warning("taking over the work of %s", ", ".join(sorted(orphaned)))
            # Private, yet the only way to say that an executor is dead without DBOS's own server;
            # it hands each piece to exactly one taker, however many ask.
            DBOS._recover_pending_workflows(sorted(orphaned))
        if dead:
            self._liveness.withdraw(dead)

    def _sweep(self) -> None:
        for sweep in self._sweeps:
            if self._stop.is_set():
                return
            try:
                sweep()
            except Exception:
                _log.exception("sweep %s failed; the next one tries again", sweep)

    def _require_stopped(self, wanted: str) -> None:
        if self.is_running:
            raise EngineRunning(f"The durable engine runs already, so it cannot {wanted}.")

    def _require_running(self, wanted: str) -> None:
        if not self.is_running:
            raise EngineStopped(wanted)


def state_url(database_url: str) -> str:
    """Return where the engine keeps its own state.

    On SQLite it is a file of its own, because two writers on one file wait for each other.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return url.set(drivername="postgresql").render_as_string(hide_password=False)
    if not url.database or url.database == ":memory:":
        raise Invalid("The durable engine needs a database file, not one in memory.", url=str(url))
    return f"sqlite:///{Path(url.database).with_name('workflows.db')}"


def _configure(database: Database, executor_id: str) -> None:
    config: DBOSConfig = {
        "name": "visionloop",
        "system_database_url": state_url(database.url),
        "application_version": _APPLICATION_VERSION,
        "executor_id": executor_id,
        "log_level": "ERROR",
        "serializer": DBOSPortableJSONSerializer(),
        "scheduler_polling_interval_sec": _SCHEDULE_POLL_S,
        "sys_db_pool_size": 10,
    }
    DBOS(config=config)


def _durable(name: str, function: Callable[..., Any]) -> Any:
    return DBOS.workflow(name=name, max_recovery_attempts=_RECOVERY_ATTEMPTS)(function)


def _plain(workflow: Workflow) -> Workflow:
    # DBOS marks the function object, which a method does not bear.
    async def run(*args: Any) -> Any:
        return await workflow(*args)

    return run


def _guarded(function: Scheduled) -> Callable[[str, dict[str, Any]], None]:
    busy: set[str] = set()
    lock = threading.Lock()

    def run(scheduled_at: str, context: dict[str, Any]) -> None:
        name = context["schedule"]
        with lock:
            if name in busy:
                return
            busy.add(name)
        try:
            function(datetime.fromisoformat(scheduled_at), context["context"])
        except Exception:
            # Told here in full and then forgotten: the next time comes anyway.
            _log.exception("scheduled run of %s failed", name)
        finally:
            with lock:
                busy.discard(name)

    return run


def _clear_old_runs() -> None:
    old = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        workflow_id_prefix="sched-",
        end_time=(utc_now() - _KEEP_SCHEDULED).isoformat(),
        limit=_CLEAR_BATCH,
        load_input=False,
        load_output=False,
    )
    if old:
        DBOS.delete_workflows([run.workflow_id for run in old])
