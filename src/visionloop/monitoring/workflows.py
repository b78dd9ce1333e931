"""What monitoring does on schedule: due monitors, endpoint checks, outcomes and retention."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

from visionloop.admin.entities import SYSTEM
from visionloop.kernel.errors import VisionloopError
from visionloop.monitoring import rules
from visionloop.monitoring.alerts import Cause, raise_alert
from visionloop.monitoring.entities import AlertKind, Monitor, MonitorWindow
from visionloop.monitoring.infrastructure import run_endpoint_checks
from visionloop.monitoring.log import apply_retention
from visionloop.monitoring.outcomes import collect_outcomes
from visionloop.monitoring.predictions import count_requests
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.monitoring.windows import run_monitor
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

MONITORS_EVERY_S: Final = 5
CHECKS_EVERY_S: Final = 10
RETENTION_EVERY_S: Final = 3600
_log = logging.getLogger(__name__)


class Scheduler(Protocol):
    """The part of the durable engine that monitoring needs."""

    def register_scheduled(self, name: str, function: Callable[[datetime, Any], None]) -> None:
        """Make a function callable by schedules."""
        ...

    def schedule(
        self, name: str, every: str | float, function: str, *, context: Any = None
    ) -> None:
        """Run a registered function again and again."""
        ...


def register(engine: Scheduler, database: Database, home: Home, blobs: BlobStore) -> None:
    """Tell the engine what monitoring does; call it before the engine is launched."""
    tasks: dict[str, Callable[[], Any]] = {
        "monitoring.run_monitors": lambda: run_due_monitors(database, home, blobs),
        "monitoring.check_endpoints": lambda: run_endpoint_checks(database, home),
        "monitoring.apply_retention": lambda: run_retention(database, home),
    }
    for name, task in tasks.items():
        engine.register_scheduled(name, _ignore_time(task))


def schedule(engine: Scheduler) -> None:
    """Start the schedules; call it once the engine is launched."""
    engine.schedule("monitoring-monitors", MONITORS_EVERY_S, "monitoring.run_monitors")
    engine.schedule("monitoring-endpoints", CHECKS_EVERY_S, "monitoring.check_endpoints")
    engine.schedule("monitoring-retention", RETENTION_EVERY_S, "monitoring.apply_retention")


def run_due_monitors(database: Database, home: Home, blobs: BlobStore) -> list[MonitorWindow]:
    """Evaluate every enabled monitor that has enough new requests.

    A monitor that cannot be evaluated raises the alert ``stale_monitor`` and does not keep
    the others waiting.
    """
    with database.read() as tx:
        monitors = [monitor for monitor in monitor_store.list_monitors(tx) if monitor.is_enabled]
    windows = []
    for monitor in monitors:
        try:
            if _is_due(database, home, monitor):
                windows.append(
                    run_monitor(
                        database,
                        home,
                        blobs,
                        SYSTEM,
                        project=monitor.project,
                        monitor=monitor.name,
                    )
                )
            collect_outcomes(database, monitor)
        except VisionloopError as error:
            _raise_stale(database, monitor, error.message)
        except Exception:
            _log.exception("monitor %s/%s failed", monitor.project, monitor.name)
            _raise_stale(database, monitor, "an unexpected error; see the log of the control plane")
    return windows


def run_retention(database: Database, home: Home) -> int:
    """Delete what is older than each endpoint's longest retention; return records deleted."""
    with database.read() as tx:
        monitors = monitor_store.list_monitors(tx)
    days: dict[str, int] = {}
    for monitor in monitors:
        known = days.get(monitor.endpoint, 0)
        days[monitor.endpoint] = max(known, monitor.settings.retention_days)
    return sum(apply_retention(home, name, keep_days=keep) for name, keep in days.items())


def _is_due(database: Database, home: Home, monitor: Monitor) -> bool:
    counted = count_requests(home, monitor.endpoint, deployment=monitor.deployment)
    if counted is None:
        return False
    digest, num_requests = counted
    with database.read() as tx:
        newest, _ = monitor_store.list_windows(tx, monitor.id, model_digest=digest, limit=1)
    evaluated = newest[0].num_requests if newest else 0
    return rules.is_due(num_requests, evaluated, monitor.settings.every_requests)


def _raise_stale(database: Database, monitor: Monitor, reason: str) -> None:
    cause = Cause(
        project=monitor.project,
        endpoint=monitor.endpoint,
        kind=AlertKind.STALE_MONITOR,
        summary=f"Monitor '{monitor.name}' cannot be evaluated: {reason}",
        facts={"monitor": monitor.name, "reason": reason},
        monitor_id=monitor.id,
    )
    with database.begin() as tx:
        raise_alert(tx, SYSTEM, cause)


def _ignore_time(task: Callable[[], Any]) -> Callable[[datetime, Any], None]:
    def run(_scheduled_at: datetime, _context: Any) -> None:
        task()

    return run
