"""Keeps the process of every endpoint as the database wants it."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass

from visionloop.admin.entities import SYSTEM
from visionloop.admin.events import publish
from visionloop.kernel.digests import write_atomically
from visionloop.serving import processes, rules, store
from visionloop.serving.endpoints import is_port_free, move_to_free_port
from visionloop.serving.entities import Endpoint
from visionloop.serving.errors import EndpointUnavailable
from visionloop.serving.files import (
    ENDPOINT_FILE,
    endpoint_folder,
    remove_folder,
    write_endpoint_file,
)
from visionloop.serving.health import SUPERVISION_FILE, read_status
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_log = logging.getLogger(__name__)
_PROBE_EVERY_S = 2.0
_PROBE_TIMEOUT_S = 5.0
_START_GRACE_S = 20.0
_MISSES_ALLOWED = 3
_STABLE_AFTER_S = 60.0


@dataclass
class _Watch:
    """What the supervisor remembers about one endpoint; lost, not missed, at a restart."""

    failures: int = 0
    restarts: int = 0
    misses: int = 0
    seen_alive: bool = False
    started_at: float = 0.0
    next_start: float = 0.0
    next_probe: float = 0.0


class EndpointSupervisor:
    """Starts, adopts, probes and restarts the processes of online endpoints.

    Processes outlive it: a new supervisor adopts what an earlier one started.

    Args:
        database: Where the desired state is.
        home: Where the processes run.
        interval_s: How often to look.
    """

    def __init__(self, database: Database, home: Home, *, interval_s: float = 0.5) -> None:
        self._database = database
        self._home = home
        self._interval_s = interval_s
        self._watches: dict[str, _Watch] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to supervise, in a thread."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="endpoint-supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop supervising; the endpoints go on answering."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=_PROBE_TIMEOUT_S + 5.0)

    def stop_endpoints(self) -> None:
        """Stop supervising and stop every endpoint's process, for ``visionloop down``."""
        self.stop()
        for folder in self._home.endpoints_dir.iterdir():
            processes.stop_process(folder)

    def tick(self) -> None:
        """Look at every endpoint once and bring it nearer to its desired state."""
        with self._database.read() as tx:
            endpoints = store.list_endpoints(tx)
        for endpoint in endpoints:
            watch = self._watches.setdefault(endpoint.name, _Watch())
            try:
                self._reconcile(endpoint, watch)
            except Exception:
                # One broken endpoint must not leave the others without supervision.
                _log.exception("could not supervise endpoint %s", endpoint.name)
        self._forget({endpoint.name for endpoint in endpoints})

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except Exception:
                _log.exception("could not look at the endpoints")
            self._stopping.wait(self._interval_s)

    def _reconcile(self, endpoint: Endpoint, watch: _Watch) -> None:
        folder = endpoint_folder(self._home, endpoint.name)
        if endpoint.desired_state == "stopped":
            if processes.stop_process(folder):
                self._watches[endpoint.name] = _Watch()
            return
        write_endpoint_file(self._database, self._home, endpoint.name)
        now = time.monotonic()
        if processes.running_process(folder) is not None:
            self._probe(endpoint, watch, now)
        elif not processes.is_starting(folder):
            self._start(endpoint, watch, now)

    def _start(self, endpoint: Endpoint, watch: _Watch, now: float) -> None:
        folder = endpoint_folder(self._home, endpoint.name)
        died = watch.seen_alive or watch.started_at > 0.0
        if died:
            self._note_death(endpoint, watch, now)
        if now < watch.next_start:
            return
        if not is_port_free(endpoint.host, endpoint.port):
            if (folder / processes.RECORD_FILE).exists():
                watch.failures += 1
                watch.next_start = now + rules.restart_delay_s(watch.failures)
                reason = f"port {endpoint.port} is in use by another process"
                self._write_supervision(endpoint, watch, reason)
                return
            endpoint = move_to_free_port(self._database, endpoint)
            write_endpoint_file(self._database, self._home, endpoint.name)
        pid = processes.start_process(folder)
        watch.started_at = now
        watch.next_probe = now
        watch.misses = 0
        if watch.failures:
            watch.restarts += 1
            self._write_supervision(endpoint, watch, None)
        self._publish(endpoint, "started", {"pid": pid, "restarts": watch.restarts})

    def _note_death(self, endpoint: Endpoint, watch: _Watch, now: float) -> None:
        stable = now - watch.started_at > _STABLE_AFTER_S
        watch.failures = 1 if stable else watch.failures + 1
        watch.next_start = now + rules.restart_delay_s(watch.failures)
        watch.seen_alive = False
        watch.started_at = 0.0
        self._write_supervision(endpoint, watch, "its process ended; see its log")
        self._publish(endpoint, "died", {"failures": watch.failures})

    def _probe(self, endpoint: Endpoint, watch: _Watch, now: float) -> None:
        if not watch.seen_alive:
            # Started here or adopted; either way it lives from now on.
            watch.seen_alive = True
            watch.started_at = watch.started_at or now
        if now < watch.next_probe:
            return
        watch.next_probe = now + _PROBE_EVERY_S
        try:
            read_status(self._home, endpoint, timeout_s=_PROBE_TIMEOUT_S)
        except EndpointUnavailable as error:
            if now - watch.started_at < _START_GRACE_S and watch.misses == 0:
                return
            watch.misses += 1
            if watch.misses >= _MISSES_ALLOWED:
                _log.warning("endpoint %s hangs: %s", endpoint.name, error.message)
                processes.kill_process(endpoint_folder(self._home, endpoint.name))
            return
        watch.misses = 0
        if watch.failures and now - watch.started_at > _STABLE_AFTER_S:
            watch.failures = 0
            self._write_supervision(endpoint, watch, None)

    def _forget(self, present: set[str]) -> None:
        """Stop and remove what belongs to endpoints that are no more."""
        for folder in self._home.endpoints_dir.iterdir():
            if folder.name in present or not (folder / ENDPOINT_FILE).is_file():
                continue
            with self._database.read() as tx:
                if store.find_endpoint(tx, folder.name) is not None:
                    continue
            processes.stop_process(folder)
            remove_folder(self._home, folder.name)
            self._watches.pop(folder.name, None)

    def _write_supervision(self, endpoint: Endpoint, watch: _Watch, error: str | None) -> None:
        noted = {
            "restarts": watch.restarts,
            "failures": watch.failures,
            "last_error": error,
        }
        path = endpoint_folder(self._home, endpoint.name) / SUPERVISION_FILE
        write_atomically(path, json.dumps(noted).encode())

    def _publish(self, endpoint: Endpoint, verb: str, facts: dict[str, int]) -> None:
        with self._database.begin() as tx:
            publish(
                tx,
                type=f"visionloop.endpoint.{verb}",
                project=endpoint.project,
                subject=f"endpoint/{endpoint.name}",
                actor=SYSTEM,
                data={"workspace": endpoint.workspace, **facts},
            )
