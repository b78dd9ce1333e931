"""Time to open the next of 50,000 queued images and to count the rest, on SQLite.

python bench/labeling_queue.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import visionloop.bootstrap  # noqa: F401  declares every table
from visionloop.kernel.clock import utc_now
from visionloop.labeling.entities import LabelTask, Pull, TaskState
from visionloop.labeling.store import candidates as candidate_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database
from visionloop.storage.schema import migrate

NUM_TASKS = 50_000
REPEATS = 50


def main() -> None:
    """Fill a queue, take from it, print medians."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'queue.db'}")
        migrate(database)
        with database.begin() as tx:
            for start in range(0, NUM_TASKS, 5_000):
                task_store.insert_tasks(tx, [_task(n) for n in range(start, start + 5_000)])
        print(f"{NUM_TASKS} open tasks, a third of them with a priority of their own")
        for queue in ("labeling", None):
            found, counted = _measure(database, queue)
            print(f"queue {queue}: next 5 in {found:.2f} ms, counting {counted:.2f} ms (median)")
        print("target: together under 10 ms")
        database.dispose()


def _measure(database: Database, queue: str | None) -> tuple[float, float]:
    found, counted = [], []
    for _ in range(REPEATS):
        pull = Pull("parts", "lena", utc_now(), queue)
        with database.read() as tx:
            start = time.perf_counter()
            task = candidate_store.list_candidates(tx, pull, limit=5)[0]
            found.append(time.perf_counter() - start)
            start = time.perf_counter()
            candidate_store.count_candidates(tx, pull)
            counted.append(time.perf_counter() - start)
        with database.begin() as tx:
            task_store.update_task(tx, replace(task, state=TaskState.SUBMITTED))
    return statistics.median(found) * 1000, statistics.median(counted) * 1000


def _task(number: int) -> LabelTask:
    return LabelTask(
        id=f"task_{number:05}",
        project="parts",
        image_id=f"{number:064x}",
        queue="labeling",
        state=TaskState.OPEN,
        priority=number % 3,
        created_by="system",
        created_at=utc_now(),
    )


if __name__ == "__main__":
    main()
