"""Which control planes are alive, so that the work of a dead one can be taken over.

The durable engine marks each piece of work with the executor that runs it, but does not know
whether that executor still lives. Every control plane therefore keeps a row that it touches.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from visionloop.kernel.clock import utc_now
from visionloop.storage.database import Database, UtcDateTime, metadata

engine_executors = sa.Table(
    "engine_executors",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("process", sa.String(64), nullable=False),
    sa.Column("num_beats", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class Executor:
    """One control plane, as its row tells."""

    id: str
    machine: str
    process: str
    num_beats: int


class Liveness:
    """Keeps one executor's own row fresh and tells which others are dead.

    Silence is measured with the own monotonic clock on the others' beat counter, so clocks that
    differ between machines do no harm.

    Args:
        database: Where the rows are.
        executor_id: Name of this control plane.
        dead_after_s: Silence after which an executor elsewhere counts as dead.
    """

    def __init__(self, database: Database, executor_id: str, *, dead_after_s: float) -> None:
        self._database = database
        self._id = executor_id
        self._dead_after_s = dead_after_s
        self._heard: dict[str, tuple[int, float]] = {}

    def announce(self) -> None:
        """Write the own row; call it before any work is begun."""
        now = utc_now()
        with self._database.begin() as tx:
            tx.execute(
                engine_executors.insert().values(
                    id=self._id,
                    machine=machine_name(),
                    process=process_name(os.getpid()),
                    num_beats=0,
                    started_at=now,
                    seen_at=now,
                )
            )

    def beat(self) -> None:
        """Touch the own row."""
        with self._database.begin() as tx:
            tx.execute(
                engine_executors.update()
                .where(engine_executors.c.id == self._id)
                .values(num_beats=engine_executors.c.num_beats + 1, seen_at=utc_now())
            )

    def withdraw(self, executor_ids: list[str] | None = None) -> None:
        """Remove rows, by default the own one."""
        with self._database.begin() as tx:
            tx.execute(
                engine_executors.delete().where(
                    engine_executors.c.id.in_(executor_ids or [self._id])
                )
            )

    def living(self) -> tuple[set[str], list[str]]:
        """Return the ids of living executors, the own one included, and of dead ones."""
        with self._database.read() as tx:
            rows = tx.execute(sa.select(engine_executors)).mappings().all()
        alive, dead = {self._id}, []
        for row in rows:
            executor = Executor(row["id"], row["machine"], row["process"], row["num_beats"])
            if executor.id == self._id:
                continue
            if self._is_dead(executor):
                dead.append(executor.id)
            else:
                alive.add(executor.id)
        return alive, dead

    def _is_dead(self, executor: Executor) -> bool:
        if executor.machine == machine_name():
            return not is_running(executor.process)
        if self._database.dialect == "sqlite":
            return True  # a local file and another machine name: this machine before a reboot
        now = time.monotonic()
        beats, since = self._heard.get(executor.id, (-1, now))
        if beats != executor.num_beats:
            beats, since = executor.num_beats, now
        self._heard[executor.id] = (beats, since)
        return now - since > self._dead_after_s


def machine_name() -> str:
    """Name this boot of this machine, and this container of it.

    Process ids mean something only within one boot and one process namespace.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def process_name(pid: int) -> str:
    """Name a process by id and, where it can be read, start time, because ids are reused."""
    return f"{pid}:{_start_time(pid)}"


def is_running(process: str) -> bool:
    """Tell whether a process named by :func:`process_name` still runs on this machine."""
    pid = int(process.split(":", 1)[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return process_name(pid) == process


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rsplit(")", 1)[1].split()
    state, started = fields[0], fields[19]
    return "zombie" if state == "Z" else started
